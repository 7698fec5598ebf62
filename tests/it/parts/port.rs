//! Ports for servers under test, below the range from which the system takes ports for outgoing connections:
//! from that range a client that reconnects could be given its own target port and hold it against a restart.

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const FIRST: u32 = 15_000;
const COUNT: u32 = 17_000;

/// Starts something on a free port. Another process may take the port first, so a start that fails is tried again.
pub(crate) fn on_a_free_port<T>(what: &str, mut start: impl FnMut(u16) -> Result<T, String>) -> T {
    let mut last = String::new();
    for _ in 0..5 {
        match start(free_port()) {
            Ok(started) => return started,
            Err(error) => last = error,
        }
    }
    panic!("{what} did not start on any of five free ports; the last said:\n{last}")
}

/// A port that nobody listens on just now.
pub(crate) fn free_port() -> u16 {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    loop {
        // Odd multipliers spread processes that start together over the whole range.
        let asked = ASKED.fetch_add(1, Ordering::Relaxed);
        let seed = process::id().wrapping_mul(2_654_435_761) ^ nanos ^ asked.wrapping_mul(40_503);
        let port = u16::try_from(FIRST + seed % COUNT).expect("the range ends below 32,768");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
