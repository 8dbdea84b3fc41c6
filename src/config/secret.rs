//! Values that must not be seen in a log, an error or `--help`.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};

/// Text whose debug form hides it: a URL with a password, a client secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// The 32 bytes that seal the signing keys at rest.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// What a key may look like, for the message that refuses one.
    pub const ALLOWED: &str = "32 random bytes as 64 hex digits or as base64 (openssl rand -base64 32)";

    /// Reads 64 hex digits, or base64 with or without padding; white space around it is left out. Bytes that are all alike,
    /// such as zeros, were never drawn: they stand where somebody meant to put a key.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = if text.len() == 64 {
            hex(text)?
        } else {
            BASE64_STANDARD.decode(format!("{:=<44}", text.trim_end_matches('='))).ok()?
        };
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        bytes.iter().any(|byte| *byte != bytes[0]).then_some(Self(bytes))
    }

    /// The bytes, for the cipher.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for SecretKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_hex_and_from_base64() {
        let mut bytes = [0xAB; 32];
        bytes[31] = 0xCD;
        let (key, hex, base64) =
            (SecretKey::from(bytes), format!("{}cd", "ab".repeat(31)), BASE64_STANDARD.encode(bytes));

        assert_eq!(SecretKey::parse(&hex), Some(key.clone()));
        assert_eq!(SecretKey::parse(&format!(" {base64}\n")), Some(key.clone()));
        assert_eq!(SecretKey::parse(base64.trim_end_matches('=')), Some(key));
        for wrong in ["", "abc", &"zz".repeat(32), &"ab".repeat(31), &"é".repeat(32)] {
            assert_eq!(SecretKey::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_nobody_has_drawn_is_no_key() {
        for weak in ["00".repeat(32), "ff".repeat(32), "5e".repeat(32), BASE64_STANDARD.encode([0; 32])] {
            assert_eq!(SecretKey::parse(&weak), None, "{weak}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?} {:?}", Secret::new("pass"), SecretKey::from([7; 32])), "[hidden] [hidden]");
    }
}
