//! The portfolio of services.

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::{Checks, words::Words},
};
use crate::{
    desk::{Desk, fault::Fault, services::Question},
    domain::service::Stage,
    proto::{
        v1::{self, portfolio_service_server::PortfolioService},
        words,
    },
};

/// The service of the portfolio.
pub(super) struct Portfolio {
    pub(super) desk: Desk,
}

const STAGE: Words<Stage> = Words {
    read: words::stage_from,
    name: |it| v1::ServiceStage::try_from(it).ok().map(|it| it.as_str_name()),
};

#[tonic::async_trait]
impl PortfolioService for Portfolio {
    async fn report_services(
        &self,
        request: Request<v1::ReportServicesRequest>,
    ) -> Result<Response<v1::ReportServicesResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let question = question(raw)?;
        Ok(Response::new(self.desk.report_services(&caller, &question).await?))
    }
}

fn question(raw: v1::ReportServicesRequest) -> Result<Question, Fault> {
    let mut checks = Checks::default();
    let question = Question {
        from: checks.day("from", &raw.from),
        to: checks.day("to", &raw.to),
        zone: checks.zone("zone", &raw.zone),
        service: checks.optional_id("service", raw.service),
        stage: checks.optional_word("stage", raw.stage, &STAGE),
    };
    checks.done(question)
}
