//! A proxy that knows requests: it loses the answer to the first one that makes something at each path, and
//! to each change once.

use std::{
    collections::HashSet,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A running proxy.
pub(crate) struct Lossy {
    pub(crate) address: SocketAddr,
    lost: Arc<Mutex<HashSet<String>>>,
}

impl Lossy {
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let lost: Arc<Mutex<HashSet<String>>> = Arc::default();
        let seen = lost.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(async move { forward(client, target, &seen).await.ok() });
            }
        });
        Self { address, lost }
    }

    /// How many answers were lost.
    pub(crate) fn lost(&self) -> usize {
        self.lost.lock().unwrap().len()
    }
}

/// One request on one connection.
async fn forward(mut client: TcpStream, target: SocketAddr, lost: &Mutex<HashSet<String>>) -> io::Result<()> {
    let mut request = vec![];
    while !is_whole(&request) {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let line = text.lines().next().unwrap_or_default().to_owned();
    let mut server = TcpStream::connect(target).await?;
    // So that the end of the answer is the end of the connection.
    let (head, rest) = request.split_at(line.len());
    for part in [head, b"\r\nConnection: close", rest] {
        server.write_all(part).await?;
    }
    let mut answer = vec![];
    server.read_to_end(&mut answer).await?;
    let once = if line.starts_with("PUT") { text } else { line.clone() };
    if !line.starts_with("GET") && lost.lock().unwrap().insert(once) {
        return Ok(());
    }
    client.write_all(&answer).await
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|it| it.strip_prefix("content-length:")?.trim().parse().ok());
    let head = request.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    request.len() >= head + length.unwrap_or(0)
}
