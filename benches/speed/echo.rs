//! E: a bare tonic unary echo. It gives back what it got, and does nothing else.

use std::{
    convert::Infallible,
    io::{Write, stdout},
};

use prost::Message;
use ticket_dispatch::proto::v1::{SendMessageRequest, SuggestRequest};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{BoxFuture, Context, Poll, Service, http},
    server::{Grpc, NamedService, UnaryService},
    transport::{Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;

use crate::Outcome;

/// Echoes a message of an employee.
pub(crate) const MESSAGE: &str = "/bench.Echo/Message";
/// Echoes a text to route.
pub(crate) const TEXT: &str = "/bench.Echo/Text";

/// Listens on a free port, says on which, and serves until it is killed.
pub(crate) async fn serve() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut out = stdout();
    writeln!(out, "gRPC on {}", listener.local_addr()?)?;
    out.flush()?;
    let connections = TcpIncoming::from(listener).with_nodelay(Some(true));
    Ok(Server::builder().add_service(Echo).serve_with_incoming(connections).await?)
}

#[derive(Debug, Clone, Copy)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(match request.uri().path() {
                TEXT => unary::<SuggestRequest>(request).await,
                _ => unary::<SendMessageRequest>(request).await,
            })
        })
    }
}

async fn unary<M>(request: http::Request<Body>) -> http::Response<Body>
where
    M: Message + Default + 'static,
{
    Grpc::new(ProstCodec::<M, M>::default()).unary(Same, request).await
}

struct Same;

impl<M: Send + 'static> UnaryService<M> for Same {
    type Response = M;
    type Future = std::future::Ready<Result<Response<M>, Status>>;

    fn call(&mut self, request: Request<M>) -> Self::Future {
        std::future::ready(Ok(Response::new(request.into_inner())))
    }
}
