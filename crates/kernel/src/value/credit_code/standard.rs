//! The arithmetic and the code lists of GB 32100-2015 and GB 11714-1997.

use super::LENGTH;

/// The character set of GB 32100-2015, in the order of the values 0–30; I, O, S, V and Z are left out.
pub(super) const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights 3^(i-1) mod 31 of positions 1–17 in the check character of GB 32100-2015.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Weights of the eight body characters of an organisation code (GB 11714-1997).
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Position 18: 31 − (Σ value·weight mod 31), 31 counting as 0.
pub(super) fn check_character(bytes: &[u8; LENGTH]) -> u8 {
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(byte, weight)| value(*byte) * weight).sum();
    ALPHABET[((31 - sum % 31) % 31) as usize]
}

/// Value of a character in GB 32100-2015: its place in the alphabet.
fn value(byte: u8) -> u32 {
    ALPHABET.iter().zip(0..).find(|(known, _)| **known == byte).map_or(0, |(_, value)| value)
}

/// Position 17: 11 − (Σ value·weight mod 11), 10 written X, 11 written 0. Letters count A = 10 … Z = 35
/// here, unlike in GB 32100.
pub(super) fn organisation_check(bytes: &[u8; LENGTH]) -> u8 {
    let body = bytes.iter().skip(8).map(|byte| char::from(*byte).to_digit(36).unwrap_or(0));
    let sum: u32 = body.zip(ORGANISATION_WEIGHTS).map(|(value, weight)| value * weight).sum();
    b"0X987654321"[(sum % 11) as usize]
}

/// What positions 1 and 2 say of the registrant; `None` for a pair the standard does not define.
pub(super) fn registrant(pair: &str) -> Option<&'static str> {
    REGISTRANTS.iter().find(|(code, _)| *code == pair).map(|(_, label)| *label)
}

/// Registering departments and kinds of registrant listed by GB 32100-2015.
const REGISTRANTS: &[(&str, &str)] = &[
    ("11", "机关"),
    ("12", "事业单位"),
    ("13", "编办直接管理机构编制的群众团体"),
    ("19", "机构编制部门管理的其他机构"),
    ("21", "外国常驻新闻机构"),
    ("29", "外交部门登记的其他机构"),
    ("31", "律师执业机构"),
    ("32", "公证处"),
    ("33", "基层法律服务所"),
    ("34", "司法鉴定机构"),
    ("35", "仲裁委员会"),
    ("39", "司法行政部门登记的其他机构"),
    ("41", "外国在华文化中心"),
    ("49", "文化部门登记的其他机构"),
    ("51", "社会团体"),
    ("52", "民办非企业单位"),
    ("53", "基金会"),
    ("59", "民政部门登记的其他机构"),
    ("61", "外国旅游部门常驻代表机构"),
    ("62", "港澳台地区旅游部门常驻内地（大陆）代表机构"),
    ("69", "旅游部门登记的其他机构"),
    ("71", "宗教活动场所"),
    ("72", "宗教院校"),
    ("79", "宗教部门登记的其他机构"),
    ("81", "基层工会"),
    ("89", "工会系统登记的其他机构"),
    ("91", "企业"),
    ("92", "个体工商户"),
    ("93", "农民专业合作社"),
    ("A1", "军队事业单位"),
    ("A9", "中央军委改革和编制办公室管理的其他机构"),
    ("N1", "组级集体经济组织"),
    ("N2", "村级集体经济组织"),
    ("N3", "乡镇级集体经济组织"),
    ("N9", "农业部门登记的其他机构"),
    ("Y1", "其他机构"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabet_and_weights_are_those_of_the_standard() {
        assert!("IOSVZ".bytes().all(|left_out| !ALPHABET.contains(&left_out)));
        let powers = std::iter::successors(Some(1), |weight| Some(weight * 3 % 31));
        assert!(powers.zip(WEIGHTS).all(|(power, weight)| power == weight));
    }

    #[test]
    fn computes_the_example_of_the_standard() {
        let code = *b"91350100M000100Y43";
        assert_eq!((check_character(&code), organisation_check(&code)), (b'3', b'4'));
    }

    #[test]
    fn registrants_are_sorted_without_duplicates() {
        assert!(REGISTRANTS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(registrant("91"), Some("企业"));
        assert_eq!(registrant("95"), None);
    }
}
