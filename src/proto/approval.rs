//! Approvals: how they stand, and what happened to them.

use super::{
    event::Malformed,
    ticket::{person_from, person_to},
    time::{time_from, time_to},
    v1::{self, approval_step::Quorum as V1Quorum, approval_who::Who as V1Who},
    words,
};
use crate::domain::{
    approval::{
        Approval, Asked, Button, Ending, Expiry, Need, Notice, Outcome, OwnRequest, Quorum, Seat, Step,
        StepPlan, Vote, Who,
    },
    money::Money,
    people::Bilingual,
};

/// In the contract's words.
pub fn approval_to(it: &Approval) -> v1::Approval {
    v1::Approval {
        catalog_version: it.catalog,
        round: it.round,
        steps: it.steps.iter().map(step_to).collect(),
        ending: it.ending.as_ref().map(ending_to),
    }
}

/// From the contract's words, as this program wrote them.
pub fn approval_from(it: &v1::Approval) -> Result<Approval, Malformed> {
    Ok(Approval {
        catalog: it.catalog_version,
        round: it.round,
        steps: it.steps.iter().map(step_from).collect::<Result<_, _>>()?,
        ending: it.ending.as_ref().map(ending_from).transpose()?,
    })
}

pub(super) fn step_to(it: &Step) -> v1::ApprovalStep {
    let plan = &it.plan;
    let whos = |all: &[Who]| all.iter().map(who_to).collect();
    v1::ApprovalStep {
        id: plan.id.clone(),
        label_en: plan.label.en.clone(),
        label_zh: plan.label.zh.clone(),
        who: whos(&plan.who),
        quorum: Some(match plan.quorum {
            Quorum::Count(count) => V1Quorum::QuorumCount(count),
            Quorum::Percent(percent) => V1Quorum::QuorumPercent(percent),
        }),
        veto: plan.veto,
        need: plan.when.as_ref().map(need_to),
        self_approval: plan.own.as_str().to_owned(),
        fallback: whos(&plan.fallback),
        calendar: plan.calendar.clone().unwrap_or_default(),
        due_seconds: plan.due,
        remind_seconds: plan.remind,
        on_expiry: plan.expiry.as_str().to_owned(),
        escalate_to: whos(&plan.escalate_to),
        seats: it.seats.iter().map(seat_to).collect(),
        ask_time: it.asked.map(time_to),
        reminders: it.reminders,
        remind_time: it.reminded.map(time_to),
        expire_time: it.expired.map(time_to),
        outcome: it.outcome.map_or(0, words::outcome_to),
    }
}

pub(super) fn step_from(it: &v1::ApprovalStep) -> Result<Step, Malformed> {
    let whos = |all: &[v1::ApprovalWho]| all.iter().map(who_from).collect::<Result<Vec<_>, _>>();
    let own = OwnRequest::ALL.into_iter().find(|one| one.as_str() == it.self_approval);
    let expiry = Expiry::ALL.into_iter().find(|one| one.as_str() == it.on_expiry);
    let plan = StepPlan {
        id: it.id.clone(),
        label: Bilingual { en: it.label_en.clone(), zh: it.label_zh.clone() },
        who: whos(&it.who)?,
        quorum: match it.quorum {
            Some(V1Quorum::QuorumCount(count)) => Quorum::Count(count),
            Some(V1Quorum::QuorumPercent(percent)) => Quorum::Percent(percent),
            None => return Err(Malformed("approval_step.quorum")),
        },
        veto: it.veto,
        when: it.need.as_ref().map(need_from),
        own: own.ok_or(Malformed("approval_step.self_approval"))?,
        fallback: whos(&it.fallback)?,
        calendar: Some(it.calendar.clone()).filter(|it| !it.is_empty()),
        due: it.due_seconds,
        remind: it.remind_seconds,
        expiry: expiry.ok_or(Malformed("approval_step.on_expiry"))?,
        escalate_to: whos(&it.escalate_to)?,
    };
    Ok(Step {
        plan,
        seats: it.seats.iter().map(seat_from).collect::<Result<_, _>>()?,
        asked: it.ask_time.as_ref().map(time_from),
        reminders: it.reminders,
        reminded: it.remind_time.as_ref().map(time_from),
        expired: it.expire_time.as_ref().map(time_from),
        outcome: words::outcome_from(it.outcome),
    })
}

fn who_to(it: &Who) -> v1::ApprovalWho {
    let who = match it {
        Who::Approver(id) => V1Who::Approver(id.clone()),
        Who::Agent(id) => V1Who::Agent(id.clone()),
        Who::Group { id, each: false } => V1Who::Group(id.clone()),
        Who::Group { id, each: true } => V1Who::EachOfGroup(id.clone()),
        Who::Manager => V1Who::Manager(true),
        Who::Owner => V1Who::Owner(true),
    };
    v1::ApprovalWho { who: Some(who) }
}

fn who_from(it: &v1::ApprovalWho) -> Result<Who, Malformed> {
    Ok(match it.who.as_ref().ok_or(Malformed("approval_who"))? {
        V1Who::Approver(id) => Who::Approver(id.clone()),
        V1Who::Agent(id) => Who::Agent(id.clone()),
        V1Who::Group(id) => Who::Group { id: id.clone(), each: false },
        V1Who::EachOfGroup(id) => Who::Group { id: id.clone(), each: true },
        V1Who::Manager(_) => Who::Manager,
        V1Who::Owner(_) => Who::Owner,
    })
}

fn need_to(it: &Need) -> v1::ApprovalNeed {
    match it {
        Need::Is { field, any } => {
            v1::ApprovalNeed { field: field.clone(), any: any.clone(), ..v1::ApprovalNeed::default() }
        }
        Need::Above { field, number } => {
            v1::ApprovalNeed { field: field.clone(), above: Some(*number), ..v1::ApprovalNeed::default() }
        }
        Need::Price(bound) => {
            v1::ApprovalNeed { price_above: bound.to_string(), ..v1::ApprovalNeed::default() }
        }
    }
}

fn need_from(it: &v1::ApprovalNeed) -> Need {
    if let Some(bound) = Money::parse(&it.price_above) {
        return Need::Price(bound);
    }
    let field = it.field.clone();
    match it.above {
        Some(number) => Need::Above { field, number },
        None => Need::Is { field, any: it.any.clone() },
    }
}

pub(super) fn seat_to(it: &Seat) -> v1::ApprovalSeat {
    v1::ApprovalSeat {
        asked: it.asked.iter().map(asked_to).collect(),
        vote: it.vote.as_ref().map(vote_to),
        handed_by: it.handed.iter().map(person_to).collect(),
        decides: it.decides,
    }
}

pub(super) fn seat_from(it: &v1::ApprovalSeat) -> Result<Seat, Malformed> {
    Ok(Seat {
        asked: it.asked.iter().map(asked_from).collect::<Result<_, _>>()?,
        vote: it.vote.as_ref().map(vote_from).transpose()?,
        handed: it.handed_by.iter().map(person_from).collect(),
        decides: it.decides,
    })
}

pub(super) fn asked_to(it: &Asked) -> v1::AskedApprover {
    v1::AskedApprover {
        person: Some(person_to(&it.person)),
        language: words::language_to(it.language),
        stands_for: it.stands_for.as_ref().map(person_to),
    }
}

pub(super) fn asked_from(it: &v1::AskedApprover) -> Result<Asked, Malformed> {
    Ok(Asked {
        person: it.person.as_ref().map(person_from).ok_or(Malformed("asked_approver.person"))?,
        language: words::language_from(it.language).unwrap_or_default(),
        stands_for: it.stands_for.as_ref().map(person_from),
    })
}

pub(super) fn vote_to(it: &Vote) -> v1::ApprovalVote {
    v1::ApprovalVote {
        by: Some(person_to(&it.by)),
        approves: it.approves,
        comment: it.comment.clone(),
        vote_time: Some(time_to(it.at)),
    }
}

pub(super) fn vote_from(it: &v1::ApprovalVote) -> Result<Vote, Malformed> {
    Ok(Vote {
        by: it.by.as_ref().map(person_from).ok_or(Malformed("approval_vote.by"))?,
        approves: it.approves,
        comment: it.comment.clone(),
        at: it.vote_time.as_ref().map(time_from).ok_or(Malformed("approval_vote.vote_time"))?,
    })
}

pub(super) fn ending_to(it: &Ending) -> v1::ApprovalEnding {
    v1::ApprovalEnding {
        outcome: words::outcome_to(it.outcome),
        by: it.by.as_ref().map(person_to),
        reason: it.reason.clone(),
        end_time: Some(time_to(it.at)),
    }
}

pub(super) fn ending_from(it: &v1::ApprovalEnding) -> Result<Ending, Malformed> {
    Ok(Ending {
        outcome: outcome_from(it.outcome)?,
        by: it.by.as_ref().map(person_from),
        reason: it.reason.clone(),
        at: it.end_time.as_ref().map(time_from).ok_or(Malformed("approval_ending.end_time"))?,
    })
}

pub(super) fn outcome_from(raw: i32) -> Result<Outcome, Malformed> {
    words::outcome_from(raw).ok_or(Malformed("approval.outcome"))
}

pub(super) fn notice_to(it: &Notice) -> v1::ApprovalNotice {
    let choice = |it: &Button| v1::Choice {
        value: it.value.clone(),
        label: it.label.clone(),
        ..v1::Choice::default()
    };
    v1::ApprovalNotice {
        to: Some(person_to(&it.to)),
        language: words::language_to(it.language),
        text: it.text.clone(),
        choices: it.buttons.iter().map(choice).collect(),
    }
}

pub(super) fn notice_from(it: &v1::ApprovalNotice) -> Notice {
    let button = |it: &v1::Choice| Button { value: it.value.clone(), label: it.label.clone() };
    Notice {
        to: it.to.as_ref().map(person_from).unwrap_or_default(),
        language: words::language_from(it.language).unwrap_or_default(),
        text: it.text.clone(),
        buttons: it.choices.iter().map(button).collect(),
    }
}
