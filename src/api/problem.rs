//! Problems and known errors.

use tonic::{Request, Response, Status};

use super::{guard::admitted, parse::Checks};
use crate::{
    desk::{
        Desk,
        command::{Change, What},
        fault::Fault,
        problems::{KnownError, NewProblem},
    },
    domain::ticket::Diagnosis,
    proto::{
        diagnosis::diagnosis_to,
        v1::{self, problem_service_server::ProblemService},
    },
};

/// Incidents of a new problem.
const INCIDENTS: usize = 50;
/// Longest code of an error, in characters.
const CODE: usize = 120;

/// The service of problems.
pub(super) struct Problems {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl ProblemService for Problems {
    async fn open_problem(
        &self,
        request: Request<v1::OpenProblemRequest>,
    ) -> Result<Response<v1::OpenProblemResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.open_problem(&caller, new(request)?).await?;
        Ok(Response::new(v1::OpenProblemResponse { ticket: Some(ticket) }))
    }

    async fn diagnose_problem(
        &self,
        request: Request<v1::DiagnoseProblemRequest>,
    ) -> Result<Response<v1::DiagnoseProblemResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let ticket = self.desk.change(&caller, diagnose(request)?).await?;
        Ok(Response::new(v1::DiagnoseProblemResponse { ticket: Some(ticket) }))
    }

    async fn publish_known_error(
        &self,
        request: Request<v1::PublishKnownErrorRequest>,
    ) -> Result<Response<v1::PublishKnownErrorResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let mut checks = Checks::default();
        let request = checks.id("request_id", raw.request_id);
        let problem = checks.ticket("problem", &raw.problem);
        let (request, problem) = checks.done((request, problem))?;
        let ticket = self.desk.publish_known_error(&caller, &request, &problem).await?;
        Ok(Response::new(v1::PublishKnownErrorResponse { ticket: Some(ticket) }))
    }

    async fn list_known_errors(
        &self,
        request: Request<v1::ListKnownErrorsRequest>,
    ) -> Result<Response<v1::ListKnownErrorsResponse>, Status> {
        let (caller, raw, _seat) = admitted(request)?;
        let mut checks = Checks::default();
        let ticket = (!raw.ticket.is_empty()).then(|| checks.ticket("ticket", &raw.ticket));
        let ticket = checks.done(ticket)?;
        let found = self.desk.known_errors(&caller, ticket.as_ref()).await?;
        let errors = found.into_iter().map(error).collect();
        Ok(Response::new(v1::ListKnownErrorsResponse { errors }))
    }
}

fn new(raw: v1::OpenProblemRequest) -> Result<NewProblem, Fault> {
    let mut checks = Checks::default();
    if raw.incidents.len() > INCIDENTS {
        let problem = format!("names {}; a problem is opened of at most {INCIDENTS}", raw.incidents.len());
        checks.wrong("incidents", problem);
        return checks.done(()).and(Err(Fault::Unavailable));
    }
    let incidents = raw.incidents.iter().enumerate();
    let new = NewProblem {
        request: checks.id("request_id", raw.request_id),
        incidents: incidents.map(|(at, it)| checks.ticket(&format!("incidents[{at}]"), it)).collect(),
        template: checks.optional_id("template", raw.template),
        subject: checks.subject("subject", &raw.subject),
        description: checks.optional_text("description", raw.description),
    };
    checks.done(new)
}

fn diagnose(raw: v1::DiagnoseProblemRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let given = raw.diagnosis.unwrap_or_else(|| {
        checks.wrong("diagnosis", "is required: all that is known of the problem");
        v1::Diagnosis::default()
    });
    if !given.article.is_empty() {
        checks.wrong("diagnosis.article", "is the desk's to say; PublishKnownError makes it");
    }
    if given.error_code.contains(['`', '\n', '\r']) {
        checks.wrong("diagnosis.error_code", "must be one line without backticks");
    }
    if given.error_code.chars().count() > CODE {
        checks.wrong("diagnosis.error_code", format!("has more than {CODE} characters"));
    }
    let mut text = |field: &str, text: String| checks.optional_text(&format!("diagnosis.{field}"), text);
    let diagnosis = Diagnosis {
        symptom: text("symptom", given.symptom),
        root_cause: text("root_cause", given.root_cause),
        workaround: text("workaround", given.workaround),
        solution: text("solution", given.solution),
        error_code: text("error_code", given.error_code),
        is_known: given.is_known_error,
        article: None,
    };
    let change = Change {
        request: checks.id("request_id", raw.request_id),
        ticket: checks.ticket("problem", &raw.problem),
        what: What::Diagnose(Box::new(diagnosis)),
        expected: Some(raw.expected_version).filter(|it| *it > 0),
    };
    checks.done(change)
}

fn error(it: KnownError) -> v1::KnownError {
    let KnownError { problem, assets, services, likeness, same_code } = it;
    v1::KnownError {
        problem: problem.id.to_string(),
        number: problem.number,
        subject: problem.subject,
        diagnosis: problem.diagnosis.as_deref().map(diagnosis_to),
        assets,
        services,
        likeness,
        same_code,
    }
}
