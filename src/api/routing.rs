//! Routing suggestions for other services. Nothing is stored.

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use super::{
    guard::admitted,
    parse::Checks,
    status,
    stream::{Seated, until},
};
use crate::{
    desk::{Desk, fault::Fault},
    domain::people::Caller,
    proto::v1::{self, routing_service_server::RoutingService},
};

/// Most texts of one batch.
const MOST: usize = 256;

/// The routing service.
pub(super) struct Routing {
    pub(super) desk: Desk,
    pub(super) stop: CancellationToken,
}

#[tonic::async_trait]
impl RoutingService for Routing {
    type SuggestStreamStream = BoxStream<v1::SuggestStreamResponse>;

    async fn suggest(
        &self,
        request: Request<v1::SuggestRequest>,
    ) -> Result<Response<v1::SuggestResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let suggestion = Some(suggest(&self.desk, &caller, parse(request)?).await?);
        Ok(Response::new(v1::SuggestResponse { suggestion }))
    }

    async fn suggest_stream(
        &self,
        request: Request<Streaming<v1::SuggestStreamRequest>>,
    ) -> Result<Response<Self::SuggestStreamStream>, Status> {
        let (caller, texts, seat) = admitted(request)?;
        let desk = self.desk.clone();
        let answers = until(self.stop.clone(), seat.clone(), texts).then(move |it| {
            let (desk, caller) = (desk.clone(), caller.clone());
            async move {
                let request = it?.request.unwrap_or_default();
                let id = request.id.clone();
                let suggested = match parse(request) {
                    Ok(request) => suggest(&desk, &caller, request).await,
                    Err(refused) => Err(refused),
                };
                let (suggestion, fault) = match suggested {
                    Ok(suggestion) => (Some(suggestion), None),
                    Err(fault) => (None, Some(status::refusal(&fault))),
                };
                Ok(v1::SuggestStreamResponse { suggestion, fault, id })
            }
        });
        Ok(Response::new(Box::pin(Seated::new(seat, answers))))
    }

    async fn batch_suggest(
        &self,
        request: Request<v1::BatchSuggestRequest>,
    ) -> Result<Response<v1::BatchSuggestResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let texts = parse_batch(request)?;
        let mut suggestions = Vec::with_capacity(texts.len());
        for it in texts {
            suggestions.push(suggest(&self.desk, &caller, it).await?);
        }
        Ok(Response::new(v1::BatchSuggestResponse { suggestions }))
    }
}

async fn suggest(desk: &Desk, caller: &Caller, request: v1::SuggestRequest) -> Result<v1::Suggestion, Fault> {
    let suggestion = desk.suggest(caller, &request.text, request.explain).await?;
    Ok(v1::Suggestion { id: request.id, ..suggestion })
}

fn parse(raw: v1::SuggestRequest) -> Result<v1::SuggestRequest, Fault> {
    let mut checks = Checks::default();
    let request = one(&mut checks, "", raw);
    checks.done(request)
}

fn parse_batch(raw: v1::BatchSuggestRequest) -> Result<Vec<v1::SuggestRequest>, Fault> {
    let mut checks = Checks::default();
    if !(1..=MOST).contains(&raw.requests.len()) {
        checks.wrong("requests", format!("has {} texts; 1 to {MOST} are taken", raw.requests.len()));
        return checks.done(vec![]);
    }
    let numbered = raw.requests.into_iter().enumerate();
    let texts = numbered.map(|(index, it)| one(&mut checks, &format!("requests[{index}]."), it)).collect();
    checks.done(texts)
}

fn one(checks: &mut Checks, within: &str, raw: v1::SuggestRequest) -> v1::SuggestRequest {
    v1::SuggestRequest {
        id: checks.optional_id(&format!("{within}id"), raw.id).unwrap_or_default(),
        text: checks.text(&format!("{within}text"), raw.text),
        explain: raw.explain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_bounds_and_names_the_bad_text() {
        let of = |requests| match parse_batch(v1::BatchSuggestRequest { requests }) {
            Err(Fault::Malformed(it)) => it.into_iter().map(|it| it.field).collect(),
            Ok(_) | Err(_) => vec![],
        };
        let text = |text: &str| v1::SuggestRequest { text: text.to_owned(), ..Default::default() };
        assert_eq!(of(vec![]), ["requests"]);
        assert_eq!(of(vec![text("x"); 257]), ["requests"]);
        assert_eq!(of(vec![text("x"), text("")]), ["requests[1].text"]);
        assert_eq!(of(vec![text("x"); 256]), [""; 0]);
    }
}
