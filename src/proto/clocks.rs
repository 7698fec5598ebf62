//! What a ticket's clocks are reckoned from.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1, words,
};
use crate::domain::{
    calendar::{Stretch, Why},
    lifecycle::HoldReason,
    sla::{ClockState, Counted, Fired, Pause, Promised, Standstill},
    ticket::Ticket,
    time::Timestamp,
};

/// Into the fields of a ticket.
pub(super) fn write_clocks(it: &ClockState, ticket: &mut v1::Ticket) {
    ticket.asked_time = it.asked.map(time_to);
    ticket.answer_time = it.said.map(time_to);
    ticket.group_time = it.given.map(time_to);
    ticket.sla_rule = it.rule.clone().unwrap_or_default();
    ticket.promised_priority = it.promised.map_or(0, |it| words::priority_to(it.priority));
    ticket.promised_urgency = it.promised.map_or(0, |it| words::urgency_to(it.urgency));
    ticket.pauses = it.pauses.iter().map(pause_to).collect();
    ticket.escalations = it.fired.iter().map(|it| escalation_to(*it)).collect();
}

/// From the fields of a ticket.
pub(super) fn read_clocks(ticket: &v1::Ticket) -> Result<ClockState, Malformed> {
    Ok(ClockState {
        pauses: ticket.pauses.iter().map(pause_from).collect::<Result<_, _>>()?,
        asked: ticket.asked_time.as_ref().map(time_from),
        said: ticket.answer_time.as_ref().map(time_from),
        given: ticket.group_time.as_ref().map(time_from),
        rule: Some(ticket.sla_rule.clone()).filter(|it| !it.is_empty()),
        promised: promised_from(ticket.promised_urgency, ticket.promised_priority),
        fired: ticket.escalations.iter().map(escalation_from).collect::<Result<_, _>>()?,
    })
}

/// What promises are reckoned by, where that is not how pressing the ticket is.
pub(super) fn promised_from(urgency: i32, priority: i32) -> Option<Promised> {
    let (urgency, priority) = (words::urgency_from(urgency)?, words::priority_from(priority)?);
    Some(Promised { urgency, priority })
}

fn pause_to(it: &Pause) -> v1::Pause {
    let (why, hold) = match it.why {
        Standstill::Hold(reason) => (v1::Standstill::Hold, words::hold_to(reason)),
        Standstill::Approval => (v1::Standstill::Approval, 0),
        Standstill::Window => (v1::Standstill::Window, 0),
        Standstill::Done => (v1::Standstill::Done, 0),
    };
    v1::Pause { from: Some(time_to(it.from)), to: it.to.map(time_to), why: why.into(), hold_reason: hold }
}

fn pause_from(it: &v1::Pause) -> Result<Pause, Malformed> {
    let why = match it.why() {
        v1::Standstill::Hold => {
            Standstill::Hold(words::hold_from(it.hold_reason).unwrap_or(HoldReason::Requester))
        }
        v1::Standstill::Approval => Standstill::Approval,
        v1::Standstill::Window => Standstill::Window,
        v1::Standstill::Done => Standstill::Done,
        v1::Standstill::Unspecified => return Err(Malformed("pause.why")),
    };
    let from = it.from.as_ref().map(time_from).ok_or(Malformed("pause.from"))?;
    Ok(Pause { from, to: it.to.as_ref().map(time_from), why })
}

/// A step of a clock.
pub fn escalation_to(it: Fired) -> v1::Escalation {
    v1::Escalation { goal: words::goal_to(it.goal), percent: it.percent }
}

/// From the contract's words.
pub fn escalation_from(it: &v1::Escalation) -> Result<Fired, Malformed> {
    let goal = words::goal_from(it.goal).ok_or(Malformed("escalation.goal"))?;
    Ok(Fired { goal, percent: it.percent })
}

/// A ticket's clock, and why it runs out when it does.
pub fn clock_to(it: &Counted<'_>, ticket: &Ticket, whose: &str, now: Timestamp) -> v1::Clock {
    let Counted { clock, calendar } = it;
    // Work that is done keeps the promise that held then.
    let kept = ticket.due.of(clock.goal);
    let due = kept.filter(|_| !clock.is_running()).or_else(|| clock.due(calendar));
    let explained = clock.explain(calendar).filter(|it| Some(it.due) == due);
    let until = clock.stopped.or(clock.standing.map(|(since, _)| since)).unwrap_or(now);
    let late = due.is_some_and(|due| due < until);
    v1::Clock {
        goal: words::goal_to(clock.goal),
        target_seconds: clock.target,
        passed_seconds: clock.passed(calendar, now),
        start_time: Some(time_to(clock.start)),
        stop_time: clock.stopped.map(time_to),
        due_time: due.map(time_to),
        stand_time: clock.standing.map(|(since, _)| time_to(since)),
        stand_reason: clock.standing.map(|(_, why)| why.as_str().to_owned()).unwrap_or_default(),
        missed: late || ticket.clocks.is_missed(clock.goal),
        cut: explained.as_ref().is_some_and(|it| !it.whole),
        stretches: explained.map_or(vec![], |it| it.stretches.into_iter().map(stretch_to).collect()),
        calendar: calendar.id.clone(),
        zone: calendar.zone().to_owned(),
        whose: whose.to_owned(),
    }
}

fn stretch_to(it: Stretch) -> v1::ClockStretch {
    v1::ClockStretch {
        from: Some(time_to(it.from)),
        to: Some(time_to(it.to)),
        counts: it.why == Why::Open,
        why: it.why.to_string(),
    }
}
