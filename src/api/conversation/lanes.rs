//! One stream of requests to one stream of answers: those of one lane strictly in order, several lanes
//! side by side. Nothing is spawned: all work is polled by whoever reads the answers. While as many
//! requests are held as may be, nothing more is read, and HTTP/2 tells the sender to wait.
//!
//! If reading fails, what was read before is still answered; then the stream ends with the error.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream::FuturesUnordered};

/// Most requests held by one stream: read, but not answered.
const MOST: usize = 1024;
/// So many bytes of them are the most as well; the last one may go beyond.
const BYTES: usize = 512 * 1024;

/// The answers.
pub(super) struct Lanes<S, Q, L, H, F, E> {
    /// Where requests come from; `None` when there are no more.
    requests: Option<Pin<Box<S>>>,
    /// Why there are no more, to be told when all is answered.
    broken: Option<E>,
    lane: L,
    /// How many bytes a request has.
    weigh: fn(&Q) -> usize,
    handle: H,
    running: FuturesUnordered<Lane<F>>,
    /// Lanes with a request running, and what waits behind it.
    waiting: HashMap<u64, VecDeque<(usize, Q)>>,
    held: usize,
    bytes: usize,
}

/// The request of a lane that runs.
struct Lane<F> {
    lane: u64,
    bytes: usize,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Lane<F> {
    type Output = (u64, usize, F::Output);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (lane, bytes) = (self.lane, self.bytes);
        self.work.as_mut().poll(context).map(|answer| (lane, bytes, answer))
    }
}

impl<S, Q, L, H, F, E> Lanes<S, Q, L, H, F, E>
where
    S: Stream<Item = Result<Q, E>>,
    L: Fn(&Q) -> u64,
    H: Fn(Q) -> F,
    F: Future,
{
    /// `lane` says which requests must keep their order, `weigh` how many bytes one has, `handle` answers one.
    pub(super) fn new(requests: S, lane: L, weigh: fn(&Q) -> usize, handle: H) -> Self {
        Self {
            requests: Some(Box::pin(requests)),
            broken: None,
            lane,
            weigh,
            handle,
            running: FuturesUnordered::new(),
            waiting: HashMap::new(),
            held: 0,
            bytes: 0,
        }
    }

    /// Reads what has come, as far as there is room.
    fn read(&mut self, context: &mut Context<'_>) {
        while self.held < MOST && self.bytes < BYTES {
            let Some(requests) = &mut self.requests else { return };
            match requests.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(request))) => self.take(request),
                Poll::Ready(Some(Err(error))) => {
                    self.broken = Some(error);
                    self.requests = None;
                }
                Poll::Ready(None) => self.requests = None,
                Poll::Pending => return,
            }
        }
    }

    fn take(&mut self, request: Q) {
        self.held += 1;
        let (lane, bytes) = ((self.lane)(&request), (self.weigh)(&request));
        self.bytes += bytes;
        if let Some(waiting) = self.waiting.get_mut(&lane) {
            waiting.push_back((bytes, request));
        } else {
            self.waiting.insert(lane, VecDeque::new());
            self.start(lane, bytes, request);
        }
    }

    fn start(&self, lane: u64, bytes: usize, request: Q) {
        self.running.push(Lane { lane, bytes, work: Box::pin((self.handle)(request)) });
    }

    /// A lane's request is answered: the next one of it may start.
    fn answered(&mut self, lane: u64, bytes: usize) {
        self.held -= 1;
        self.bytes -= bytes;
        match self.waiting.get_mut(&lane).and_then(VecDeque::pop_front) {
            Some((bytes, next)) => self.start(lane, bytes, next),
            None => drop(self.waiting.remove(&lane)),
        }
    }
}

impl<S, Q, L, H, F, E> Unpin for Lanes<S, Q, L, H, F, E> {}

impl<S, Q, L, H, F, E> Stream for Lanes<S, Q, L, H, F, E>
where
    S: Stream<Item = Result<Q, E>>,
    L: Fn(&Q) -> u64,
    H: Fn(Q) -> F,
    F: Future,
{
    type Item = Result<F::Output, E>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.read(context);
        match this.running.poll_next_unpin(context) {
            Poll::Ready(Some((lane, bytes, answer))) => {
                this.answered(lane, bytes);
                Poll::Ready(Some(Ok(answer)))
            }
            Poll::Ready(None) if this.requests.is_none() => Poll::Ready(this.broken.take().map(Err)),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests;
