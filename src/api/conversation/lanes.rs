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

/// The answers.
pub(super) struct Lanes<S, Q, L, H, F, E> {
    /// Where requests come from; `None` when there are no more.
    requests: Option<Pin<Box<S>>>,
    /// Why there are no more, to be told when all is answered.
    broken: Option<E>,
    lane: L,
    handle: H,
    running: FuturesUnordered<Lane<F>>,
    /// Lanes with a request running, and what waits behind it.
    waiting: HashMap<u64, VecDeque<Q>>,
    held: usize,
}

/// The request of a lane that runs.
struct Lane<F> {
    lane: u64,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Lane<F> {
    type Output = (u64, F::Output);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let lane = self.lane;
        self.work.as_mut().poll(context).map(|answer| (lane, answer))
    }
}

impl<S, Q, L, H, F, E> Lanes<S, Q, L, H, F, E>
where
    S: Stream<Item = Result<Q, E>>,
    L: Fn(&Q) -> u64,
    H: Fn(Q) -> F,
    F: Future,
{
    /// `lane` says which requests must keep their order, `handle` answers one.
    pub(super) fn new(requests: S, lane: L, handle: H) -> Self {
        Self {
            requests: Some(Box::pin(requests)),
            broken: None,
            lane,
            handle,
            running: FuturesUnordered::new(),
            waiting: HashMap::new(),
            held: 0,
        }
    }

    /// Reads what has come, as far as there is room.
    fn read(&mut self, context: &mut Context<'_>) {
        while self.held < MOST {
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
        let lane = (self.lane)(&request);
        if let Some(waiting) = self.waiting.get_mut(&lane) {
            waiting.push_back(request);
        } else {
            self.waiting.insert(lane, VecDeque::new());
            self.start(lane, request);
        }
    }

    fn start(&self, lane: u64, request: Q) {
        self.running.push(Lane { lane, work: Box::pin((self.handle)(request)) });
    }

    /// A lane's request is answered: the next one of it may start.
    fn answered(&mut self, lane: u64) {
        self.held -= 1;
        match self.waiting.get_mut(&lane).and_then(VecDeque::pop_front) {
            Some(next) => self.start(lane, next),
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
            Poll::Ready(Some((lane, answer))) => {
                this.answered(lane);
                Poll::Ready(Some(Ok(answer)))
            }
            Poll::Ready(None) if this.requests.is_none() => Poll::Ready(this.broken.take().map(Err)),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests;
