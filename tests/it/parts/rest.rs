//! As much HTTP as it takes to ask a tracker something without a runtime: one GET on a connection of its own.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A reply: its status and its body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Asks for a path. HTTP/1.0 is spoken so that the reply ends with the connection.
pub(crate) fn get(address: SocketAddr, path: &str, token: &str) -> io::Result<Reply> {
    let patience = Duration::from_secs(30);
    let mut connection = TcpStream::connect_timeout(&address, patience)?;
    connection.set_read_timeout(Some(patience))?;
    let host = format!("Host: {address}\r\nAuthorization: token {token}");
    write!(connection, "GET {path} HTTP/1.0\r\n{host}\r\nConnection: close\r\n\r\n")?;
    let mut reply = Vec::new();
    connection.read_to_end(&mut reply)?;
    parsed(&String::from_utf8_lossy(&reply))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no HTTP reply"))
}

/// A value for a query string, with everything but letters and digits escaped.
pub(crate) fn encoded(value: &str) -> String {
    let escaped = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    value.bytes().map(escaped).collect()
}

fn parsed(reply: &str) -> Option<Reply> {
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, body: body.to_owned() })
}
