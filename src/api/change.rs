//! Changes.

mod answer;
mod request;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_change, fit},
};
use crate::{
    desk::{
        Desk,
        changes::{Conflict, place_of},
    },
    proto::{
        ticket::ticket_to,
        v1::{self, change_service_server::ChangeService},
    },
};

/// The service of changes.
pub(super) struct Changes {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl ChangeService for Changes {
    async fn open_change(
        &self,
        request: Request<v1::OpenChangeRequest>,
    ) -> Result<Response<v1::OpenChangeResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.open_change(&caller, request::open(request)?).await?;
        Ok(Response::new(v1::OpenChangeResponse { ticket: Some(ticket) }))
    }

    async fn plan_change(
        &self,
        request: Request<v1::PlanChangeRequest>,
    ) -> Result<Response<v1::PlanChangeResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.change(&caller, request::plan(request)?).await?;
        Ok(Response::new(v1::PlanChangeResponse { ticket: Some(ticket) }))
    }

    async fn get_change(
        &self,
        request: Request<v1::GetChangeRequest>,
    ) -> Result<Response<v1::GetChangeResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let change = request::one("change", &raw.change)?;
        let (change, conflicts) = self.desk.changes(&caller).get(&change).await?;
        let conflicts = conflicts.into_iter().map(answer::conflict).collect();
        Ok(Response::new(v1::GetChangeResponse { ticket: Some(ticket_to(&change)), conflicts }))
    }

    async fn check_change(
        &self,
        request: Request<v1::CheckChangeRequest>,
    ) -> Result<Response<v1::CheckChangeResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let change = request::one("change", &raw.change)?;
        let check = self.desk.changes(&caller).check(&change).await?;
        Ok(Response::new(answer::check(check)))
    }

    async fn submit_change(
        &self,
        request: Request<v1::SubmitChangeRequest>,
    ) -> Result<Response<v1::SubmitChangeResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.submit_change(&caller, request::submit(request)?).await?;
        Ok(Response::new(v1::SubmitChangeResponse { ticket: Some(ticket) }))
    }

    async fn schedule_change(
        &self,
        request: Request<v1::ScheduleChangeRequest>,
    ) -> Result<Response<v1::ScheduleChangeResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (change, wanted) = request::schedule(request)?;
        let ticket = self.desk.schedule_change(&caller, change, wanted).await?;
        Ok(Response::new(v1::ScheduleChangeResponse { ticket: Some(ticket) }))
    }

    async fn review_change(
        &self,
        request: Request<v1::ReviewChangeRequest>,
    ) -> Result<Response<v1::ReviewChangeResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.review_change(&caller, request::review(request)?).await?;
        Ok(Response::new(v1::ReviewChangeResponse { ticket: Some(ticket) }))
    }

    async fn list_changes(
        &self,
        request: Request<v1::ListChangesRequest>,
    ) -> Result<Response<v1::ListChangesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (shown, after, size) = request::list(request)?;
        let found = self.desk.changes(&caller).list(&shown, after, size as usize).await?;
        let mut changes: Vec<_> = found.changes.iter().map(ticket_to).collect();
        let mut next = found.next;
        if fit(&mut changes, size) {
            next = found.changes.get(changes.len() - 1).and_then(place_of);
        }
        let is_told = |it: &Conflict| changes.iter().any(|told| told.number == it.number);
        let conflicts = found.conflicts.into_iter().filter(is_told).map(answer::conflict).collect();
        let next_page_token = next.map(behind_change).unwrap_or_default();
        let left_out = !next_page_token.is_empty();
        Ok(Response::new(v1::ListChangesResponse { changes, left_out, next_page_token, conflicts }))
    }

    async fn list_recent_changes(
        &self,
        request: Request<v1::ListRecentChangesRequest>,
    ) -> Result<Response<v1::ListRecentChangesResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let which = request::one("ticket", &raw.ticket)?;
        let (found, left_out) = self.desk.recent_changes(&caller, &which).await?;
        let changes = found.into_iter().map(answer::recent).collect();
        Ok(Response::new(v1::ListRecentChangesResponse { changes, left_out }))
    }

    async fn list_aftermath(
        &self,
        request: Request<v1::ListAftermathRequest>,
    ) -> Result<Response<v1::ListAftermathResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let change = request::one("change", &raw.change)?;
        let (found, left_out) = self.desk.changes(&caller).aftermath(&change).await?;
        let incidents = found.into_iter().map(answer::after).collect();
        Ok(Response::new(v1::ListAftermathResponse { incidents, left_out }))
    }
}
