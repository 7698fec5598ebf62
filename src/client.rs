//! Our own gRPC client, for the chat command, load and tests. It connects when it is first used and
//! again whenever the connection is lost.

mod fault;

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

pub use self::fault::Fault;
use crate::proto::v1::{
    self, catalog_service_client::CatalogServiceClient,
    conversation_service_client::ConversationServiceClient, model_service_client::ModelServiceClient,
    portfolio_service_client::PortfolioServiceClient, problem_service_client::ProblemServiceClient,
    report_service_client::ReportServiceClient, routing_service_client::RoutingServiceClient,
    sla_service_client::SlaServiceClient, ticket_service_client::TicketServiceClient,
};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one message may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// An answer may be larger than gRPC's usual 4 MiB: a whole catalogue is.
const ANSWER: usize = 16 * 1024 * 1024;

/// A connection with a token.
pub type Wire = InterceptedService<Channel, Token>;

/// A client of the desk. Clones share one connection.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    token: Token,
}

/// The API token that goes with every call, if any.
#[derive(Debug, Clone, Default)]
pub struct Token(Option<MetadataValue<Ascii>>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// An address as people type it, such as `127.0.0.1:7400`, as a URL.
pub fn url(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("http://{address}") }
}

impl Client {
    /// A client for an address such as `http://127.0.0.1:7400`. Must be called within a runtime;
    /// connects only with the first call.
    pub fn new(address: &str, token: Option<&str>) -> Result<Self, Fault> {
        let endpoint =
            Endpoint::from_shared(address.to_owned()).map_err(|_| Fault::BadAddress(address.to_owned()))?;
        if endpoint.uri().scheme_str().is_some_and(|it| it != "http") {
            return Err(Fault::Encrypted(address.to_owned()));
        }
        let endpoint = endpoint.connect_timeout(CONNECT).tcp_nodelay(true);
        let token = token.map(|it| format!("Bearer {it}").parse()).transpose();
        let mut token: Option<MetadataValue<Ascii>> = token.map_err(|_| Fault::BadToken)?;
        if let Some(it) = &mut token {
            // Keeps it out of debug output.
            it.set_sensitive(true);
        }
        Ok(Self { channel: endpoint.connect_lazy(), token: Token(token) })
    }

    /// Sends one message and waits for its answer.
    pub async fn send(&self, message: v1::SendMessageRequest) -> Result<v1::SendMessageResponse, Fault> {
        let mut request = Request::new(message);
        request.set_timeout(DEADLINE);
        let answer = self.conversations().send_message(request).await;
        answer.map(tonic::Response::into_inner).map_err(Fault::from)
    }

    /// Sends messages over one stream. Answers of one conversation come in order; match them by id.
    pub async fn converse<S>(
        &self,
        messages: S,
    ) -> Result<impl Stream<Item = Result<v1::ConverseResponse, Fault>> + Send + use<S>, Fault>
    where
        S: Stream<Item = v1::SendMessageRequest> + Send + 'static,
    {
        let messages = messages.map(|it| v1::ConverseRequest { message: Some(it) });
        let answers = self.conversations().converse(messages).await?.into_inner();
        Ok(answers.map(|it| it.map_err(Fault::from)))
    }

    /// The conversation service as generated.
    pub fn conversations(&self) -> ConversationServiceClient<Wire> {
        ConversationServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    /// The routing service as generated.
    pub fn routing(&self) -> RoutingServiceClient<Wire> {
        RoutingServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
    }

    /// The ticket service as generated.
    pub fn tickets(&self) -> TicketServiceClient<Wire> {
        TicketServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }

    /// The service of the portfolio as generated.
    pub fn portfolio(&self) -> PortfolioServiceClient<Wire> {
        PortfolioServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }

    /// The service of problems as generated.
    pub fn problems(&self) -> ProblemServiceClient<Wire> {
        ProblemServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }

    /// The service of service levels as generated.
    pub fn levels(&self) -> SlaServiceClient<Wire> {
        SlaServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }

    /// The service of reports as generated.
    pub fn reports(&self) -> ReportServiceClient<Wire> {
        ReportServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }

    /// The model service as generated.
    pub fn models(&self) -> ModelServiceClient<Wire> {
        ModelServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }

    /// The catalogue service as generated.
    pub fn catalog(&self) -> CatalogServiceClient<Wire> {
        CatalogServiceClient::with_interceptor(self.channel.clone(), self.token.clone())
            .max_decoding_message_size(ANSWER)
    }
}
