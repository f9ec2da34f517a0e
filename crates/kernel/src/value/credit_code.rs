//! Unified social credit code, 统一社会信用代码, of GB 32100-2015: the one key of an organisation.
//!
//! Eighteen characters: registering department (1), kind (2), administrative division of the
//! registering authority by GB/T 2260 (3–8), organisation code of GB 11714-1997 (9–17), check (18).
//! Older identifiers (15-digit registration number, 9-character organisation code) are not credit
//! codes and are refused by length.

mod standard;

use super::text;
use serde::{Deserialize, Serialize};
use standard::{ALPHABET, check_character, organisation_check};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

const LENGTH: usize = 18;

/// A well-formed code: right length, alphabet and check character.
///
/// A key that is held and compared by the million, hence `Copy` and without allocation.
/// Serialised as its text; deserialising checks it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode([u8; LENGTH]);

/// A code that was accepted, and what should still be told to the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The code, normalised.
    pub code: CreditCode,
    /// Chinese sentence when positions 9–17 fail their own check of GB 11714: some codes were issued
    /// so, hence no error.
    pub warning: Option<String>,
}

/// Why a text is no credit code. `Display` is the sentence shown at the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CreditCodeError {
    /// Not eighteen characters after normalising.
    #[error("{}", length_message(*found))]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character outside the alphabet of GB 32100-2015.
    #[error("第{position}位“{found}”不是统一社会信用代码可用的字符（不用字母I、O、S、V、Z）{}，请对照营业执照更正", look_alike(*found))]
    Alphabet {
        /// Position of the first wrong character, counted from 1.
        position: usize,
        /// The character found there.
        found: char,
    },
    /// The eighteenth character does not follow from the first seventeen.
    #[error("校验不通过：按前17位推算末位应为“{expected}”，现为“{found}”，请对照营业执照逐位核对")]
    Check {
        /// The check character that the first seventeen positions demand.
        expected: char,
        /// The one given.
        found: char,
    },
}

impl CreditCode {
    /// Parses a typed code. Full-width forms, white space and lower case are put right first.
    ///
    /// # Errors
    /// [`CreditCodeError`], the first of length, alphabet, check character that fails.
    pub fn parse(raw: &str) -> Result<Checked, CreditCodeError> {
        let text = text::compact(raw).to_uppercase();
        let found = text.chars().count();
        if found != LENGTH {
            return Err(CreditCodeError::Length { found });
        }
        let mut bytes = [0; LENGTH];
        for (index, (slot, c)) in bytes.iter_mut().zip(text.chars()).enumerate() {
            *slot = in_alphabet(index + 1, c)?;
        }
        let code = CreditCode(bytes);
        let (expected, found) = (check_character(&bytes), char::from(bytes[LENGTH - 1]));
        if expected != bytes[LENGTH - 1] {
            return Err(CreditCodeError::Check { expected: char::from(expected), found });
        }
        Ok(Checked { code, warning: code.organisation_warning() })
    }

    /// Makes a valid code from positions 1–8 (such as `91420299`) and the eight body characters of
    /// the organisation code (such as `MADE0001`), computing both check characters.
    ///
    /// For synthetic data only: real codes are issued, never computed.
    ///
    /// # Errors
    /// [`CreditCodeError::Length`] with the length the code would have had when a part is not eight
    /// characters long; [`CreditCodeError::Alphabet`] with the position inside the whole code.
    /// Parts are taken as they are: lower case is an error.
    pub fn compose(prefix8: &str, body8: &str) -> Result<CreditCode, CreditCodeError> {
        let (prefix, body) = (prefix8.chars().count(), body8.chars().count());
        if prefix != 8 || body != 8 {
            return Err(CreditCodeError::Length { found: prefix + body + 2 });
        }
        let mut bytes = [0; LENGTH];
        for (index, (slot, c)) in bytes.iter_mut().zip(prefix8.chars().chain(body8.chars())).enumerate() {
            *slot = in_alphabet(index + 1, c)?;
        }
        bytes[16] = organisation_check(&bytes);
        bytes[17] = check_character(&bytes);
        Ok(CreditCode(bytes))
    }

    /// The eighteen characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("invariant: every byte was taken from the alphabet")
    }

    /// Kind of registrant told by positions 1 and 2 (lists of GB 32100-2015),
    /// such as `企业` or `个体工商户`; `None` for a pair the standard does not define.
    pub fn registrant(&self) -> Option<&'static str> {
        standard::registrant(self.as_str().get(..2)?)
    }

    /// Division code (GB/T 2260) of the authority that registered it, positions 3–8. It tells where
    /// the code was issued, not where the organisation is today.
    pub fn region(&self) -> &str {
        self.as_str().get(2..8).unwrap_or_default()
    }

    /// Organisation code (GB 11714), positions 9–17.
    pub fn organisation_code(&self) -> &str {
        self.as_str().get(8..17).unwrap_or_default()
    }

    fn organisation_warning(&self) -> Option<String> {
        let (expected, found) = (char::from(organisation_check(&self.0)), char::from(self.0[16]));
        (expected != found).then(|| {
            format!(
                "第9至17位的组织机构代码校验不符（第17位应为“{expected}”，现为“{found}”），\
                 少数已发代码如此，请对照营业执照核对后保存"
            )
        })
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreditCode({self})")
    }
}

/// Where nobody is left to read a warning, such as a stored row.
impl FromStr for CreditCode {
    type Err = CreditCodeError;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        CreditCode::parse(raw).map(|checked| checked.code)
    }
}

impl TryFrom<String> for CreditCode {
    type Error = CreditCodeError;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.parse()
    }
}

impl From<CreditCode> for String {
    fn from(code: CreditCode) -> Self {
        code.as_str().to_owned()
    }
}

fn in_alphabet(position: usize, found: char) -> Result<u8, CreditCodeError> {
    u8::try_from(found).ok().filter(|byte| ALPHABET.contains(byte)).ok_or(CreditCodeError::Alphabet { position, found })
}

fn length_message(found: usize) -> String {
    let hint = match found {
        0 => return "请填写18位统一社会信用代码".to_owned(),
        9 => "；9位是原组织机构代码，请改填营业执照上的统一社会信用代码",
        15 => "；15位是原工商注册号，请改填营业执照上的统一社会信用代码",
        _ => "，请对照营业执照补全或删去多余字符",
    };
    format!("统一社会信用代码应为18位，现为{found}位{hint}")
}

/// What the person probably meant, for the four letters left out because they look like digits.
fn look_alike(found: char) -> String {
    let meant = match found {
        'I' => '1',
        'O' => '0',
        'S' => '5',
        'Z' => '2',
        _ => return String::new(),
    };
    format!("，是否应为“{meant}”")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALID: &str = "914403001922038216 9144030071526726XG 91440300192317458F 9152000071430580XT \
        91110000600037341L 91330100799655058B 91440400192548256N 91370200264574251E \
        91110000710925462X 91110000710926094P 91100000100003962T 91110000802100433B \
        91440300192181490G 91110108551385082Q 91350900587527783P 9144030027939873X7 \
        914403003296132911 91440606722473344C 91350100M000100Y43 \
        91420299MADEMK008T 91420299MADEMK016M 91420299MADEMK024G 91420299MADEMK032B \
        91420299MADEMK0406 91420299MADEMK0593 92420299MADEMK067T 92420299MADEMK075M \
        92420299MADEMK083G 92420299MADEMK091B";

    #[test]
    fn accepts_real_and_demonstration_codes_without_warning() {
        for raw in VALID.split_whitespace() {
            let checked = CreditCode::parse(raw).expect(raw);
            assert_eq!((checked.code.as_str(), checked.warning), (raw, None));
        }
    }

    #[test]
    fn puts_width_case_and_spaces_right_first() {
        for raw in ["91350100m000100y43", " ９１３５０１００ｍ０００１００ｙ４３　", "9135 0100 M000 100Y 43\n"]
        {
            assert_eq!(raw.parse::<CreditCode>().expect(raw).as_str(), "91350100M000100Y43");
        }
    }

    #[test]
    fn tells_length_alphabet_and_check_apart() {
        use CreditCodeError::{Alphabet, Check, Length};
        for (raw, expected) in [
            ("", Length { found: 0 }),
            ("91350100M000100Y4", Length { found: 17 }),
            ("91350100M000100Y433", Length { found: 19 }),
            ("91350100M000100Y4Z", Alphabet { position: 18, found: 'Z' }),
            ("9135O100M000100Y43", Alphabet { position: 5, found: 'O' }),
            ("91350100M000企00Y43", Alphabet { position: 13, found: '企' }),
            ("914403001922038217", Check { expected: '6', found: '7' }),
        ] {
            assert_eq!(CreditCode::parse(raw), Err(expected), "{raw}");
        }
        for letter in ['I', 'O', 'S', 'V', 'Z'] {
            let raw = format!("91350100{letter}000100Y43");
            assert_eq!(CreditCode::parse(&raw), Err(Alphabet { position: 9, found: letter }));
        }
    }

    #[test]
    fn says_what_to_do() {
        let message = |raw| CreditCode::parse(raw).expect_err(raw).to_string();
        assert!(message("420200000012345").contains("15位是原工商注册号"));
        assert!(message("9135O100M000100Y43").contains("第5位“O”"));
        assert!(message("9135O100M000100Y43").contains("是否应为“0”"));
        assert!(message("914403001922038217").contains("末位应为“6”，现为“7”"));
    }

    #[test]
    fn a_failing_organisation_code_is_only_a_warning() {
        let checked = CreditCode::parse("91420299MADEMK0015").expect("mod 31 is right");
        assert!(checked.warning.is_some_and(|text| text.contains("第17位应为“8”，现为“1”")));
    }

    #[test]
    fn reads_its_parts() {
        let code: CreditCode = "92420299MADEMK067T".parse().expect("valid");
        assert_eq!(code.registrant(), Some("个体工商户"));
        assert_eq!((code.region(), code.organisation_code()), ("420299", "MADEMK067"));
        let undefined = CreditCode::compose("95420299", "MADE0001").expect("alphabet is right");
        assert_eq!(undefined.registrant(), None);
    }

    #[test]
    fn composes_codes_that_pass_both_checks() {
        let code = CreditCode::compose("91420299", "MADEMK00").expect("valid parts");
        assert_eq!(code.as_str(), "91420299MADEMK008T");
        assert_eq!(CreditCode::compose("91420299", "MADE001"), Err(CreditCodeError::Length { found: 17 }));
        let lower = CreditCodeError::Alphabet { position: 9, found: 'm' };
        assert_eq!(CreditCode::compose("91420299", "mADE0001"), Err(lower));
    }

    #[test]
    fn serialises_as_text_and_checks_when_read() {
        let code: CreditCode = "91350100M000100Y43".parse().expect("valid");
        let json = serde_json::to_string(&code).expect("a string");
        assert_eq!(json, "\"91350100M000100Y43\"");
        assert_eq!(serde_json::from_str::<CreditCode>(&json).expect("valid"), code);
        assert!(serde_json::from_str::<CreditCode>("\"91350100M000100Y44\"").is_err());
    }

    proptest! {
        #[test]
        fn composed_codes_are_read_back(prefix in "9[123]4202[0-9]{2}", body in "[0-9A-HJ-NPQRTUWXY]{8}") {
            let code = CreditCode::compose(&prefix, &body).expect("valid parts");
            prop_assert_eq!(CreditCode::parse(code.as_str()), Ok(Checked { code, warning: None }));
        }

        #[test]
        fn one_changed_character_never_passes(position in 0_usize..18, to in 0_usize..31) {
            let mut bytes = *b"914403001922038216";
            prop_assume!(bytes[position] != ALPHABET[to]);
            bytes[position] = ALPHABET[to];
            prop_assert!(CreditCode::parse(&String::from_utf8_lossy(&bytes)).is_err());
        }

        #[test]
        fn never_panics(raw in any::<String>()) {
            let _ = CreditCode::parse(&raw);
        }
    }
}
