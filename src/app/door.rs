//! Ports: taken at once, so that a taken one is told before anything long begins, and opened when
//! there is somebody to answer, so that nobody waits at a door behind which a model is being trained.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

use super::StartError;

/// Connections that may wait to be taken in.
const WAITING: u32 = 1024;

/// A port that is ours and not open yet.
#[derive(Debug)]
pub(super) struct Door {
    socket: TcpSocket,
    setting: &'static str,
    address: SocketAddr,
}

impl Door {
    /// Takes the address that a setting names.
    pub(super) fn reserve(setting: &'static str, address: SocketAddr) -> Result<Self, StartError> {
        let bound = || {
            let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // A restart finds its old connections still fading away on the port.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            let address = socket.local_addr()?;
            Ok(Self { socket, setting, address })
        };
        bound().map_err(|source| refused(setting, address, source))
    }

    /// Opens it.
    pub(super) fn open(self) -> Result<TcpListener, StartError> {
        let Self { socket, setting, address } = self;
        socket.listen(WAITING).map_err(|source| refused(setting, address, source))
    }
}

fn refused(setting: &'static str, address: SocketAddr, source: io::Error) -> StartError {
    if source.kind() == io::ErrorKind::AddrInUse {
        StartError::Taken { setting, address }
    } else {
        StartError::Listen { setting, address, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named_with_the_way_out() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = other.local_addr().unwrap();
        let refused = Door::reserve("listen", address).unwrap_err().to_string();
        assert!(refused.contains(&address.to_string()) && refused.contains("--listen"), "{refused}");
    }

    #[tokio::test]
    async fn any_free_port_becomes_a_real_one() {
        let door = Door::reserve("http", "127.0.0.1:0".parse().unwrap()).unwrap();
        assert_ne!(door.address.port(), 0);
        assert_eq!(door.open().unwrap().local_addr().unwrap().ip().to_string(), "127.0.0.1");
    }
}
