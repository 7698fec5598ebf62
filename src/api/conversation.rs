//! Messages of employees, as chat bots hand them on.

mod lanes;

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use self::lanes::Lanes;
use super::{
    guard::admitted,
    parse::{Checks, words::LANGUAGE},
    status,
    stream::{Seated, until},
};
use crate::{
    desk::{Desk, command::Message, fault::Fault},
    domain::people::Caller,
    proto::v1::{self, conversation_service_server::ConversationService, converse_response::Outcome},
};

/// The conversation service.
pub(super) struct Conversations {
    pub(super) desk: Desk,
    pub(super) stop: CancellationToken,
}

#[tonic::async_trait]
impl ConversationService for Conversations {
    type ConverseStream = BoxStream<v1::ConverseResponse>;

    async fn send_message(
        &self,
        request: Request<v1::SendMessageRequest>,
    ) -> Result<Response<v1::SendMessageResponse>, Status> {
        let (caller, message, _seat) = admitted(request)?;
        Ok(Response::new(self.desk.hear(&caller, parse(message)?).await?))
    }

    async fn converse(
        &self,
        request: Request<Streaming<v1::ConverseRequest>>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        let (caller, messages, seat) = admitted(request)?;
        let desk = self.desk.clone();
        let lane = RandomState::new();
        let answers = Lanes::new(
            until(self.stop.clone(), seat.clone(), messages),
            move |it: &v1::ConverseRequest| lane.hash_one(conversation(it)),
            v1::ConverseRequest::encoded_len,
            move |it| answer(desk.clone(), Arc::clone(&caller), it),
        );
        Ok(Response::new(Box::pin(Seated::new(seat, answers))))
    }
}

/// What names the conversation of a message; those of one conversation are answered in order.
fn conversation(it: &v1::ConverseRequest) -> Option<(&str, Option<(&str, &str)>)> {
    let message = it.message.as_ref()?;
    let requester = message.requester.as_ref().map(|it| (it.issuer.as_str(), it.subject.as_str()));
    Some((&message.conversation, requester))
}

async fn answer(desk: Desk, caller: Arc<Caller>, request: v1::ConverseRequest) -> v1::ConverseResponse {
    let message = request.message.unwrap_or_default();
    let message_id = message.message_id.clone();
    let answer = match parse(message) {
        Ok(message) => desk.hear(&caller, message).await,
        Err(malformed) => Err(malformed),
    };
    let outcome = match answer {
        Ok(reply) => Outcome::Reply(reply),
        Err(refused) => Outcome::Fault(status::refusal(&refused)),
    };
    v1::ConverseResponse { message_id, outcome: Some(outcome) }
}

fn parse(raw: v1::SendMessageRequest) -> Result<Message, Fault> {
    let mut checks = Checks::default();
    let message = Message {
        request: checks.id("message_id", raw.message_id),
        key: checks.id("conversation", raw.conversation),
        requester: checks.person("requester", raw.requester),
        text: checks.text("text", raw.text),
        language: checks.optional_word("language", raw.language, &LANGUAGE),
    };
    checks.done(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_message_names_all_that_it_lacks() {
        let raw = v1::SendMessageRequest { language: 9, ..Default::default() };
        let Err(Fault::Malformed(wrong)) = parse(raw) else { panic!("was taken") };
        let fields: Vec<_> = wrong.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["message_id", "conversation", "requester", "text", "language"]);
    }

    #[test]
    fn two_requesters_in_one_channel_have_two_conversations() {
        let from = |subject: &str| v1::ConverseRequest {
            message: Some(v1::SendMessageRequest {
                conversation: "general".to_owned(),
                requester: Some(v1::Person { subject: subject.to_owned(), ..Default::default() }),
                ..Default::default()
            }),
        };
        assert_ne!(conversation(&from("u1")), conversation(&from("u2")));
        assert_eq!(conversation(&from("u1")), conversation(&from("u1")));
    }
}
