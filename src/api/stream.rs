//! What all streaming calls share: they keep their place among the calls under way, and they end when
//! the process stops or the caller's token is revoked.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{FutureExt, Stream, StreamExt, future::ready, stream::once};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{guard::Seat, status::Denied};

/// A stream until the process stops, or until its caller may not call any more; then one last error
/// that says which, so that the other side knows whether to connect again.
pub(super) fn until<T>(
    stop: CancellationToken,
    seat: Seat,
    stream: impl Stream<Item = Result<T, Status>>,
) -> impl Stream<Item = Result<T, Status>> {
    let end = async move {
        match stop.run_until_cancelled(seat.revoked()).await {
            Some(()) => Status::from(Denied::UnknownToken),
            None => Denied::Stopping.into(),
        }
    };
    // Boxed, since it is shared between the stream and what comes after it.
    let end = end.boxed().shared();
    let last = end.clone();
    stream.take_until(end).chain(once(async move { last.peek().cloned().map(Err) }).filter_map(ready))
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
