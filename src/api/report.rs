//! How well the desk does.

mod improvement;
mod request;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_improvement, fit},
};
use crate::{
    desk::{
        Desk,
        improvements::{Known, List, Reading},
    },
    domain::improvement::Standing,
    proto::{
        improvement::improvement_to,
        v1::{self, report_service_server::ReportService},
    },
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

    async fn rate_ticket(
        &self,
        request: Request<v1::RateTicketRequest>,
    ) -> Result<Response<v1::RateTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, rated) = improvement::rate(request)?;
        let ticket = self.desk.rate(&caller, same.asked(), rated).await?;
        Ok(Response::new(v1::RateTicketResponse { ticket: Some(ticket) }))
    }

    async fn put_improvement(
        &self,
        request: Request<v1::PutImprovementRequest>,
    ) -> Result<Response<v1::PutImprovementResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, which, wish, expected) = improvement::put(request, &Known(&self.desk.catalog(&caller)))?;
        let register = self.desk.improvements(&caller);
        let it = register.put(same.asked(), which.as_ref(), wish, expected).await?;
        Ok(Response::new(v1::PutImprovementResponse { improvement: Some(improvement_to(&it)) }))
    }

    async fn move_improvement(
        &self,
        request: Request<v1::MoveImprovementRequest>,
    ) -> Result<Response<v1::MoveImprovementResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, which, step, expected) = improvement::go(request)?;
        let it = self.desk.improvements(&caller).go(same.asked(), &which, step, expected).await?;
        Ok(Response::new(v1::MoveImprovementResponse { improvement: Some(improvement_to(&it)) }))
    }

    async fn list_improvements(
        &self,
        request: Request<v1::ListImprovementsRequest>,
    ) -> Result<Response<v1::ListImprovementsResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (state, after, size) = improvement::list(&request)?;
        let List { found, due, today } =
            self.desk.improvements(&caller).list(state, after.as_ref(), size + 1).await?;
        let mut improvements: Vec<_> = found.iter().map(|(it, _)| improvement_to(it)).collect();
        let more = fit(&mut improvements, size);
        let last = improvements.len().checked_sub(1).and_then(|it| found.get(it)).filter(|_| more);
        let next_page_token = last.map(|(_, place)| behind_improvement(today, place)).unwrap_or_default();
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        Ok(Response::new(v1::ListImprovementsResponse { improvements, due, next_page_token }))
    }

    async fn get_improvement(
        &self,
        request: Request<v1::GetImprovementRequest>,
    ) -> Result<Response<v1::GetImprovementResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let which = improvement::get(&request)?;
        let Reading { improvement, value, standing, months } =
            self.desk.improvements(&caller).reading(&which).await?;
        let standing = match standing {
            Standing::Unknown => v1::ImprovementStanding::Unspecified,
            Standing::OnTrack => v1::ImprovementStanding::OnTrack,
            Standing::Behind => v1::ImprovementStanding::Behind,
            Standing::Reached => v1::ImprovementStanding::Reached,
        };
        let month = |(day, value): (jiff::civil::Date, Option<f64>)| v1::ImprovementMonth {
            first_day: day.to_string(),
            value,
        };
        Ok(Response::new(v1::GetImprovementResponse {
            improvement: Some(improvement_to(&improvement)),
            value,
            standing: standing.into(),
            months: months.into_iter().map(month).collect(),
        }))
    }
}
