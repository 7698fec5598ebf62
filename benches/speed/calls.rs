//! The unary calls that are measured.

use std::sync::Arc;

use ticket_dispatch::proto::v1::{
    SendMessageRequest, SuggestRequest, conversation_service_client::ConversationServiceClient,
    routing_service_client::RoutingServiceClient,
};
use tonic::{
    Request, Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;

use crate::{Outcome, echo, load::Call, texts::Source};

/// Calls in flight on one connection.
const PER_CONNECTION: usize = 64;

/// As many connections as so many calls in flight need.
pub(crate) async fn connect(address: &str, in_flight: usize) -> Outcome<Vec<Channel>> {
    let mut channels = vec![];
    for _ in 0..in_flight.div_ceil(PER_CONNECTION) {
        channels.push(Endpoint::from_shared(address.to_owned())?.tcp_nodelay(true).connect().await?);
    }
    Ok(channels)
}

/// The echo of a message.
#[derive(Debug, Clone)]
pub(crate) struct EchoMessage(pub(crate) Channel, pub(crate) Arc<Source>);

/// The echo of a text to route.
#[derive(Debug, Clone)]
pub(crate) struct EchoText(pub(crate) Channel, pub(crate) Arc<Source>);

/// A routing suggestion.
#[derive(Debug, Clone)]
pub(crate) struct Suggest(pub(crate) RoutingServiceClient<Channel>, pub(crate) Arc<Source>);

/// A message that opens a ticket.
#[derive(Debug, Clone)]
pub(crate) struct Hear(pub(crate) ConversationServiceClient<Channel>, pub(crate) Arc<Source>);

impl Call for EchoMessage {
    async fn call(&mut self, number: u64) -> Result<bool, Status> {
        let message = self.1.message(number);
        let mut grpc = ready(&self.0).await?;
        let codec = ProstCodec::<SendMessageRequest, SendMessageRequest>::default();
        let path = PathAndQuery::from_static(echo::MESSAGE);
        let answer = grpc.unary(Request::new(message), path, codec).await?;
        Ok(!answer.into_inner().text.is_empty())
    }
}

impl Call for EchoText {
    async fn call(&mut self, number: u64) -> Result<bool, Status> {
        let text = self.1.suggestion(number);
        let mut grpc = ready(&self.0).await?;
        let codec = ProstCodec::<SuggestRequest, SuggestRequest>::default();
        let answer = grpc.unary(Request::new(text), PathAndQuery::from_static(echo::TEXT), codec).await?;
        Ok(!answer.into_inner().text.is_empty())
    }
}

impl Call for Suggest {
    async fn call(&mut self, number: u64) -> Result<bool, Status> {
        let answer = self.0.suggest(self.1.suggestion(number)).await?.into_inner();
        Ok(answer.suggestion.is_some_and(|it| !it.template.is_empty()))
    }
}

impl Call for Hear {
    async fn call(&mut self, number: u64) -> Result<bool, Status> {
        let answer = self.0.send_message(self.1.message(number)).await?.into_inner();
        Ok(self.1.answered(answer.ticket.is_some()))
    }
}

async fn ready(channel: &Channel) -> Result<Grpc<Channel>, Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    Ok(grpc)
}
