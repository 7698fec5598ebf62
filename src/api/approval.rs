//! Approvals: what waits for somebody's consent, their yes or no, and handing that on.

mod request;

use tonic::{Request, Response, Status};

use self::request::Which;
use super::{
    guard::admitted,
    parse::page::{behind_ticket, fit},
};
use crate::{
    desk::Desk,
    proto::v1::{self, approval_service_server::ApprovalService},
};

/// The approval service.
pub(super) struct Approvals {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl ApprovalService for Approvals {
    async fn list_approvals(
        &self,
        request: Request<v1::ListApprovalsRequest>,
    ) -> Result<Response<v1::ListApprovalsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (person, which) = request::list(request)?;
        let (mut approvals, size) = match which {
            Which::Ticket(ticket) => (vec![self.desk.approval(&caller, person, ticket).await?], 1),
            // One more than asked for tells whether there is a next page.
            Which::Pending(after, size) => {
                (self.desk.pending_approvals(&caller, person, after, size + 1).await?, size)
            }
        };
        let more = fit(&mut approvals, size);
        let last = approvals.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_ticket(&it.ticket)).unwrap_or_default();
        Ok(Response::new(v1::ListApprovalsResponse { approvals, next_page_token }))
    }

    async fn decide_approval(
        &self,
        request: Request<v1::DecideApprovalRequest>,
    ) -> Result<Response<v1::DecideApprovalResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let approval = Some(self.desk.answer_approval(&caller, request::decide(request)?).await?);
        Ok(Response::new(v1::DecideApprovalResponse { approval }))
    }

    async fn delegate_approval(
        &self,
        request: Request<v1::DelegateApprovalRequest>,
    ) -> Result<Response<v1::DelegateApprovalResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let approval = Some(self.desk.answer_approval(&caller, request::delegate(request)?).await?);
        Ok(Response::new(v1::DelegateApprovalResponse { approval }))
    }
}
