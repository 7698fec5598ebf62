//! What happened to an approval, to and from facts.

use super::{
    approval::{
        asked_from, asked_to, ending_from, ending_to, notice_from, notice_to, outcome_from, seat_from,
        seat_to, step_from, step_to, vote_from, vote_to,
    },
    event::Malformed,
    ticket::{person_from, person_to},
    v1::{self, approval_handed::Why, event::Fact},
    words,
};
use crate::domain::{
    approval::{Event as Happened, Handover, Notice},
    ticket::Event,
};

/// What happened to an approval as a fact.
pub(super) fn approval_fact_to(event: &Happened, tell: &[Notice]) -> Fact {
    let notices = tell.iter().map(notice_to).collect();
    match event {
        Happened::Asked { step, seats } => {
            let seats = seats.iter().map(seat_to).collect();
            Fact::ApprovalAsked(v1::ApprovalAsked { step: number(*step), seats, notices })
        }
        Happened::Voted { step, seat, vote } => Fact::ApprovalVoted(v1::ApprovalVoted {
            step: number(*step),
            seat: number(*seat),
            vote: Some(vote_to(vote)),
            notices,
        }),
        Happened::Handed { step, seat, asked, why } => Fact::ApprovalHanded(v1::ApprovalHanded {
            step: number(*step),
            seat: number(*seat),
            asked: asked.iter().map(asked_to).collect(),
            why: Some(match why {
                Handover::Delegated(by) => Why::DelegatedBy(person_to(by)),
                Handover::Left(people) => {
                    Why::Left(v1::ApprovalLeft { people: people.iter().map(person_to).collect() })
                }
                Handover::Escalated => Why::Escalated(true),
            }),
            notices,
        }),
        Happened::Reminded { step } => {
            Fact::ApprovalReminded(v1::ApprovalReminded { step: number(*step), notices })
        }
        Happened::Expired { step } => {
            Fact::ApprovalExpired(v1::ApprovalExpired { step: number(*step), notices })
        }
        Happened::StepEnded { step, outcome } => Fact::ApprovalStepEnded(v1::ApprovalStepEnded {
            step: number(*step),
            outcome: words::outcome_to(*outcome),
            notices,
        }),
        Happened::Restarted { steps, catalog } => Fact::ApprovalRestarted(v1::ApprovalRestarted {
            steps: steps.iter().map(step_to).collect(),
            catalog_version: *catalog,
            notices,
        }),
        Happened::Ended(ending) => {
            Fact::ApprovalEnded(v1::ApprovalEnded { ending: Some(ending_to(ending)), notices })
        }
    }
}

fn happened(event: Happened, notices: &[v1::ApprovalNotice]) -> Event {
    Event::Approval { event, tell: notices.iter().map(notice_from).collect() }
}

pub(super) fn asked(it: &v1::ApprovalAsked) -> Result<Event, Malformed> {
    let seats = it.seats.iter().map(seat_from).collect::<Result<_, _>>()?;
    Ok(happened(Happened::Asked { step: it.step as usize, seats }, &it.notices))
}

pub(super) fn voted(it: &v1::ApprovalVoted) -> Result<Event, Malformed> {
    let vote = vote_from(it.vote.as_ref().ok_or(Malformed("approval_voted.vote"))?)?;
    let (step, seat) = (it.step as usize, it.seat as usize);
    Ok(happened(Happened::Voted { step, seat, vote }, &it.notices))
}

pub(super) fn handed(it: &v1::ApprovalHanded) -> Result<Event, Malformed> {
    let why = match it.why.as_ref().ok_or(Malformed("approval_handed.why"))? {
        Why::DelegatedBy(by) => Handover::Delegated(person_from(by)),
        Why::Left(left) => Handover::Left(left.people.iter().map(person_from).collect()),
        Why::Escalated(_) => Handover::Escalated,
    };
    let asked = it.asked.iter().map(asked_from).collect::<Result<_, _>>()?;
    let (step, seat) = (it.step as usize, it.seat as usize);
    Ok(happened(Happened::Handed { step, seat, asked, why }, &it.notices))
}

pub(super) fn reminded(it: &v1::ApprovalReminded) -> Event {
    happened(Happened::Reminded { step: it.step as usize }, &it.notices)
}

pub(super) fn expired(it: &v1::ApprovalExpired) -> Event {
    happened(Happened::Expired { step: it.step as usize }, &it.notices)
}

pub(super) fn step_ended(it: &v1::ApprovalStepEnded) -> Result<Event, Malformed> {
    let outcome = outcome_from(it.outcome)?;
    Ok(happened(Happened::StepEnded { step: it.step as usize, outcome }, &it.notices))
}

pub(super) fn restarted(it: &v1::ApprovalRestarted) -> Result<Event, Malformed> {
    let steps = it.steps.iter().map(step_from).collect::<Result<_, _>>()?;
    Ok(happened(Happened::Restarted { steps, catalog: it.catalog_version }, &it.notices))
}

pub(super) fn ended(it: &v1::ApprovalEnded) -> Result<Event, Malformed> {
    let ending = it.ending.as_ref().ok_or(Malformed("approval_ended.ending"))?;
    Ok(happened(Happened::Ended(ending_from(ending)?), &it.notices))
}

/// No step and no place of a catalogue has such a number.
fn number(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}
