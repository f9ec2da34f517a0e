//! Identity numbers of natural persons (GB 11643). Until the platform keeps fields encrypted, only the last four
//! characters are stored: enough to recognise somebody at the counter, too little to find somebody.

/// The last four characters of an identity number whose check character is right.
///
/// # Errors
/// What to do about it, in Chinese. The number itself is never repeated.
pub fn tail(typed: &str) -> Result<String, String> {
    let text: String = kernel::value::text::compact(typed).to_uppercase();
    let digits: Vec<u32> = text
        .chars()
        .enumerate()
        .filter_map(|(i, c)| if i == 17 && c == 'X' { Some(10) } else { c.to_digit(10) })
        .collect();
    if digits.len() != 18 || text.chars().count() != 18 {
        return Err("身份证号应为 18 位，最后一位可以是 X".into());
    }
    // ISO 7064 MOD 11-2: weights 2^(17-i) mod 11; the whole sums to 1.
    let sum: u32 = digits.iter().enumerate().map(|(i, d)| d * (2_u32.pow(17 - i as u32) % 11)).sum();
    match sum % 11 {
        1 => Ok(text.chars().skip(14).collect()),
        _ => Err("身份证号的校验位不对，请核对".into()),
    }
}

/// As shown: everything but the last four characters is hidden.
pub fn masked(tail: &str) -> String {
    if tail.is_empty() { String::new() } else { format!("**************{tail}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_four_characters_are_kept() {
        // Made up: an unassigned region, a day in 1900.
        assert_eq!(tail("990299190001010019").as_deref(), Ok("0019"));
        let wrong = tail("990299190001010016").expect_err("refused");
        assert!(wrong.contains("校验位") && !wrong.contains("9902"));
        assert!(tail("9902991900").is_err() && tail("99029919000101001Y").is_err() && tail("").is_err());
        assert_eq!(masked("0019"), "**************0019");
    }
}
