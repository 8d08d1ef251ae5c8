use std::ops::RangeInclusive;

/// The number of digits of 2^64 − 1.
const MAX_DIGITS: usize = 20;

/// Parses a whole number: 1 to 20 ASCII digits, leading zeros included, at most 2^64 − 1. `None` for anything else,
/// such as a sign or digits of other scripts.
#[must_use]
pub fn whole_number(text: &str) -> Option<u64> {
    let well_formed = text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    // `parse` refuses the empty text and numbers above 64 bits. It would accept a sign, which the check above excludes.
    if well_formed { text.parse().ok() } else { None }
}

/// Parses a whole number that lies within `bounds`. `None` for anything else.
#[must_use]
pub fn bounded(text: Option<&str>, bounds: RangeInclusive<u64>) -> Option<u64> {
    text.and_then(whole_number).filter(|number| bounds.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_one_to_twenty_ascii_digits() {
        assert_eq!(whole_number("0"), Some(0));
        assert_eq!(whole_number("42"), Some(42));
        assert_eq!(whole_number("00000000000000000042"), Some(42));
        assert_eq!(whole_number("000000000000000000042"), None);
        assert_eq!(whole_number(""), None);
    }

    #[test]
    fn the_largest_whole_number_fills_64_bits() {
        assert_eq!(whole_number("18446744073709551615"), Some(u64::MAX));
        assert_eq!(whole_number("18446744073709551616"), None);
        assert_eq!(whole_number("99999999999999999999"), None);
    }

    #[test]
    fn signs_blanks_fractions_and_other_scripts_are_no_digits() {
        for text in ["+5", "-5", " 5", "5 ", "5.0", "1e3", "0x10", "٣", "５", "²", "1_000"] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }

    #[test]
    fn bounds_are_inclusive() {
        assert_eq!(bounded(Some("0"), 0..=4), Some(0));
        assert_eq!(bounded(Some("4"), 0..=4), Some(4));
        assert_eq!(bounded(Some("5"), 0..=4), None);
        assert_eq!(bounded(None, 0..=4), None);
    }
}
