//! One request is for one host (RFC 9112, 3.2): where there are two, a proxy before us may have read the other.

use axum::http::{Request, Version, header, uri::Authority};

use crate::{
    error::Error,
    messages::{Code, Message},
};

/// Refuses a request whose `Host` is missing, stands twice or is none. HTTP/1.0 knows no `Host`.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Error> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let fault = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() < Version::HTTP_11 => return Ok(()),
        (Some(host), None) if is_host(host.as_bytes()) => return Ok(()),
        (None, _) => Code::Required.into(),
        (Some(_), Some(_)) => Code::HeaderTwice.into(),
        (Some(_), None) => {
            Message::new(Code::CodeFormat).with("value", "Host").with("expected", "a host name with or without a port")
        }
    };
    Err(Error::field("Host", fault))
}

fn is_host(text: &[u8]) -> bool {
    !text.contains(&b'@') && Authority::try_from(text).is_ok_and(|authority| !authority.host().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(version: Version, hosts: &[&str]) -> Option<Code> {
        let mut request = Request::builder().version(version);
        for host in hosts {
            request = request.header("host", *host);
        }
        check(&request.body(()).unwrap()).err().map(|error| error.faults()[0].message.code)
    }

    #[test]
    fn one_host_is_wanted() {
        for good in ["ansinh.example.vn", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "my_service:80"] {
            assert_eq!(checked(Version::HTTP_11, &[good]), None, "{good}");
        }
        for bad in ["", "a b", "a/b", "user@a", ":80"] {
            assert_eq!(checked(Version::HTTP_11, &[bad]), Some(Code::CodeFormat), "{bad}");
        }
        assert_eq!(checked(Version::HTTP_11, &[]), Some(Code::Required));
        assert_eq!(checked(Version::HTTP_11, &["a", "a"]), Some(Code::HeaderTwice));
        assert_eq!(checked(Version::HTTP_10, &[]), None);
        assert_eq!(checked(Version::HTTP_10, &["a", "b"]), Some(Code::HeaderTwice));
    }
}
