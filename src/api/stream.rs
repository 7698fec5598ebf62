//! What all streaming calls share: they keep their place among the calls under way, and they end when
//! the process stops.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, future::ready, stream::once};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{guard::Seat, status::Denied};

/// A stream until the process stops; then one last error that tells the other side to connect again.
pub(super) fn until<T>(
    stop: CancellationToken,
    stream: impl Stream<Item = Result<T, Status>>,
) -> impl Stream<Item = Result<T, Status>> {
    let stopped = stop.clone();
    let last = once(async move { stopped.is_cancelled().then(|| Err(Denied::Stopping.into())) });
    stream.take_until(stop.cancelled_owned()).chain(last.filter_map(ready))
}

/// A stream with its place among the calls under way, which it gives back when it is dropped.
pub(super) struct Seated<S> {
    answers: Pin<Box<S>>,
    _seat: Seat,
}

impl<S> Seated<S> {
    pub(super) fn new(seat: Seat, answers: S) -> Self {
        Self { answers: Box::pin(answers), _seat: seat }
    }
}

impl<S: Stream> Stream for Seated<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.answers.as_mut().poll_next(context)
    }
}
