//! The calls of which each may have one effect only, however often it is sent.

use prost::Message as _;
use ticket_dispatch::proto::v1::{
    self, conversation_service_client::ConversationServiceClient, converse_response::Outcome,
    ticket_service_client::TicketServiceClient,
};
use tonic::{Code, Status, transport::Channel};

/// A call that changes something.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// A message, by a call of its own.
    Say(v1::SendMessageRequest),
    /// A message, over a stream.
    Stream(v1::SendMessageRequest),
    Open(v1::CreateTicketRequest),
    Comment(v1::CommentTicketRequest),
    Move(v1::TransitionTicketRequest),
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    Said(Box<v1::SendMessageResponse>),
    Ticket(Box<v1::Ticket>),
}

impl Reply {
    /// As it travelled.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Reply::Said(it) => it.encode_to_vec(),
            Reply::Ticket(it) => it.encode_to_vec(),
        }
    }
}

/// The way to the program.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    conversations: ConversationServiceClient<Channel>,
    pub(super) tickets: TicketServiceClient<Channel>,
}

impl Wire {
    pub(super) fn new(channel: &Channel) -> Wire {
        Wire {
            conversations: ConversationServiceClient::new(channel.clone()),
            tickets: TicketServiceClient::new(channel.clone()),
        }
    }
}

impl Call {
    /// Its request id.
    pub(super) fn id(&self) -> &str {
        match self {
            Call::Say(it) | Call::Stream(it) => &it.message_id,
            Call::Open(it) => &it.request_id,
            Call::Comment(it) => &it.request_id,
            Call::Move(it) => &it.request_id,
        }
    }

    /// Makes the call once.
    pub(super) async fn make(&self, wire: &mut Wire) -> Result<Reply, Status> {
        let ticket = |it: Option<v1::Ticket>| Reply::Ticket(Box::new(it.unwrap_or_default()));
        match self.clone() {
            Call::Say(it) => {
                Ok(Reply::Said(Box::new(wire.conversations.send_message(it).await?.into_inner())))
            }
            Call::Stream(it) => streamed(wire, it).await,
            Call::Open(it) => Ok(ticket(wire.tickets.create_ticket(it).await?.into_inner().ticket)),
            Call::Comment(it) => Ok(ticket(wire.tickets.comment_ticket(it).await?.into_inner().ticket)),
            Call::Move(it) => Ok(ticket(wire.tickets.transition_ticket(it).await?.into_inner().ticket)),
        }
    }
}

async fn streamed(wire: &mut Wire, message: v1::SendMessageRequest) -> Result<Reply, Status> {
    let message = v1::ConverseRequest { message: Some(message) };
    let mut answers = wire.conversations.converse(tokio_stream::once(message)).await?.into_inner();
    match answers.message().await?.and_then(|it| it.outcome) {
        Some(Outcome::Reply(reply)) => Ok(Reply::Said(Box::new(reply))),
        Some(Outcome::Fault(fault)) => Err(Status::new(Code::from_i32(fault.code), fault.message)),
        None => Err(Status::unavailable("the stream ended without an answer")),
    }
}
