//! Whole numbers in text.

use std::str::FromStr;

/// Reads a whole number in its one form: digits without spaces, separators, a plus or zeros in front, and a minus where it
/// is below 0. What could be a code with its zeros, or a number cut short, is none.
pub fn parse<N: FromStr>(text: &str) -> Option<N> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_plain = text == "0" || (matches!(digits, [b'1'..=b'9', ..]) && digits.iter().all(u8::is_ascii_digit));
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        for (text, number) in [("0", 0), ("7", 7), ("-5", -5), ("50000000", 50_000_000)] {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        for text in ["", "-", "+5", "007", "-0", "-07", "00", "5.0", "1e3", "1 000", "1,000", " 5", "0x1", "٣", "５"]
        {
            assert_eq!(parse::<i64>(text), None, "{text}");
        }
        assert_eq!(parse::<u8>("256"), None);
        assert_eq!(parse::<u8>("-1"), None);
    }
}
