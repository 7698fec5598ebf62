//! The clocks of a ticket: what they have counted, when they run out, and when to say so.
//!
//! A pause stops the clocks of the resolution and of the next answer, never that of the first one, which
//! only the end of the work stops. A reopened ticket goes on with the old clock. Everything is reckoned from
//! the start with all pauses, so another priority or another policy forgets none of them.

use super::{ClockState, Due, Fired, Goal, Pause, SlaPolicy, Standstill, Timestamp};
use crate::domain::{
    calendar::{Break, Calendar, Explanation},
    lifecycle::State,
    ticket::Ticket,
};

/// A clock of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What it measures.
    pub goal: Goal,
    /// Working seconds that the goal has.
    pub target: u32,
    /// When it started.
    pub start: Timestamp,
    /// When the goal was reached.
    pub stopped: Option<Timestamp>,
    /// Since when it stands still, and why.
    pub standing: Option<(Timestamp, Standstill)>,
    breaks: Vec<Break>,
}

/// A step that a clock has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub fired: Fired,
    /// When.
    pub at: Timestamp,
}

/// The clocks that a ticket has under a policy.
pub fn clocks(ticket: &Ticket, policy: &SlaPolicy) -> Vec<Clock> {
    let target = policy.targets[ticket.priority as usize];
    let state = &ticket.clocks;
    let all = |goal, target, start, stopped, counts: fn(&Pause) -> bool| {
        let pauses = state.pauses.iter().filter(|it| counts(it) && it.to.is_none_or(|to| start < to));
        let closed = pauses.clone().filter_map(|it| Some((it.to?, it)));
        Clock {
            goal,
            target,
            start,
            stopped,
            standing: pauses.clone().find(|it| it.to.is_none()).map(|it| (it.from, it.why)),
            breaks: closed.map(|(to, it)| Break { from: it.from, to, why: it.why.as_str() }).collect(),
        }
    };
    let over = |it: &Pause| it.why == Standstill::Done;
    let next = target.next_response.zip(state.asked);
    let mut clocks = vec![all(Goal::Response, target.response, ticket.opened, ticket.responded, over)];
    clocks.extend(next.map(|(target, asked)| all(Goal::NextResponse, target, asked, None, |_| true)));
    clocks.push(all(Goal::Resolution, target.resolution, ticket.opened, ticket.resolved, |_| true));
    clocks
}

impl Clock {
    /// When so much of its time has passed. Nothing while it stands still before that.
    fn at(&self, calendar: &Calendar, seconds: u32) -> Option<Timestamp> {
        let at = calendar.due_around(self.start, seconds, &self.breaks)?;
        let stands = self.standing.is_some_and(|(since, _)| since < at);
        (!stands).then_some(at)
    }

    /// Until when its goal must be reached. Of work that is done, until when it had to be.
    pub fn due(&self, calendar: &Calendar) -> Option<Timestamp> {
        match self.standing {
            Some((_, Standstill::Done)) => calendar.due_around(self.start, self.target, &self.breaks),
            Some(_) | None => self.at(calendar, self.target),
        }
    }

    /// Working seconds that have passed by then.
    pub fn passed(&self, calendar: &Calendar, now: Timestamp) -> u64 {
        let until = self.stopped.unwrap_or(now);
        let until = self.standing.map_or(until, |(since, _)| until.min(since));
        calendar.working_around(self.start, until.max(self.start), &self.breaks)
    }

    /// Which time counts on the way to the due time, and why the rest does not.
    pub fn explain(&self, calendar: &Calendar) -> Option<Explanation> {
        self.due(calendar)?;
        calendar.explain_around(self.start, self.target, &self.breaks)
    }

    /// Whether it still counts, or will again.
    pub fn is_running(&self) -> bool {
        self.stopped.is_none() && !matches!(self.standing, Some((_, Standstill::Done)))
    }

    /// Its steps that have not happened, with the time of each.
    fn ahead<'a>(
        &'a self,
        policy: &SlaPolicy,
        calendar: &'a Calendar,
        state: &'a ClockState,
    ) -> impl Iterator<Item = Reached> + 'a {
        let steps = if self.is_running() { policy.steps(self.goal) } else { vec![] };
        let fired = steps.into_iter().map(|percent| Fired { goal: self.goal, percent });
        fired.filter(|it| !state.fired.contains(it)).filter_map(|fired| {
            let seconds = u64::from(self.target) * u64::from(fired.percent) / 100;
            let at = self.at(calendar, u32::try_from(seconds).unwrap_or(u32::MAX))?;
            Some(Reached { fired, at })
        })
    }
}

/// What is due, and when the desk must look at the ticket by itself.
pub fn reckon(ticket: &Ticket, policy: &SlaPolicy, calendar: &Calendar) -> Due {
    let clocks = clocks(ticket, policy);
    let due = |goal| clocks.iter().find(|it| it.goal == goal).and_then(|it| it.due(calendar));
    let steps = clocks.iter().flat_map(|it| it.ahead(policy, calendar, &ticket.clocks)).map(|it| it.at);
    Due {
        response: due(Goal::Response),
        next_response: due(Goal::NextResponse),
        resolution: due(Goal::Resolution),
        look: steps.chain(closing(ticket, policy, calendar)).min(),
    }
}

/// The steps that the clocks have come to by now, in order.
pub fn reached(ticket: &Ticket, policy: &SlaPolicy, calendar: &Calendar, now: Timestamp) -> Vec<Reached> {
    let clocks = clocks(ticket, policy);
    let ahead = clocks.iter().flat_map(|it| it.ahead(policy, calendar, &ticket.clocks));
    let mut reached: Vec<Reached> = ahead.filter(|it| it.at <= now).collect();
    reached.sort_by_key(|it| (it.at, it.fired.percent));
    reached
}

/// Whether it is time to close a ticket that stayed resolved.
pub fn closes(ticket: &Ticket, policy: &SlaPolicy, calendar: &Calendar, now: Timestamp) -> bool {
    closing(ticket, policy, calendar).is_some_and(|at| at <= now)
}

/// When a resolved ticket is closed.
fn closing(ticket: &Ticket, policy: &SlaPolicy, calendar: &Calendar) -> Option<Timestamp> {
    let resolved = ticket.resolved.filter(|_| ticket.state == State::Resolved)?;
    calendar.due(resolved, policy.close_after?)
}
