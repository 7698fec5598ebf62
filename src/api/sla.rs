//! Service levels over time.

mod request;

use tonic::{Request, Response, Status};

use super::guard::admitted;
use crate::{
    desk::Desk,
    proto::v1::{self, sla_service_server::SlaService},
};

/// The service of service levels.
pub(super) struct Levels {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl SlaService for Levels {
    async fn sla_report(
        &self,
        request: Request<v1::SlaReportRequest>,
    ) -> Result<Response<v1::SlaReportResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let question = request::report(request)?;
        Ok(Response::new(self.desk.sla_report(&caller, &question).await?))
    }
}
