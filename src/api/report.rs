//! How well the desk does.

mod request;

use tonic::{Request, Response, Status};

use super::guard::admitted;
use crate::{
    desk::Desk,
    proto::v1::{self, report_service_server::ReportService},
};

/// The service of reports.
pub(super) struct Reports {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl ReportService for Reports {
    async fn measure(
        &self,
        request: Request<v1::MeasureRequest>,
    ) -> Result<Response<v1::MeasureResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let question = request::measure(request)?;
        Ok(Response::new(self.desk.measure(&caller, &question).await?))
    }

    async fn backlog(
        &self,
        request: Request<v1::BacklogRequest>,
    ) -> Result<Response<v1::BacklogResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (by, filter) = request::backlog(request)?;
        Ok(Response::new(self.desk.open_by_age(&caller, by, &filter).await?))
    }
}
