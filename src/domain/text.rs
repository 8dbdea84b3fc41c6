//! Vietnamese text: one normal form to store, one folded form to search and match.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text in NFC with the spaces at its ends dropped and runs of spaces made one.
pub fn clean(text: &str) -> String {
    // ASCII is composed as it stands, as are nearly all references, numbers and codes.
    let text = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) };
    let mut clean = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    clean
}

/// The text as it is searched: no accents, đ as d, lower case, one space between words, no apostrophes and hyphens.
/// NFD alone does not take đ apart.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for c in word.nfd().filter(|c| !is_combining_mark(*c)) {
            match c {
                'đ' | 'Đ' => folded.push('d'),
                '\'' | '’' | 'ʼ' | '`' | '-' => {}
                _ => folded.extend(c.to_lowercase()),
            }
        }
    }
    folded
}

/// The least text that is greater than every text beginning with `prefix`: the open end of a prefix search by index.
pub fn after_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_takes_accents_and_d_with_stroke_away() {
        assert_eq!(fold("Đỗ  Thị Hòa"), "do thi hoa");
        assert_eq!(fold("Nguye\u{302}\u{303}n Phu\u{301}c"), fold("Nguyễn Phúc"));
        assert_eq!(fold("Ea T'Ling"), fold("Ea TLing"));
        assert_eq!(fold("HÒA"), fold("hoà"));
    }

    #[test]
    fn clean_composes() {
        assert_eq!(clean("  Nguye\u{302}\u{303}n   Lan "), "Nguyễn Lan");
    }
}
