//! Takes in the body of a push: short ones in memory, longer ones on disk, so that memory does not grow with them.

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::{fs::File, io::AsyncWriteExt};

use super::{format::Format, source::Source};
use crate::{
    error::{Class, Error, Result},
    messages::{Code, Message},
};

/// Bytes of a body that are held in memory.
pub const IN_MEMORY: usize = 1 << 20;

/// A body that was received whole.
#[derive(Debug)]
pub struct Received {
    /// The body.
    pub source: Source,
    /// SHA-256 over its media type, a line feed and its bytes.
    pub hash: Vec<u8>,
}

/// Receives a body of at most `limit` bytes; `announced` is how many the sender says there are.
///
/// # Errors
/// `PAYLOAD_TOO_LARGE` with the limit; `BODY_INCOMPLETE` when the sender breaks off or falls silent.
pub async fn receive<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Send,
    format: Format,
    announced: Option<u64>,
    limit: usize,
) -> Result<Received>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let too_large = || Error::new(Class::PayloadTooLarge, Message::new(Code::PayloadTooLarge).with("limit", limit));
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut hash = Sha256::new();
    hash.update(format.media_type());
    hash.update(b"\n");
    let mut received = 0;
    let mut spool = Spool::default();
    let mut chunks = std::pin::pin!(body);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|cause| Error::invalid(Code::BodyIncomplete).caused_by(cause))?;
        received += chunk.len();
        if received > limit {
            return Err(too_large());
        }
        hash.update(&chunk);
        spool.write(chunk).await.map_err(full)?;
    }
    if announced.is_some_and(|length| length != received as u64) {
        return Err(Error::invalid(Code::BodyIncomplete));
    }
    Ok(Received { source: spool.finish(format).await.map_err(full)?, hash: hash.finalize().to_vec() })
}

#[derive(Default)]
struct Spool {
    memory: BytesMut,
    disk: Option<(File, TempPath)>,
}

impl Spool {
    async fn write(&mut self, chunk: Bytes) -> io::Result<()> {
        if self.disk.is_none() && self.memory.len() + chunk.len() <= IN_MEMORY {
            self.memory.extend_from_slice(&chunk);
            return Ok(());
        }
        if let Some((file, _)) = &mut self.disk {
            return file.write_all(&chunk).await;
        }
        let (file, path) = tokio::task::spawn_blocking(NamedTempFile::new).await??.into_parts();
        let (file, _) = self.disk.insert((File::from_std(file), path));
        file.write_all(&std::mem::take(&mut self.memory)).await?;
        file.write_all(&chunk).await
    }

    async fn finish(self, format: Format) -> io::Result<Source> {
        let Some((mut file, path)) = self.disk else { return Ok(Source::Bytes(format, self.memory.freeze())) };
        file.flush().await?;
        Ok(Source::File(format, Arc::new(path)))
    }
}

/// A full disk passes; the sender may try again.
fn full(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::unavailable().caused_by(cause),
        _ => Error::internal(cause),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn body(chunks: Vec<Result<Vec<u8>, io::Error>>) -> impl Stream<Item = Result<Bytes, io::Error>> {
        stream::iter(chunks).map(|chunk| chunk.map(Bytes::from))
    }

    #[tokio::test]
    async fn a_short_body_stays_in_memory() {
        let received = receive(body(vec![Ok(b"ab".to_vec()), Ok(b"c".to_vec())]), Format::Csv, None, 3).await.unwrap();

        assert!(matches!(&received.source, Source::Bytes(Format::Csv, bytes) if bytes == "abc"));
        assert_eq!(received.hash, Sha256::digest("text/csv\nabc").to_vec());
    }

    #[tokio::test]
    async fn a_long_body_goes_to_disk_and_leaves_with_the_push() {
        let chunks = (0..40).map(|i| Ok(vec![b'a' + i; 64 << 10])).collect();
        let received = receive(body(chunks), Format::Ndjson, Some(40 << 16), 1 << 30).await.unwrap();

        let Source::File(_, path) = received.source else { panic!("expected a file") };
        let held = std::fs::read(path.as_ref()).unwrap();
        assert_eq!(held.len(), 40 << 16);
        assert!(held.chunks(64 << 10).enumerate().all(|(i, part)| part.iter().all(|b| usize::from(*b - b'a') == i)));
        let mut expected = Sha256::new_with_prefix("application/x-ndjson\n");
        expected.update(&held);
        assert_eq!(received.hash, expected.finalize().to_vec());
        let place = path.to_path_buf();
        drop(path);
        assert!(!place.exists());
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_with_the_limit() {
        for (chunks, announced) in
            [(vec![Ok(vec![0; 11])], None), (vec![], Some(11)), (vec![Ok(vec![0; 11])], Some(10))]
        {
            let error = receive(body(chunks), Format::Csv, announced, 10).await.unwrap_err();
            assert_eq!((error.class(), error.status()), (Class::PayloadTooLarge, 413));
            assert!(error.to_string().contains("10 bytes"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_incomplete() {
        let broken = vec![Ok(b"a".to_vec()), Err(io::ErrorKind::ConnectionReset.into())];
        for (chunks, announced) in [(broken, None), (vec![Ok(b"a".to_vec())], Some(2))] {
            let error = receive(body(chunks), Format::Csv, announced, 10).await.unwrap_err();
            assert_eq!((error.status(), error.message().code), (400, Code::BodyIncomplete));
        }
    }
}
