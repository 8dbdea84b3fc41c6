//! Names of units with and without their type.

use crate::domain::text::fold;

/// The types of units in Vietnamese, each before the ones it begins with.
const TYPES: [&str; 9] = ["thành phố", "thị trấn", "thị xã", "tỉnh", "quận", "huyện", "phường", "đặc khu", "xã"];

/// The name in the form it is searched: folded, without its type, so that a prefix search by index finds "Phủ Thông"
/// whether it is a township or, since 2025, a commune.
pub fn folded(name: &str) -> String {
    fold(bare(name))
}

/// The name without its type: "Xã Phủ Thông" is Phủ Thông.
pub fn bare(name: &str) -> &str {
    TYPES.iter().find_map(|kind| after(name, kind)).unwrap_or(name)
}

/// Whether the name begins with that type.
pub fn begins_with(name: &str, kind: &str) -> bool {
    after(name, kind).is_some()
}

/// A folded text without the type it may begin with, and that type folded.
pub fn split_folded(text: &str) -> Option<(String, &str)> {
    TYPES.iter().find_map(|kind| {
        let kind = fold(kind);
        let rest = text.strip_prefix(kind.as_str())?.strip_prefix(' ')?;
        Some((kind, rest))
    })
}

fn after<'a>(name: &'a str, kind: &str) -> Option<&'a str> {
    let mut rest = name.chars();
    for expected in kind.chars() {
        if !rest.next()?.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    rest.as_str().strip_prefix(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_folded_without_its_type() {
        assert_eq!(folded("Thị trấn Phủ Thông"), "phu thong");
        assert_eq!(folded("Xã Xà Bang"), "xa bang");
        assert_eq!(folded("Phường 5"), "5");
        assert_eq!(bare("Thành phố Hồ Chí Minh"), "Hồ Chí Minh");
    }
}
