//! A desk, and the calls that the tests of life cycles make.

use std::{cell::Cell, time::Duration};

use futures_util::stream;
use ticket_dispatch::proto::v1::{
    self, HoldReason, TicketState, download_attachment_response::Part as Out, event::Fact,
    ticket_service_client::TicketServiceClient, upload_attachment_request::Part as In,
};
use tonic::{Request, Status, transport::Channel};

use crate::app::{App, Settings};

/// A program, and somebody who works with it.
pub(super) struct Desk {
    pub(super) app: App,
    calls: Cell<u32>,
    token: Option<String>,
}

pub(super) type Answer = Result<v1::Ticket, Status>;

impl Desk {
    pub(super) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: Cell::new(0), token: None }
    }

    /// The same desk, for who holds this token.
    pub(super) fn holding(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    pub(super) fn hold(&mut self, token: Option<String>) {
        self.token = token;
    }

    pub(super) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }

    pub(super) fn next(&self) -> String {
        self.calls.set(self.calls.get() + 1);
        format!("call-{}", self.calls.get())
    }

    /// A ticket of an employee.
    pub(super) async fn open(&self, who: &str) -> v1::Ticket {
        let request = v1::CreateTicketRequest {
            request_id: self.next(),
            template: "vpn_fault".to_owned(),
            requester: Some(person(who)),
            description: format!("The VPN of {who} drops"),
            fields: vec![v1::FieldValue {
                field: "symptom".to_owned(),
                value: Some(v1::field_value::Value::Choice("no_connection".to_owned())),
            }],
            ..Default::default()
        };
        let request = self.request(request);
        self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn get(&self, ticket: &str) -> v1::Ticket {
        self.find(ticket).await.unwrap()
    }

    pub(super) async fn find(&self, ticket: &str) -> Answer {
        let request = self.request(v1::GetTicketRequest { ticket: ticket.to_owned() });
        Ok(self.tickets().get_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn go(&self, it: v1::TransitionTicketRequest) -> Answer {
        let request = self.request(v1::TransitionTicketRequest { request_id: self.next(), ..it });
        Ok(self.tickets().transition_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn resolve(&self, ticket: &str) -> v1::Ticket {
        self.go(to(ticket, TicketState::Resolved)).await.unwrap()
    }

    pub(super) async fn close(&self, ticket: &str) -> v1::Ticket {
        self.resolve(ticket).await;
        self.go(to(ticket, TicketState::Closed)).await.unwrap()
    }

    pub(super) async fn comment(&self, ticket: &str, text: &str, internal: bool) -> Answer {
        let (ticket, text) = (ticket.to_owned(), text.to_owned());
        let request = v1::CommentTicketRequest { request_id: self.next(), ticket, text, internal };
        Ok(self.tickets().comment_ticket(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn merge(&self, ticket: &str, into: &str) -> Answer {
        let request = v1::MergeTicketRequest {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            into: into.to_owned(),
            expected_version: 0,
        };
        Ok(self.tickets().merge_ticket(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn link(&self, ticket: &str, relation: v1::LinkRelation, other: &str) -> Answer {
        let request = v1::LinkTicketRequest {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            relation: relation.into(),
            other: other.to_owned(),
            expected_version: 0,
        };
        Ok(self.tickets().link_ticket(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn unlink(&self, ticket: &str, relation: v1::LinkRelation, other: &str) -> Answer {
        let request = v1::UnlinkTicketRequest {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            relation: relation.into(),
            other: other.to_owned(),
            expected_version: 0,
        };
        Ok(self.tickets().unlink_ticket(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn split(&self, it: v1::SplitTicketRequest) -> Answer {
        let request = self.request(v1::SplitTicketRequest { request_id: self.next(), ..it });
        Ok(self.tickets().split_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn follow_up(&self, ticket: &str, text: &str) -> Answer {
        let (ticket, text) = (ticket.to_owned(), text.to_owned());
        let request = v1::FollowUpTicketRequest { request_id: self.next(), ticket, text };
        Ok(self.tickets().follow_up_ticket(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn watch(&self, ticket: &str, who: &str, expected_version: u64) -> Answer {
        let request = v1::AddWatcherRequest {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            watcher: Some(person(who)),
            expected_version,
        };
        Ok(self.tickets().add_watcher(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn unwatch(&self, ticket: &str, who: &str) -> Answer {
        let request = v1::RemoveWatcherRequest {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            watcher: Some(person(who)),
            expected_version: 0,
        };
        Ok(self.tickets().remove_watcher(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    /// Sends a file in pieces of a few bytes.
    pub(super) async fn upload(
        &self,
        start: v1::UploadAttachmentStart,
        bytes: &[u8],
    ) -> Result<v1::UploadAttachmentResponse, Status> {
        let chunks: Vec<_> = bytes.chunks(40_000).map(|it| In::Chunk(it.to_vec())).collect();
        self.upload_parts([In::Start(start)].into_iter().chain(chunks).collect()).await
    }

    pub(super) async fn upload_parts(&self, parts: Vec<In>) -> Result<v1::UploadAttachmentResponse, Status> {
        let pieces = parts.into_iter().map(|it| v1::UploadAttachmentRequest { part: Some(it) });
        let request = self.request(stream::iter(pieces.collect::<Vec<_>>()));
        Ok(self.tickets().upload_attachment(request).await?.into_inner())
    }

    pub(super) fn file(&self, ticket: &str, name: &str, content_type: &str) -> v1::UploadAttachmentStart {
        v1::UploadAttachmentStart {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            expected_version: 0,
            requester: None,
        }
    }

    pub(super) async fn download(
        &self,
        ticket: &str,
        attachment: &str,
    ) -> Result<(v1::Attachment, Vec<u8>), Status> {
        let (ticket, attachment) = (ticket.to_owned(), attachment.to_owned());
        let request = self.request(v1::DownloadAttachmentRequest { ticket, attachment });
        let mut pieces = self.tickets().download_attachment(request).await?.into_inner();
        let (mut first, mut bytes) = (None, vec![]);
        while let Some(piece) = pieces.message().await? {
            match piece.part.unwrap() {
                Out::Attachment(it) => assert!(first.replace(it).is_none()),
                Out::Chunk(it) => bytes.extend(it),
            }
        }
        Ok((first.unwrap(), bytes))
    }

    pub(super) async fn remove(&self, ticket: &str, attachment: &str) -> Answer {
        let request = v1::RemoveAttachmentRequest {
            request_id: self.next(),
            ticket: ticket.to_owned(),
            attachment: attachment.to_owned(),
            reason: "the wrong file".to_owned(),
            expected_version: 0,
        };
        Ok(self.tickets().remove_attachment(self.request(request)).await?.into_inner().ticket.unwrap())
    }

    /// What happened to a ticket, oldest first.
    pub(super) async fn events(&self, ticket: &str) -> Vec<v1::Event> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        self.tickets().list_ticket_events(self.request(request)).await.unwrap().into_inner().events
    }

    pub(super) async fn comments(&self, ticket: &str) -> Vec<v1::TicketCommented> {
        let comment = |it: v1::Event| match it.fact {
            Some(Fact::TicketCommented(it)) => Some(it),
            _ => None,
        };
        self.events(ticket).await.into_iter().filter_map(comment).collect()
    }

    /// Waits until it is so.
    pub(super) async fn until<F: Future<Output = bool>>(&self, is_so: impl Fn() -> F) {
        for _ in 0..600 {
            if is_so().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {}", self.app.log());
    }
}

pub(super) fn person(who: &str) -> v1::Person {
    v1::Person { issuer: "chat".to_owned(), subject: who.to_owned(), display_name: String::new() }
}

/// A move with all that it needs.
pub(super) fn to(ticket: &str, to: TicketState) -> v1::TransitionTicketRequest {
    let is = |it| to == it;
    let said = |it: bool, text: &str| if it { text.to_owned() } else { String::new() };
    let reason = if is(TicketState::Cancelled) { v1::CancelReason::NotForDesk } else { Default::default() };
    v1::TransitionTicketRequest {
        ticket: ticket.to_owned(),
        to: to.into(),
        hold_reason: if is(TicketState::OnHold) { HoldReason::Vendor.into() } else { 0 },
        resolution: said(is(TicketState::Resolved), "Restarted the gateway"),
        cancel_reason: reason.into(),
        comment: said(is(TicketState::Assigned), "It drops again"),
        ..Default::default()
    }
}

/// The numbers of what a ticket is linked to, with what they are to it.
pub(super) fn links(ticket: &v1::Ticket) -> Vec<(v1::LinkRelation, &str)> {
    ticket.links.iter().map(|it| (it.relation(), it.number.as_str())).collect()
}
