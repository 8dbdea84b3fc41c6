//! Signed compact tokens (RFC 7515), taken apart before anything in them is believed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde_json::Value;

use super::claims::{Flaw, Object};

/// Longest token that is looked at, bytes.
pub const LARGEST: usize = 8 * 1024;

/// A signature algorithm that may be accepted: asymmetric ones only (RFC 8725, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// ECDSA on P-256.
    Es256,
    /// RSASSA-PSS.
    Ps256,
    /// RSASSA-PKCS1-v1_5, for issuers that have nothing better.
    Rs256,
}

impl Algorithm {
    /// Every algorithm, the preferred first.
    pub const ALL: [Self; 4] = [Self::EdDsa, Self::Es256, Self::Ps256, Self::Rs256];

    /// The registered name (RFC 7518, 3.1).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of that registered name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// The same for the library that signs and verifies.
    pub(super) fn for_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
        }
    }
}

/// A public key with the algorithms it may be used for.
#[derive(Clone, Debug)]
pub struct PublicKey {
    /// Its name within its set.
    pub kid: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl PublicKey {
    /// Reads a JWK (RFC 7517); none where it is not for signatures, of another type, or too weak.
    ///
    /// Sizes are checked here because the library slices an Ed25519 key without looking.
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(|value| BASE64_URL_SAFE_NO_PAD.decode(value).ok());
        let (mut algorithms, key) = match (text("kty")?, text("crv")) {
            ("OKP", Some("Ed25519")) if bytes("x")?.len() == 32 => {
                (vec![Algorithm::EdDsa], DecodingKey::from_ed_components(text("x")?).ok()?)
            }
            ("EC", Some("P-256")) if bytes("x")?.len() == 32 && bytes("y")?.len() == 32 => {
                (vec![Algorithm::Es256], DecodingKey::from_ec_components(text("x")?, text("y")?).ok()?)
            }
            // 2048 to 4096 bits, RFC 7518, 3.3.
            ("RSA", _) if (256..=512).contains(&bytes("n")?.len()) => {
                let key = DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?;
                (vec![Algorithm::Ps256, Algorithm::Rs256], key)
            }
            _ => return None,
        };
        if jwk.get("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        if let Some(operations) = jwk.get("key_ops") {
            operations.as_array()?.iter().find(|operation| *operation == "verify")?;
        }
        if let Some(only) = jwk.get("alg") {
            algorithms.retain(|algorithm| only == algorithm.as_str());
        }
        let kid = text("kid").map(str::to_owned);
        (!algorithms.is_empty()).then_some(Self { kid, algorithms, key })
    }

    /// Whether the key is for this algorithm.
    pub fn serves(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }
}

/// The usable keys of a JWK set; the others are passed over, as RFC 7517, 5 wants.
pub fn read_set(set: &Value) -> Option<Vec<PublicKey>> {
    Some(set.get("keys")?.as_array()?.iter().filter_map(PublicKey::from_jwk).collect())
}

/// A token taken apart. Nothing in it is true until [`Compact::verify`] has said so.
#[derive(Clone, Debug)]
pub struct Compact<'a> {
    /// Algorithm that it states.
    pub algorithm: Algorithm,
    /// Type that it states, without `application/`, in lower case.
    pub kind: Option<String>,
    /// Key that it states.
    pub kid: Option<String>,
    /// Its claims.
    pub claims: Object,
    message: &'a str,
    signature: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes a token apart. Keys and addresses in the header (`jwk`, `jku`, `x5u`) are never used: who signs must not
    /// choose what we verify with.
    pub fn parse(token: &'a str) -> Result<Self, Flaw> {
        if token.len() > LARGEST {
            return Err(Flaw::TooLarge);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Flaw::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Flaw::Malformed)?;
        if signature.is_empty() || payload.contains('.') {
            return Err(Flaw::Malformed);
        }
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Flaw::Malformed);
        let header = Object::parse(&decode(header)?)?;
        if header.get("crit").is_some() {
            return Err(Flaw::Critical);
        }
        let algorithm = header.text("alg").ok().and_then(Algorithm::parse).ok_or(Flaw::Algorithm)?;
        let typ = header.text_if_any("typ").map_err(|_| Flaw::Type)?.map(str::to_ascii_lowercase);
        let typ = typ.map(|typ| typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned));
        let kid = header.text_if_any("kid").map_err(|_| Flaw::Key)?.map(str::to_owned);
        Ok(Self { algorithm, kind: typ, kid, claims: Object::parse(&decode(payload)?)?, message, signature })
    }

    /// Checks the signature with a key that is for the stated algorithm, and for no other.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Flaw> {
        if !key.serves(self.algorithm) {
            return Err(Flaw::Algorithm);
        }
        let algorithm = self.algorithm.for_library();
        let holds = jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), &key.key, algorithm);
        holds.unwrap_or(false).then_some(()).ok_or(Flaw::Signature)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn weak_or_foreign_keys_are_passed_over() {
        let x = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
        let short = BASE64_URL_SAFE_NO_PAD.encode([7; 31]);
        let good = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
        assert!(PublicKey::from_jwk(&good).is_some_and(|key| key.serves(Algorithm::EdDsa)));
        for wrong in [
            json!({"kty": "OKP", "crv": "Ed25519", "x": short}),
            json!({"kty": "OKP", "crv": "Ed448", "x": x}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "use": "enc"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "HS256"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "key_ops": ["sign"]}),
            json!({"kty": "oct", "k": x}),
            json!({"kty": "RSA", "n": BASE64_URL_SAFE_NO_PAD.encode([255; 128]), "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-256", "x": x}),
            json!({}),
            json!(7),
        ] {
            assert!(PublicKey::from_jwk(&wrong).is_none(), "{wrong}");
        }
    }
}
