//! Tickets: open, read, change and watch them.

mod files;
mod life;
mod request;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use super::{
    guard::admitted,
    parse::page::{behind_event, behind_ticket, fit},
    stream::{Seated, until},
};
use crate::{
    desk::Desk,
    proto::v1::{self, ticket_service_server::TicketService},
};

/// The ticket service.
pub(super) struct Tickets {
    pub(super) desk: Desk,
    pub(super) stop: CancellationToken,
}

#[tonic::async_trait]
impl TicketService for Tickets {
    type WatchTicketsStream = BoxStream<v1::WatchTicketsResponse>;
    type DownloadAttachmentStream = BoxStream<v1::DownloadAttachmentResponse>;

    async fn create_ticket(
        &self,
        request: Request<v1::CreateTicketRequest>,
    ) -> Result<Response<v1::CreateTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.open(&caller, request::open(request)?).await?);
        Ok(Response::new(v1::CreateTicketResponse { ticket }))
    }

    async fn check_ticket(
        &self,
        request: Request<v1::CheckTicketRequest>,
    ) -> Result<Response<v1::CheckTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        self.desk.would_open(&caller, request::open(request.ticket.unwrap_or_default())?).await?;
        Ok(Response::new(v1::CheckTicketResponse {}))
    }

    async fn get_ticket(
        &self,
        request: Request<v1::GetTicketRequest>,
    ) -> Result<Response<v1::GetTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.ticket(&caller, request::get(&request.ticket)?).await?);
        Ok(Response::new(v1::GetTicketResponse { ticket }))
    }

    async fn explain_ticket_clocks(
        &self,
        request: Request<v1::ExplainTicketClocksRequest>,
    ) -> Result<Response<v1::ExplainTicketClocksResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let clocks = self.desk.explain_clocks(&caller, request::get(&request.ticket)?).await?;
        Ok(Response::new(clocks))
    }

    async fn verify_ticket_clocks(
        &self,
        request: Request<v1::VerifyTicketClocksRequest>,
    ) -> Result<Response<v1::VerifyTicketClocksResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (after, size) = request::verify(&request)?;
        let (differences, next, checked) =
            self.desk.verify_clocks(&caller, after, size, request.repair).await?;
        let next_page_token = next.map(|it| behind_ticket(&it.to_string())).unwrap_or_default();
        Ok(Response::new(v1::VerifyTicketClocksResponse { differences, checked, next_page_token }))
    }

    async fn list_tickets(
        &self,
        request: Request<v1::ListTicketsRequest>,
    ) -> Result<Response<v1::ListTicketsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (filter, after, size) = request::list(request)?;
        // One more than asked for tells whether there is a next page.
        let mut tickets = self.desk.tickets(&caller, filter, after, size + 1).await?;
        let more = fit(&mut tickets, size);
        let last = tickets.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_ticket(&it.id)).unwrap_or_default();
        Ok(Response::new(v1::ListTicketsResponse { tickets, next_page_token }))
    }

    async fn update_ticket(
        &self,
        request: Request<v1::UpdateTicketRequest>,
    ) -> Result<Response<v1::UpdateTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::update(request)?).await?);
        Ok(Response::new(v1::UpdateTicketResponse { ticket }))
    }

    async fn transition_ticket(
        &self,
        request: Request<v1::TransitionTicketRequest>,
    ) -> Result<Response<v1::TransitionTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::transition(&caller, request)?).await?);
        Ok(Response::new(v1::TransitionTicketResponse { ticket }))
    }

    async fn comment_ticket(
        &self,
        request: Request<v1::CommentTicketRequest>,
    ) -> Result<Response<v1::CommentTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::comment(request)?).await?);
        Ok(Response::new(v1::CommentTicketResponse { ticket }))
    }

    async fn assign_ticket(
        &self,
        request: Request<v1::AssignTicketRequest>,
    ) -> Result<Response<v1::AssignTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::assign(request)?).await?);
        Ok(Response::new(v1::AssignTicketResponse { ticket }))
    }

    async fn merge_ticket(
        &self,
        request: Request<v1::MergeTicketRequest>,
    ) -> Result<Response<v1::MergeTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, life::merge(request)?).await?);
        Ok(Response::new(v1::MergeTicketResponse { ticket }))
    }

    async fn split_ticket(
        &self,
        request: Request<v1::SplitTicketRequest>,
    ) -> Result<Response<v1::SplitTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.split(&caller, life::split(request)?).await?);
        Ok(Response::new(v1::SplitTicketResponse { ticket }))
    }

    async fn follow_up_ticket(
        &self,
        request: Request<v1::FollowUpTicketRequest>,
    ) -> Result<Response<v1::FollowUpTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.follow_up(&caller, life::follow_up(request)?).await?);
        Ok(Response::new(v1::FollowUpTicketResponse { ticket }))
    }

    async fn link_ticket(
        &self,
        request: Request<v1::LinkTicketRequest>,
    ) -> Result<Response<v1::LinkTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, life::link(request)?).await?);
        Ok(Response::new(v1::LinkTicketResponse { ticket }))
    }

    async fn unlink_ticket(
        &self,
        request: Request<v1::UnlinkTicketRequest>,
    ) -> Result<Response<v1::UnlinkTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, life::unlink(request)?).await?);
        Ok(Response::new(v1::UnlinkTicketResponse { ticket }))
    }

    async fn add_watcher(
        &self,
        request: Request<v1::AddWatcherRequest>,
    ) -> Result<Response<v1::AddWatcherResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, life::watch(request)?).await?);
        Ok(Response::new(v1::AddWatcherResponse { ticket }))
    }

    async fn remove_watcher(
        &self,
        request: Request<v1::RemoveWatcherRequest>,
    ) -> Result<Response<v1::RemoveWatcherResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, life::unwatch(request)?).await?);
        Ok(Response::new(v1::RemoveWatcherResponse { ticket }))
    }

    async fn upload_attachment(
        &self,
        request: Request<Streaming<v1::UploadAttachmentRequest>>,
    ) -> Result<Response<v1::UploadAttachmentResponse>, Status> {
        let (caller, pieces, _seat) = admitted(request)?;
        Ok(Response::new(files::upload(&self.desk, caller, pieces, &self.stop).await?))
    }

    async fn download_attachment(
        &self,
        request: Request<v1::DownloadAttachmentRequest>,
    ) -> Result<Response<Self::DownloadAttachmentStream>, Status> {
        let (caller, request, seat) = admitted(request)?;
        let pieces = files::download(&self.desk, &caller, request).await?;
        let pieces = until(self.stop.clone(), seat.clone(), pieces);
        Ok(Response::new(Box::pin(Seated::new(seat, pieces))))
    }

    async fn remove_attachment(
        &self,
        request: Request<v1::RemoveAttachmentRequest>,
    ) -> Result<Response<v1::RemoveAttachmentResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, life::detach(request)?).await?);
        Ok(Response::new(v1::RemoveAttachmentResponse { ticket }))
    }

    async fn list_ticket_events(
        &self,
        request: Request<v1::ListTicketEventsRequest>,
    ) -> Result<Response<v1::ListTicketEventsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (ticket, after, size) = request::history(&request)?;
        let mut events = self.desk.ticket_events(&caller, ticket, after, size + 1).await?;
        let more = fit(&mut events, size);
        let last = events.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_event(it.position)).unwrap_or_default();
        Ok(Response::new(v1::ListTicketEventsResponse { events, next_page_token }))
    }

    async fn list_events(
        &self,
        request: Request<v1::ListEventsRequest>,
    ) -> Result<Response<v1::ListEventsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let size = request::events(&request)?;
        let (mut events, read_to) =
            self.desk.events(&caller, request.partition, request.after_position, size).await?;
        let cut = fit(&mut events, size);
        // What was cut off has not been read, so the next call must start there.
        let read_to = events.last().filter(|_| cut).map_or(read_to, |it| it.position);
        Ok(Response::new(v1::ListEventsResponse { events, read_to }))
    }

    async fn watch_tickets(
        &self,
        request: Request<v1::WatchTicketsRequest>,
    ) -> Result<Response<Self::WatchTicketsStream>, Status> {
        let (caller, request, seat) = admitted(request)?;
        let events = self.desk.watch(&caller, request::watch(&request)?).await?;
        let answer = |event| v1::WatchTicketsResponse { event: Some(event) };
        let answers = events.map(move |it| it.map(answer).map_err(Status::from));
        let answers = until(self.stop.clone(), seat.clone(), answers);
        Ok(Response::new(Box::pin(Seated::new(seat, answers))))
    }
}
