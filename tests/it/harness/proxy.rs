//! A network between the service and PostgreSQL that can be told to swallow all it is given, without ending a connection.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// The network. Bytes that it swallowed never arrive, as those of a connection that a router has forgotten: what had bytes in it
/// stays silent, new connections work as soon as it passes again.
pub struct Proxy {
    /// URL of the database by way of it.
    pub url: String,
    swallows: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Stands before the database of a URL.
    pub async fn before(database: &str) -> Self {
        let mut url = url::Url::parse(database).unwrap();
        let server: SocketAddr = url.socket_addrs(|| Some(5432)).unwrap()[0];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        let (swallows, state) = watch::channel(false);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server, state.clone()));
            }
        });
        Self { url: url.into(), swallows, task }
    }

    /// From now on nothing arrives.
    pub fn swallow(&self) {
        self.swallows.send_replace(true);
    }

    /// From now on new connections work.
    pub fn pass(&self) {
        self.swallows.send_replace(false);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(client: TcpStream, server: SocketAddr, swallows: watch::Receiver<bool>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = TcpStream::connect(server).await.unwrap().into_split();
    // Neither side hears of the end of the other while bytes are swallowed, so the halves end together at last.
    tokio::join!(pass_on(from_client, to_server, swallows.clone()), pass_on(from_server, to_client, swallows));
}

async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, swallows: watch::Receiver<bool>) {
    let mut buffer = vec![0; 64 << 10];
    let mut is_dumb = false;
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        is_dumb |= *swallows.borrow();
        if !is_dumb && to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
    if is_dumb {
        // The end is swallowed too.
        std::future::pending::<()>().await;
    }
}
