//! The door of every service: it lets a call in, or refuses it before its body is read. In order:
//! is there such a method, is there room, who calls, may they, and in what time must it be done.

mod headers;

use std::{convert::Infallible, future::pending, mem, sync::Arc, time::Duration};

use metrics::{counter, histogram};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tonic::{
    Code, Request, Status,
    body::Body,
    codegen::{BoxFuture, Context, Poll, Service, http},
    server::NamedService,
};
use tracing::{Instrument, Span};

use self::headers::{deadline, token};
use super::{
    access::{Access, Method, method},
    status::{self, Denied},
};
use crate::{clock::Stopwatch, desk::Desk, domain::people::Caller};

/// How often the token behind an open stream is looked at.
const ASK: Duration = Duration::from_secs(2);

/// The longest that a caller may take to send a file.
const SENDING: Duration = Duration::from_secs(600);

/// What the doors of all services share.
#[derive(Debug)]
pub(super) struct Door {
    desk: Desk,
    /// Whose every call is, if callers are not told apart.
    open: Option<Arc<Caller>>,
    room: Arc<Semaphore>,
}

impl Door {
    /// Lets at most `calls` in at a time.
    pub(super) fn new(desk: Desk, access: Access, calls: usize) -> Self {
        let open = match access {
            Access::Open(caller) => Some(Arc::new(caller)),
            Access::Tokens => None,
        };
        Self { desk, open, room: Arc::new(Semaphore::new(calls)) }
    }

    async fn caller(&self, headers: &http::HeaderMap) -> Result<Arc<Caller>, Denied> {
        if let Some(caller) = &self.open {
            return Ok(Arc::clone(caller));
        }
        let caller = self.desk.caller(token(headers)?).await.map_err(Denied::Desk)?;
        caller.map(Arc::new).ok_or(Denied::UnknownToken)
    }

    /// Everything that must hold before the call goes in.
    async fn admit(&self, method: &Method, headers: &http::HeaderMap) -> Result<Admitted, Denied> {
        let seat = Arc::clone(&self.room).try_acquire_owned().map_err(|_| Denied::Full)?;
        let caller = self.caller(headers).await?;
        let token = match self.open {
            Some(_) => None,
            None => Some((self.desk.clone(), token(headers)?.into())),
        };
        if self.open.is_none() {
            Span::current().record("tenant", caller.tenant.as_str());
        }
        if caller.has(method.roles) {
            Ok(Admitted { caller, seat: Seat { _place: Arc::new(seat), token } })
        } else {
            Err(Denied::NoRole(method.roles))
        }
    }
}

/// Who was let in, and the place that the call takes. Travels as an extension of the request.
#[derive(Clone)]
struct Admitted {
    caller: Arc<Caller>,
    seat: Seat,
}

/// A place among the calls under way, and by what right it was given. A stream holds on to it for as
/// long as it lasts.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    _place: Arc<OwnedSemaphorePermit>,
    /// None if callers are not told apart.
    token: Option<(Desk, Arc<str>)>,
}

impl Seat {
    /// Waits until the token is worth nothing any more. What cannot be asked is not held against it.
    pub(super) async fn revoked(self) {
        let Some((desk, token)) = self.token else { return pending().await };
        loop {
            sleep(ASK).await;
            if let Ok(None) = desk.caller(&token).await {
                return;
            }
        }
    }
}

/// What the door let in: the caller, the message or stream of messages, and the place.
pub(super) fn admitted<T>(request: Request<T>) -> Result<(Arc<Caller>, T, Seat), Status> {
    let (_, mut extensions, message) = request.into_parts();
    // Missing only if a service was put behind no door; then nobody gets in.
    let Admitted { caller, seat } = extensions.remove().ok_or(Denied::NoToken)?;
    Ok((caller, message, seat))
}

/// A service behind the door.
#[derive(Debug, Clone)]
pub(super) struct Guarded<S> {
    door: Arc<Door>,
    inner: S,
}

impl<S> Guarded<S> {
    /// Puts a service behind the door.
    pub(super) fn new(door: &Arc<Door>, inner: S) -> Self {
        Self { door: Arc::clone(door), inner }
    }
}

impl<S: NamedService> NamedService for Guarded<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Guarded<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let Some(method) = method(request.uri().path()) else {
            return Box::pin(async { Ok(Status::from(Denied::NoSuchMethod).into_http()) });
        };
        let watch = Stopwatch::start();
        // What is recorded later makes the subscriber write all fields anew, so that is left to callers
        // with tokens, whose tenant is not known yet.
        let tenant = self.door.open.as_ref().map(|it| it.tenant.as_str());
        let span = tracing::info_span!("call", rpc.method = method.path, tenant);
        // The clone stays for the next call; this one takes the service that was asked to be ready.
        let spare = self.inner.clone();
        let inner = mem::replace(&mut self.inner, spare);
        let deadline = if method.is_upload() { SENDING } else { deadline(request.headers()) };
        // The time-out starts here and not when first polled, so that it ends before tonic's own,
        // which would answer CANCELLED. A stream has only its beginning timed.
        let answer = timeout(deadline, pass(Arc::clone(&self.door), method, request, inner));
        let answer = async move {
            let response = answer.await.unwrap_or_else(|_| Status::from(Denied::Late).into_http());
            answered(method, watch, &response);
            Ok(response)
        };
        Box::pin(answer.instrument(span))
    }
}

async fn pass<S>(
    door: Arc<Door>,
    method: &'static Method,
    mut request: http::Request<Body>,
    mut inner: S,
) -> http::Response<Body>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    match door.admit(method, request.headers()).await {
        Ok(admitted) => {
            request.extensions_mut().insert(admitted);
            inner.call(request).await.unwrap_or_else(|never| match never {})
        }
        Err(denied) => Status::from(denied).into_http(),
    }
}

/// Says how the call went: one line, one count, one duration. Never what was said in it.
fn answered(method: &Method, watch: Stopwatch, response: &http::Response<Body>) {
    // A refusal has its code in the headers; in trailers come OK, and how a stream ends later on.
    let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |it| it.code());
    let (code, seconds) = (status::name(code), watch.seconds());
    tracing::debug!(rpc.code = code, duration_ms = seconds * 1000.0, "answered");
    counter!("dispatch_calls_total", "method" => method.path, "code" => code).increment(1);
    histogram!("dispatch_call_seconds", "method" => method.path).record(seconds);
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{api::tests::desk, domain::people::Tenant};

    /// A service that never answers.
    #[derive(Clone)]
    struct Silent;

    impl Service<http::Request<Body>> for Silent {
        type Response = http::Response<Body>;
        type Error = Infallible;
        type Future = std::future::Pending<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: http::Request<Body>) -> Self::Future {
            pending()
        }
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_is_given_up_and_its_place_given_back() {
        let caller = Caller::system(Tenant::parse("default").unwrap(), "test");
        let (desk, _, _folder) = desk(&CancellationToken::new()).await;
        let door = Arc::new(Door::new(desk, Access::Open(caller), 1));
        for _ in 0..2 {
            let request = http::Request::post("/dispatch.v1.TicketService/GetTicket");
            let request = request.header("grpc-timeout", "5m").body(Body::empty()).unwrap();
            let response = Guarded::new(&door, Silent).call(request).await.unwrap();
            let status = Status::from_header_map(response.headers()).unwrap();
            assert_eq!(status.code(), Code::DeadlineExceeded);
        }
    }
}
