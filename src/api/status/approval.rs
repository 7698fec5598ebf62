//! What a refusal about an approval is answered with, and who or what would be right.

use tonic::Code;

use super::{Answer, malformed};
use crate::{
    desk::fault::Violation,
    domain::{approval::Refusal, people::Person},
};

pub(super) fn answer(refusal: &Refusal) -> Answer {
    let over = |reason| Answer::new(Code::FailedPrecondition, reason, refusal.to_string());
    let denied = |reason, who: &[Person]| {
        Answer::new(Code::PermissionDenied, reason, refusal.to_string()).fact("approvers", subjects(who))
    };
    let field = |field: &str| malformed(vec![Violation::new(field, refusal.to_string())]);
    match refusal {
        Refusal::NotAsked => over("NO_APPROVAL_ASKED"),
        Refusal::Over(ending) => {
            let by = ending.by.as_ref().map_or("", |it| it.subject.as_str());
            over("APPROVAL_OVER").fact("outcome", ending.outcome.as_str()).fact("by", by)
        }
        Refusal::StepOver { step, outcome, now } => {
            over("STEP_OVER").fact("step", step).fact("outcome", outcome.as_str()).fact("now", now)
        }
        Refusal::SeatTaken(by) => over("ANSWERED_ALREADY").fact("by", &by.subject),
        Refusal::Escalated(to) => over("ESCALATED").fact("approvers", subjects(to)),
        Refusal::HandedOn(to) => over("HANDED_ON").fact("approvers", subjects(to)),
        Refusal::Changed { now, .. } => over("REQUEST_CHANGED").fact("round", now.to_string()),
        Refusal::Agreed { fields, .. } => over("AGREED_TO").fact("fields", fields.join(",")),
        Refusal::Unasked(steps) => over("NEEDS_APPROVAL").fact("steps", steps.join(",")),
        Refusal::NotApprover(who) => denied("NOT_APPROVER", who),
        Refusal::OwnRequest(who) => denied("OWN_REQUEST", who),
        Refusal::OwnPlan(who) => denied("OWN_PLAN", who),
        Refusal::NoReason => field("comment"),
        Refusal::BadDelegate { .. } => field("to"),
    }
}

fn subjects(who: &[Person]) -> String {
    who.iter().map(|it| it.subject.as_str()).collect::<Vec<_>>().join(",")
}
