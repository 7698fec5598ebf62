//! The way to the service: waiting until it is there, and sending a message that counts once.

use std::{io, time::Duration};

use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    client::{self, Client, Fault},
    clock::Stopwatch,
    proto::v1,
};

/// How long a service may take to appear, in seconds.
const PATIENCE: f64 = 10.0;
/// gRPC's code for "not now".
const UNAVAILABLE: i32 = 14;

/// Why there is no conversation.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("cannot start: {0}")]
    Threads(#[source] io::Error),
    #[error(transparent)]
    Client(#[from] Fault),
    #[error(
        "nothing answers at {address} ({source}); start the service with `cargo run --release`, \
         or say where it is with --connect http://HOST:PORT"
    )]
    Nobody {
        address: String,
        #[source]
        source: io::Error,
    },
}

/// A client, once somebody listens at the address.
pub(super) async fn connect(url: &str, token: Option<&str>) -> Result<Client, Unreachable> {
    let url = client::url(url);
    let client = Client::new(&url, token)?;
    let address = url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    let waiting = Stopwatch::start();
    loop {
        let Err(source) = knock(address).await else { return Ok(client) };
        if waiting.seconds() > PATIENCE {
            return Err(Unreachable::Nobody { address: address.to_owned(), source });
        }
        sleep(Duration::from_millis(200)).await;
    }
}

async fn knock(address: &str) -> io::Result<()> {
    let knocked = timeout(Duration::from_secs(3), TcpStream::connect(address)).await;
    knocked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map(drop)
}

/// Sends a message; once more, if the service was not there. The same id cannot count twice.
pub(super) async fn send(
    client: &Client,
    message: v1::SendMessageRequest,
) -> Result<v1::SendMessageResponse, Fault> {
    match client.send(message.clone()).await {
        Err(Fault::Refused { code: UNAVAILABLE, retry_after, .. }) => {
            sleep(retry_after.unwrap_or_default().clamp(Duration::from_millis(200), Duration::from_secs(2)))
                .await;
            client.send(message).await
        }
        answer => answer,
    }
}

/// What programs may switch on, and the wrong fields.
pub(super) fn details(fault: &Fault) -> (&str, &[String]) {
    match fault {
        Fault::BadAddress(_) | Fault::Encrypted(_) | Fault::BadToken => ("", &[]),
        Fault::Refused { reason, violations, .. } => (reason, violations),
    }
}
