//! How tickets come to agents: offers, presence, what waits, and who would get a ticket.

mod request;

use tonic::{Request, Response, Status};

use super::guard::admitted;
use crate::{
    desk::Desk,
    proto::v1::{self, dispatch_service_server::DispatchService},
};

/// The dispatch service.
pub(super) struct Dispatch {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl DispatchService for Dispatch {
    async fn accept_offer(
        &self,
        request: Request<v1::AcceptOfferRequest>,
    ) -> Result<Response<v1::AcceptOfferResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::accept(&caller, request)?).await?);
        Ok(Response::new(v1::AcceptOfferResponse { ticket }))
    }

    async fn decline_offer(
        &self,
        request: Request<v1::DeclineOfferRequest>,
    ) -> Result<Response<v1::DeclineOfferResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = Some(self.desk.change(&caller, request::decline(&caller, request)?).await?);
        Ok(Response::new(v1::DeclineOfferResponse { ticket }))
    }

    async fn set_presence(
        &self,
        request: Request<v1::SetPresenceRequest>,
    ) -> Result<Response<v1::SetPresenceResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (request, agent, away) = request::presence(&caller, request)?;
        Ok(Response::new(self.desk.set_presence(&caller, request, agent, away).await?))
    }

    async fn preview_dispatch(
        &self,
        request: Request<v1::PreviewDispatchRequest>,
    ) -> Result<Response<v1::PreviewDispatchResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, group) = request::preview(request)?;
        Ok(Response::new(self.desk.preview(&caller, which, group).await?))
    }

    async fn list_backlog(
        &self,
        request: Request<v1::ListBacklogRequest>,
    ) -> Result<Response<v1::ListBacklogResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (group, size) = request::backlog(request)?;
        Ok(Response::new(self.desk.backlog(&caller, &group, size).await?))
    }
}
