//! What is kept of a change.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1, words,
};
use crate::domain::change::{Against, Plan, Record, Review, Risk, Scheduled, Span};

/// In the contract's words.
pub fn span_to(it: &Span) -> v1::TimeSpan {
    v1::TimeSpan { start_time: Some(time_to(it.start)), end_time: Some(time_to(it.end)) }
}

fn span_from(it: &v1::TimeSpan) -> Result<Span, Malformed> {
    let time = |it: &Option<_>| it.as_ref().map(time_from).ok_or(Malformed("change.window"));
    Ok(Span { start: time(&it.start_time)?, end: time(&it.end_time)? })
}

/// In the contract's words.
pub fn plan_to(it: &Plan) -> v1::ChangePlan {
    let answer = |(question, option): &(String, String)| v1::ChangeAnswer {
        question: question.clone(),
        option: option.clone(),
    };
    v1::ChangePlan {
        r#type: words::change_to(it.kind),
        implementation: it.implementation.clone(),
        test: it.test.clone(),
        back_out: it.back_out.clone(),
        window: it.window.as_ref().map(span_to),
        answers: it.answers.iter().map(answer).collect(),
        risk: Some(risk_to(&it.risk)),
        authors: it.authors.clone(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn plan_from(it: &v1::ChangePlan) -> Result<Plan, Malformed> {
    Ok(Plan {
        kind: words::change_from(it.r#type).ok_or(Malformed("change.type"))?,
        implementation: it.implementation.clone(),
        test: it.test.clone(),
        back_out: it.back_out.clone(),
        window: it.window.as_ref().map(span_from).transpose()?,
        answers: it.answers.iter().map(|it| (it.question.clone(), it.option.clone())).collect(),
        risk: it.risk.as_ref().map(risk_from).transpose()?.unwrap_or_default(),
        authors: it.authors.clone(),
    })
}

/// In the contract's words.
pub fn risk_to(it: &Risk) -> v1::ChangeRisk {
    let reason = |it: &Against| v1::ChangeRiskReason { what: it.what.clone(), points: it.points };
    v1::ChangeRisk {
        level: words::risk_to(it.level),
        points: it.points,
        reasons: it.against.iter().map(reason).collect(),
        down: it.down,
    }
}

fn risk_from(it: &v1::ChangeRisk) -> Result<Risk, Malformed> {
    Ok(Risk {
        level: words::risk_from(it.level).ok_or(Malformed("change.risk"))?,
        points: it.points,
        against: it.reasons.iter().map(|it| Against { what: it.what.clone(), points: it.points }).collect(),
        down: it.down,
    })
}

/// In the contract's words.
pub fn schedule_to(it: &Scheduled) -> v1::ChangeSchedule {
    v1::ChangeSchedule {
        window: Some(span_to(&it.window)),
        author: it.by.clone(),
        reason: it.reason.clone(),
        freezes: it.freezes.clone(),
        windows: it.windows.clone(),
        accepted_collisions: it.accepted.clone(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn schedule_from(it: &v1::ChangeSchedule) -> Result<Scheduled, Malformed> {
    Ok(Scheduled {
        window: span_from(it.window.as_ref().ok_or(Malformed("change.schedule.window"))?)?,
        by: it.author.clone(),
        reason: it.reason.clone(),
        freezes: it.freezes.clone(),
        windows: it.windows.clone(),
        accepted: it.accepted_collisions.clone(),
    })
}

/// In the contract's words.
pub fn review_to(it: &Review) -> v1::ChangeReview {
    v1::ChangeReview {
        outcome: words::change_outcome_to(it.outcome),
        text: it.text.clone(),
        author: it.by.clone(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn review_from(it: &v1::ChangeReview) -> Result<Review, Malformed> {
    Ok(Review {
        outcome: words::change_outcome_from(it.outcome).ok_or(Malformed("change.review.outcome"))?,
        text: it.text.clone(),
        by: it.author.clone(),
    })
}

pub(super) fn write_change(it: Option<&Record>, ticket: &mut v1::Ticket) {
    let Some(it) = it else { return };
    ticket.plan = Some(plan_to(&it.plan));
    ticket.schedule = it.scheduled.as_ref().map(schedule_to);
    ticket.begin_time = it.begun.map(time_to);
    ticket.review = it.review.as_ref().map(review_to);
}

pub(super) fn read_change(it: &v1::Ticket) -> Result<Option<Record>, Malformed> {
    let Some(plan) = &it.plan else { return Ok(None) };
    Ok(Some(Record {
        plan: plan_from(plan)?,
        scheduled: it.schedule.as_ref().map(schedule_from).transpose()?,
        begun: it.begin_time.as_ref().map(time_from),
        review: it.review.as_ref().map(review_from).transpose()?,
    }))
}
