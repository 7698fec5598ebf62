//! The only place that makes a gRPC status: which code a fault has, its `google.rpc` details, and the
//! same as the `fault` of a stream. A `reason` is part of the contract, since a bot may switch on it.
//! There is no catch-all arm, so a new fault does not compile until somebody has chosen its code.

mod approval;

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{
    desk::fault::{Fault, Unfit, Violation},
    domain::{
        article::Refused,
        improvement,
        people::Role,
        ticket::{AssetKnot, Knot, Refusal, TaskRefusal, Undiagnosed, Unplanned, Unrated},
        wave,
    },
    proto::v1,
};

/// `ErrorInfo.domain` of every refusal.
const DOMAIN: &str = "dispatch";
/// A full queue is usually shorter after this.
const BUSY: Duration = Duration::from_millis(500);
/// Most trainings have ended after this.
const TRAINED: Duration = Duration::from_secs(10);
/// A file has usually come after this.
const SENT: Duration = Duration::from_secs(2);
/// A database or a process that restarts needs about this long.
const DOWN: Duration = Duration::from_secs(1);
/// Details travel in trailers, and some clients take no more than 8 KiB of these.
const MOST_VIOLATIONS: usize = 20;
const LONGEST_MESSAGE: usize = 1024;

/// Why a call did not even reach the desk.
#[derive(Debug)]
pub(super) enum Denied {
    /// It carried no token.
    NoToken,
    /// Nobody holds this token, or no longer.
    UnknownToken,
    /// The caller has none of these roles.
    NoRole(&'static [Role]),
    /// As many calls as the process takes are under way.
    Full,
    /// The deadline passed.
    Late,
    /// Nothing of a file that is being sent came for so long.
    Stalled(Duration),
    /// The method is not in the table of access.
    NoSuchMethod,
    /// The process goes down.
    Stopping,
    /// The desk could not say who calls.
    Desk(Fault),
}

/// A refusal, before it takes the form of a status or of a fault on a stream.
#[derive(Default)]
struct Answer {
    code: Option<Code>,
    reason: &'static str,
    message: String,
    violations: Vec<Violation>,
    facts: HashMap<String, String>,
    retry: Option<Duration>,
}

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        answer(&fault).status()
    }
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NoToken => Answer::new(
                Code::Unauthenticated,
                "NO_TOKEN",
                "no API token; send it as metadata `authorization: Bearer <token>`",
            ),
            Denied::UnknownToken => {
                Answer::new(Code::Unauthenticated, "UNKNOWN_TOKEN", "this API token is not valid, or no longer")
            }
            Denied::NoRole(roles) => {
                let names: Vec<_> = roles.iter().map(|it| it.as_str()).collect();
                let message = format!("this call needs one of the roles {}", names.join(", "));
                Answer::new(Code::PermissionDenied, "NO_ROLE", message)
            }
            Denied::Full => Answer::new(Code::ResourceExhausted, "TOO_MANY_CALLS", "too many calls at once")
                .retry(BUSY),
            Denied::Late => Answer::new(
                Code::DeadlineExceeded,
                "DEADLINE_EXCEEDED",
                "the deadline passed; whether the call took effect is unknown: send the same request id again",
            ),
            Denied::Stalled(time) => {
                let message = format!(
                    "nothing of the file came for {} seconds, so it was given up and nothing of it is kept; send it \
                     again from its beginning, with the same request id",
                    time.as_secs()
                );
                Answer::new(Code::DeadlineExceeded, "UPLOAD_STALLED", message)
            }
            Denied::NoSuchMethod => Answer::new(Code::Unimplemented, "NO_SUCH_METHOD", "no such method"),
            Denied::Stopping => {
                Answer::new(Code::Unavailable, "STOPPING", "the service goes down; connect again").retry(DOWN)
            }
            Denied::Desk(fault) => answer(&fault),
        }
        .status()
    }
}

/// What a call would have failed with, for a stream that goes on.
pub(super) fn refusal(fault: &Fault) -> v1::Fault {
    let answer = answer(fault);
    metrics::counter!("dispatch_refused_messages_total", "reason" => answer.reason).increment(1);
    let violation = |it: Violation| format!("{}: {}", it.field, it.problem);
    v1::Fault {
        code: answer.code.map_or(Code::Unknown as i32, |it| it as i32),
        message: shorten(answer.message),
        reason: answer.reason.to_owned(),
        violations: answer.violations.into_iter().take(MOST_VIOLATIONS).map(violation).collect(),
        retry_after_ms: answer.retry.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX)),
    }
}

/// A code as metrics and logs write it.
pub(super) fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

fn answer(fault: &Fault) -> Answer {
    match fault {
        Fault::Malformed(violations) => malformed(violations.clone()),
        // No id in it: an unknown one and another tenant's must look the same.
        Fault::NotFound(what) => Answer::new(Code::NotFound, "NOT_FOUND", format!("no such {what}")),
        Fault::RequestReused(request) => {
            let message = format!("request id `{request}` was used before with other content; use a new one");
            Answer::new(Code::AlreadyExists, "REQUEST_REUSED", message).fact("request_id", request)
        }
        Fault::Refused(refusal) => refused(refusal),
        Fault::Article(refused) => {
            Answer::new(Code::FailedPrecondition, unwritten(refused), refused.to_string())
        }
        Fault::Improvement(refused) => {
            let reason = match refused {
                improvement::Refused::NoSuchStep { .. } => "NO_SUCH_STEP",
                improvement::Refused::SaysOtherwise { .. } => "MEASURE_SAYS_OTHERWISE",
                improvement::Refused::Over(_) => "OVER",
            };
            Answer::new(Code::FailedPrecondition, reason, refused.to_string())
        }
        Fault::Wave(refused) => {
            let reason = match refused {
                wave::Refused::NoSuchStep { .. } => "NO_SUCH_STEP",
                wave::Refused::NoIncident(_) => "NO_INCIDENT",
                wave::Refused::Unfit(_) => "UNFIT_PARENT",
            };
            Answer::new(Code::FailedPrecondition, reason, refused.to_string())
        }
        Fault::Stale { what: _, expected, current } => {
            let message =
                format!("version {expected} was expected, but it is {current} by now; read it again");
            Answer::new(Code::Aborted, "STALE", message).fact("current_version", current)
        }
        Fault::Unfit { why, problem } => Answer::new(Code::FailedPrecondition, unfit(*why), problem.clone()),
        Fault::Taken(problem) => Answer::new(Code::AlreadyExists, "TAKEN", problem.clone()),
        Fault::Left(problem) => Answer::new(Code::FailedPrecondition, "REQUESTER_LEFT", problem.clone()),
        Fault::Forbidden(problem) => Answer::new(Code::PermissionDenied, "FORBIDDEN", problem.clone()),
        Fault::Training => Answer::new(Code::ResourceExhausted, "TRAINING", fault.to_string()).retry(TRAINED),
        Fault::Uploads { most } => {
            Answer::new(Code::ResourceExhausted, "TOO_MANY_UPLOADS", fault.to_string())
                .fact("most", most)
                .retry(SENT)
        }
        Fault::Busy => Answer::new(Code::ResourceExhausted, "BUSY", "too much to do; try again").retry(BUSY),
        Fault::Unavailable => {
            Answer::new(Code::Unavailable, "UNAVAILABLE", "the store does not answer; try again").retry(DOWN)
        }
    }
}

fn unwritten(refused: &Refused) -> &'static str {
    match refused {
        Refused::NoSuchStep { .. } => "NO_SUCH_STEP",
        Refused::Unresolved(_) => "NOT_RESOLVED",
        Refused::OutOfSight(_) => "NOT_PUBLISHED",
        Refused::NoText(_) => "NO_TEXT",
    }
}

fn unfit(why: Unfit) -> &'static str {
    match why {
        Unfit::Golden => "GOLDEN_MESSAGES_BROKEN",
        Unfit::Unusable => "MODEL_UNUSABLE",
        Unfit::AlreadyThere => "ALREADY_THERE",
        Unfit::NothingBefore => "NOTHING_BEFORE",
        Unfit::NoShadow => "NO_SHADOW",
        Unfit::Over => "OVER",
    }
}

fn refused(refusal: &Refusal) -> Answer {
    let plain = |reason| Answer::new(Code::FailedPrecondition, reason, refusal.to_string());
    let field = |field: &str| Violation { field: field.to_owned(), problem: refusal.to_string() };
    match refusal {
        Refusal::NoSuchMove { from, to, allowed, others: _ } => {
            let allowed: Vec<_> = allowed.iter().map(|it| it.as_str()).collect();
            plain("NO_SUCH_MOVE")
                .fact("from", from.as_str())
                .fact("to", to.as_str())
                .fact("allowed", allowed.join(","))
        }
        Refusal::Over(state) => plain("OVER").fact("state", state.as_str()),
        Refusal::NotOffered(_) => plain("NOT_OFFERED"),
        Refusal::AlreadyThere => plain("ALREADY_THERE"),
        Refusal::Task(it) => task(it),
        Refusal::NothingToChange => plain("NOTHING_TO_CHANGE"),
        Refusal::Merged { survivor, .. } => plain("MERGED").fact("survivor", survivor),
        Refusal::NotOver(number) => plain("NOT_OVER").fact("ticket", number),
        Refusal::Tie(knot) => plain(knotted(knot)),
        Refusal::Undiagnosed(Undiagnosed::NoProblem(_)) => plain("NO_PROBLEM"),
        Refusal::Undiagnosed(Undiagnosed::NotSaid(_)) => plain("NOT_KNOWN"),
        Refusal::Unrated(Unrated::NotTheirs) => plain("NOT_THEIRS"),
        Refusal::Unrated(Unrated::NotEnded(state)) => plain("NOT_ENDED").fact("state", state.as_str()),
        Refusal::Unrated(Unrated::TooLate) => plain("TOO_LATE"),
        Refusal::Undiagnosed(Undiagnosed::NotKnown) => malformed(vec![field("diagnosis.is_known_error")]),
        Refusal::Undiagnosed(Undiagnosed::NoCause) => plain("NO_CAUSE"),
        Refusal::Unplanned(it) => plain(unplanned(it)),
        Refusal::Asset(AssetKnot::AlreadySo(_)) => plain("ALREADY_THERE"),
        Refusal::Asset(AssetKnot::NotByHand(_)) => plain("NOT_LINKED"),
        Refusal::Asset(AssetKnot::TooMany) => plain("TOO_MANY"),
        Refusal::NoComment(_) => malformed(vec![field("comment")]),
        Refusal::NoCancelReason => malformed(vec![field("cancel_reason")]),
        Refusal::NotApproved => plain("NOT_APPROVED"),
        Refusal::Approval(refusal) => approval::answer(refusal),
        Refusal::NoHoldReason => malformed(vec![field("hold_reason")]),
        Refusal::NoResolution => malformed(vec![field("resolution")]),
    }
}

fn task(refusal: &TaskRefusal) -> Answer {
    let plain = |reason| Answer::new(Code::FailedPrecondition, reason, refusal.to_string());
    let field = |field: &str| Violation { field: field.to_owned(), problem: refusal.to_string() };
    match refusal {
        TaskRefusal::Unknown(..) | TaskRefusal::AlreadyThere(_) => malformed(vec![field("task")]),
        TaskRefusal::NoItem(..) => malformed(vec![field("item")]),
        TaskRefusal::NotYet(state) => plain("NOT_YET").fact("state", state.as_str()),
        TaskRefusal::NotAgreed => plain("NOT_AGREED"),
        TaskRefusal::TooMany => plain("TOO_MANY"),
        TaskRefusal::Ended(_, state) => plain("TASK_ENDED").fact("state", *state),
        TaskRefusal::Open(_) => plain("TASK_OPEN"),
        TaskRefusal::Waits(_, first) => plain("TASK_WAITS").fact("first", first.replace('`', "")),
        TaskRefusal::Unticked(..) => plain("TASK_UNTICKED"),
        TaskRefusal::Needed(_) => plain("TASK_NEEDED"),
        TaskRefusal::Same(_) => plain("ALREADY_THERE"),
        TaskRefusal::Followed(_, next) => plain("TASK_FOLLOWED").fact("next", next.replace('`', "")),
        TaskRefusal::Resolves(open) => plain("TASKS_OPEN").fact("open", open.replace('`', "")),
    }
}

fn unplanned(why: &Unplanned) -> &'static str {
    match why {
        Unplanned::NoChange(_) => "NO_CHANGE",
        Unplanned::Incomplete(_) => "PLAN_INCOMPLETE",
        Unplanned::AsAgreed(_) | Unplanned::OtherAsAgreed { .. } => "AS_AGREED",
        Unplanned::NotAgreed | Unplanned::BySubmitting | Unplanned::Riskier { .. } => "NOT_AGREED",
        Unplanned::NotScheduled => "NOT_SCHEDULED",
        Unplanned::NotNow(_) => "NOT_NOW",
        Unplanned::Begun => "BEGUN",
        Unplanned::Past(_) => "WINDOW_PAST",
        Unplanned::Barred(_) => "WINDOW_BARRED",
        Unplanned::Collides(_) => "COLLIDES",
        Unplanned::Unreviewed(_) => "UNREVIEWED",
    }
}

fn knotted(knot: &Knot) -> &'static str {
    match knot {
        Knot::Itself => "ITSELF",
        Knot::There(_) => "ALREADY_THERE",
        Knot::Absent(_) => "NOT_THERE",
        Knot::HasParent { .. } => "HAS_PARENT",
        Knot::Circular(_) => "CIRCULAR",
        Knot::HasChildren(_) => "HAS_CHILDREN",
        Knot::OtherOver { .. } => "OTHER_OVER",
        Knot::NoCause { .. } => "NO_CAUSE",
        Knot::Kinds { .. } => "OTHER_KIND",
        Knot::NoEnd { .. } => "NO_END",
        Knot::TooMany { .. } | Knot::Overfull { .. } => "TOO_MANY",
    }
}

fn malformed(violations: Vec<Violation>) -> Answer {
    let lines: Vec<_> = violations.iter().map(|it| format!("{}: {}", it.field, it.problem)).collect();
    Answer { violations, ..Answer::new(Code::InvalidArgument, "MALFORMED", lines.join("; ")) }
}

impl Answer {
    fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code: Some(code), reason, message: message.into(), ..Self::default() }
    }

    fn retry(self, after: Duration) -> Self {
        Self { retry: Some(after), ..self }
    }

    fn fact(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.insert(name.to_owned(), value.to_string());
        self
    }

    fn status(self) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(self.reason, DOMAIN, self.facts);
        for it in self.violations.into_iter().take(MOST_VIOLATIONS) {
            details.add_bad_request_violation(it.field, it.problem);
        }
        if self.retry.is_some() {
            details.set_retry_info(self.retry);
        }
        Status::with_error_details(self.code.unwrap_or(Code::Unknown), shorten(self.message), details)
    }
}

fn shorten(message: String) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    format!("{}…", &message[..message.floor_char_boundary(LONGEST_MESSAGE)])
}

#[cfg(test)]
mod tests;
