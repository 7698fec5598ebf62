//! Requests about changes, from the contract's words to the desk's.

use crate::{
    api::parse::{
        Checks,
        words::{STATE, Words},
    },
    desk::{
        assets::AssetRef,
        changes::{NewChange, NewPlan, Place, Shown, Wanted},
        command::{Change, What},
        fault::Fault,
    },
    domain::{
        change::{LONGEST, Outcome, Review, SHORTEST, Span},
        lifecycle::State,
        lookup::TicketRef,
    },
    proto::{v1, words},
};

/// Tickets that one change is to put an end to.
const SETTLED: usize = 50;
/// Assets that are named for one change.
const ASSETS: usize = 100;
/// Answers of one plan.
const ANSWERS: usize = 50;

const OUTCOME: Words<Outcome> = Words {
    read: words::change_outcome_from,
    name: |it| v1::ChangeOutcome::try_from(it).ok().map(|it| it.as_str_name()),
};

pub(super) fn open(raw: v1::OpenChangeRequest) -> Result<NewChange, Fault> {
    let mut checks = Checks::default();
    let mut few = |field: &str, count: usize, most: usize| {
        if count > most {
            checks.wrong(field, format!("names {count}; at most {most} are taken"));
        }
        count <= most
    };
    let is_short = few("settles", raw.settles.len(), SETTLED) & few("assets", raw.assets.len(), ASSETS);
    if !is_short {
        return checks.done(()).and(Err(Fault::Unavailable));
    }
    let settles = raw.settles.iter().enumerate();
    let settles = settles.map(|(at, it)| checks.ticket(&format!("settles[{at}]"), it)).collect();
    let assets = raw.assets.into_iter().enumerate();
    let assets = assets.map(|(at, it)| AssetRef::parse(&checks.id(&format!("assets[{at}]"), it))).collect();
    let new = NewChange {
        request: checks.id("request_id", raw.request_id),
        template: checks.optional_id("template", raw.template),
        settles,
        assets,
        subject: checks.subject("subject", &raw.subject),
        description: checks.optional_text("description", raw.description),
    };
    checks.done(new)
}

pub(super) fn plan(raw: v1::PlanChangeRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let given = raw.plan.unwrap_or_else(|| {
        checks.wrong("plan", "is required: all that is planned");
        v1::ChangePlan::default()
    });
    if given.r#type != 0 {
        checks.wrong("plan.type", "is its template's to say; leave it out");
    }
    if !given.authors.is_empty() {
        checks.wrong("plan.authors", "are those who have planned it; leave them out");
    }
    if given.risk.is_some() {
        checks.wrong("plan.risk", "is reckoned from the answers and the assets; leave it out");
    }
    let mut text = |field: &str, text: String| checks.optional_text(&format!("plan.{field}"), text);
    let plan = NewPlan {
        implementation: text("implementation", given.implementation),
        test: text("test", given.test),
        back_out: text("back_out", given.back_out),
        window: given.window.and_then(|it| window(&mut checks, &it)),
        answers: answers(&mut checks, given.answers),
    };
    let change = change(&mut checks, raw.request_id, &raw.change, raw.expected_version);
    checks.done(Change { what: What::Plan(Box::new(plan)), ..change })
}

/// A window that ends after it starts, and not too long after it.
fn window(checks: &mut Checks, raw: &v1::TimeSpan) -> Option<Span> {
    let mut time = |field: &str, it: &Option<_>| match it {
        Some(it) => Some(checks.time(&format!("plan.window.{field}"), it)),
        None => {
            checks.wrong(format!("plan.window.{field}"), "is required in a window");
            None
        }
    };
    let (start, end) = (time("start_time", &raw.start_time), time("end_time", &raw.end_time));
    let span = Span { start: start?, end: end? };
    if span.end <= span.start {
        checks.wrong("plan.window.end_time", "is not after start_time; a window ends after it starts");
    } else if span.end.0 - span.start.0 < SHORTEST {
        checks.wrong("plan.window.end_time", "is less than a second after start_time");
    } else if span.seconds() > LONGEST {
        let days = LONGEST / 86_400;
        checks.wrong("plan.window.end_time", format!("is more than {days} days after start_time"));
    }
    Some(span)
}

fn answers(checks: &mut Checks, raw: Vec<v1::ChangeAnswer>) -> Vec<(String, String)> {
    if raw.len() > ANSWERS {
        checks.wrong("plan.answers", format!("has {} answers; at most {ANSWERS} are taken", raw.len()));
        return vec![];
    }
    let mut answers: Vec<(String, String)> = vec![];
    for (at, it) in raw.into_iter().enumerate() {
        let question = checks.id(&format!("plan.answers[{at}].question"), it.question);
        let option = checks.id(&format!("plan.answers[{at}].option"), it.option);
        if answers.iter().any(|(known, _)| *known == question) {
            let problem = "was answered before; answer each question once";
            checks.wrong(format!("plan.answers[{at}].question"), problem);
        }
        answers.push((question, option));
    }
    answers
}

/// What a change of a change has in any case; what it is about stands in its place.
fn change(checks: &mut Checks, request: String, change: &str, expected: u64) -> Change {
    Change {
        request: checks.id("request_id", request),
        ticket: checks.ticket("change", change),
        what: What::Submit,
        expected: Some(expected).filter(|it| *it > 0),
    }
}

pub(super) fn submit(raw: v1::SubmitChangeRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let change = change(&mut checks, raw.request_id, &raw.change, raw.expected_version);
    checks.done(change)
}

pub(super) fn schedule(raw: v1::ScheduleChangeRequest) -> Result<(Change, Wanted), Fault> {
    let mut checks = Checks::default();
    let change = change(&mut checks, raw.request_id, &raw.change, raw.expected_version);
    let reason = checks.optional_text("override_reason", raw.override_reason);
    let accepted = checks.changes("accept_collisions", &raw.accept_collisions);
    checks.done((change, Wanted { reason, accepted }))
}

pub(super) fn review(raw: v1::ReviewChangeRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let change = change(&mut checks, raw.request_id, &raw.change, raw.expected_version);
    let outcome = checks.word("outcome", raw.outcome, &OUTCOME);
    let text = checks.optional_text("text", raw.text);
    if outcome.is_some_and(|it| it != Outcome::Successful) && text.trim().is_empty() {
        checks.wrong("text", "is required where not all went well: what did not, and why");
    }
    let review = Review { outcome: outcome.unwrap_or(Outcome::Successful), text, by: String::new() };
    checks.done(Change { what: What::Review(Box::new(review)), ..change })
}

/// Which changes, behind which of them, and how many.
pub(super) fn list(raw: v1::ListChangesRequest) -> Result<(Shown, Option<Place>, u32), Fault> {
    let mut checks = Checks::default();
    if raw.states.len() > State::ALL.len() {
        checks.wrong("states", "names a state twice; give each state once");
        return checks.done(()).and(Err(Fault::Unavailable));
    }
    let states = raw.states.iter().enumerate();
    let shown = Shown {
        states: states.filter_map(|(at, it)| checks.word(&format!("states[{at}]"), *it, &STATE)).collect(),
        from: raw.from.as_ref().map(|it| checks.time("from", it)),
        to: raw.to.as_ref().map(|it| checks.time("to", it)),
        service: checks.optional_id("service", raw.service),
        asset: checks.optional_id("asset", raw.asset).map(|it| AssetRef::parse(&it)),
    };
    let (after, size) = (checks.after_change(&raw.page_token), checks.page_size(raw.page_size));
    checks.done((shown, after, size))
}

/// The ticket that a request names and asks nothing else of.
pub(super) fn one(field: &str, raw: &str) -> Result<TicketRef, Fault> {
    let mut checks = Checks::default();
    let ticket = checks.ticket(field, raw);
    checks.done(ticket)
}
