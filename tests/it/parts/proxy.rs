//! A TCP proxy that misbehaves on request: it stands in front of a server and can be cut, slowed, or made to lose replies.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A proxy before one server. It starts mended: everything passes at once.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    target: SocketAddr,
    line: Arc<Line>,
}

impl Proxy {
    /// Listens on a port of its own and forwards to the target.
    pub(crate) fn before(target: SocketAddr) -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let line = Arc::new(Line::default());
        let accepting = Arc::clone(&line);
        thread::spawn(move || accept(&listener, target, &accepting));
        Proxy { address, target, line }
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A URL of the target, leading through this proxy instead.
    pub(crate) fn through(&self, url: &str) -> String {
        url.replace(&self.target.to_string(), &self.address.to_string())
    }

    /// Ends every connection; until it is mended, new ones end at once.
    pub(crate) fn cut(&self) {
        let mut state = self.line.state();
        state.cut = true;
        state.end_all();
    }

    /// Holds everything back for this long, in each direction.
    pub(crate) fn delay(&self, milliseconds: u64) {
        self.line.state().delay = Duration::from_millis(milliseconds);
    }

    /// Forwards requests and swallows the answers: the client cannot know what was done.
    pub(crate) fn drop_replies(&self) {
        self.line.state().drop_replies = true;
    }

    /// How many pieces of answers were swallowed so far: the fact to wait for before mending.
    pub(crate) fn replies_dropped(&self) -> u64 {
        self.line.state().replies_dropped
    }

    /// Lets everything pass again. A connection that lost bytes is ended: no network goes on with a hole in it.
    pub(crate) fn mend(&self) {
        let mut state = self.line.state();
        (state.cut, state.drop_replies, state.delay) = (false, false, Duration::ZERO);
        state.end_where(|pair| pair.has_lost);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.line.state();
        state.over = true;
        state.end_all();
        drop(state);
        // One last connection, so that the accepting thread looks up and ends.
        TcpStream::connect(self.address).ok();
    }
}

#[derive(Debug, Default)]
struct Line(Mutex<State>);

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    over: bool,
    cut: bool,
    drop_replies: bool,
    replies_dropped: u64,
    delay: Duration,
    opened: u64,
    open: BTreeMap<u64, Pair>,
}

#[derive(Debug)]
struct Pair {
    client: TcpStream,
    server: TcpStream,
    has_lost: bool,
}

impl State {
    fn end_all(&mut self) {
        self.end_where(|_| true);
    }

    fn end_where(&mut self, ends: impl Fn(&Pair) -> bool) {
        for (_, pair) in self.open.extract_if(.., |_, pair| ends(pair)) {
            pair.client.shutdown(Shutdown::Both).ok();
            pair.server.shutdown(Shutdown::Both).ok();
        }
    }

    /// Enters a new connection, unless the line is cut or the target refuses.
    fn open(&mut self, client: &TcpStream, server: &TcpStream) -> Option<u64> {
        if self.cut {
            return None;
        }
        self.opened += 1;
        let pair =
            Pair { client: client.try_clone().ok()?, server: server.try_clone().ok()?, has_lost: false };
        self.open.insert(self.opened, pair);
        Some(self.opened)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Requests,
    Replies,
}

fn accept(listener: &TcpListener, target: SocketAddr, line: &Arc<Line>) {
    for client in listener.incoming().map_while(Result::ok) {
        if line.state().over {
            return;
        }
        // Dropping the client is how a refused connection looks from its side.
        let Ok(server) = TcpStream::connect(target) else {
            continue;
        };
        let Some(id) = line.state().open(&client, &server) else {
            continue;
        };
        let (Ok(replies_to), Ok(replies_from)) = (client.try_clone(), server.try_clone()) else {
            continue;
        };
        let (out, back) = (Arc::clone(line), Arc::clone(line));
        thread::spawn(move || pump(client, server, &out, id, Direction::Requests));
        thread::spawn(move || pump(replies_from, replies_to, &back, id, Direction::Replies));
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, line: &Line, id: u64, direction: Direction) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        thread::sleep(line.state().delay);
        let mut state = line.state();
        if state.drop_replies && direction == Direction::Replies {
            state.replies_dropped += 1;
            if let Some(pair) = state.open.get_mut(&id) {
                pair.has_lost = true;
            }
            continue;
        }
        drop(state);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // A side that has said everything may still be answered, so only its own direction is closed.
    to.shutdown(Shutdown::Write).ok();
    if direction == Direction::Replies {
        line.state().open.remove(&id);
    }
}
