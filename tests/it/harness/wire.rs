//! HTTP byte by byte, for what no client library would send.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Client, TestApp};

/// The head of a push of lines, up to the empty line; `length` is the header that tells how the body ends.
pub fn head(client: &Client, length: &str) -> String {
    format!(
        "POST /v1/loan-disbursements HTTP/1.1\r\nhost: ansinh.test\r\nauthorization: Bearer {}\r\n\
         content-type: application/x-ndjson\r\nconnection: close\r\n{length}\r\n\r\n",
        client.token()
    )
}

/// A connection on which a push of lines has begun: its head is sent.
pub async fn begin(app: &TestApp, client: &Client, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(head(client, &format!("content-length: {length}")).as_bytes()).await.unwrap();
    stream
}

/// Whatever comes until the other side closes.
pub async fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}
