//! The clocks of a ticket: what they have counted, when they run out, and when to say so.
//!
//! A pause stops the clocks of the resolution, of the next answer and of the group, never that of the first answer,
//! which only the end of the work stops. The supplier's runs in those pauses alone that are for it. A reopened ticket
//! goes on with the old clocks; one that is handed on leaves all of them but the group's, which begins anew.
//! Everything is reckoned from the start with all pauses, so another priority or another policy forgets none of them.

use super::{
    Agreement, ClockState, Due, Escalation, Fired, Goal, Pause, Promised, SlaPolicy, Standstill, Step,
    Supplier, Timestamp, step, steps,
};
use crate::domain::{
    calendar::{Break, Calendar, Explanation},
    lifecycle::{HoldReason, State},
    ticket::Ticket,
};

/// What is agreed for a ticket, each with the hours in which it counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms<'a> {
    /// With the requester; none if the policy has left the catalogue.
    pub policy: Option<(&'a SlaPolicy, &'a Calendar)>,
    /// With the group that has it.
    pub ola: Option<(&'a Agreement, &'a Calendar)>,
    /// With the supplier behind its template or its service.
    pub contract: Option<(&'a Supplier, &'a Calendar)>,
}

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

/// A clock with the hours in which it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted<'a> {
    /// The clock.
    pub clock: Clock,
    /// Its hours.
    pub calendar: &'a Calendar,
}

/// A step that a clock has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub fired: Fired,
    /// When.
    pub at: Timestamp,
}

impl<'a> Terms<'a> {
    /// What happens while a goal's time runs out.
    fn escalations(&self, goal: Goal) -> &'a [Escalation] {
        match goal {
            Goal::Response | Goal::NextResponse | Goal::Update | Goal::Resolution => {
                self.policy.map_or(&[], |(it, _)| &it.escalations)
            }
            Goal::Ola => self.ola.map_or(&[], |(it, _)| &it.escalations),
            Goal::Contract => self.contract.map_or(&[], |(it, _)| &it.contract.escalations),
        }
    }

    /// What happens at a step.
    pub fn step(&self, fired: Fired) -> Step {
        step(self.escalations(fired.goal), fired)
    }
}

/// The clocks that a ticket has under its terms.
pub fn clocks<'a>(ticket: &Ticket, terms: &Terms<'a>) -> Vec<Counted<'a>> {
    let mut all = vec![];
    if let Some((policy, calendar)) = terms.policy {
        all.extend(of_policy(ticket, policy).into_iter().map(|clock| Counted { clock, calendar }));
    }
    if let Some((ola, calendar)) = terms.ola {
        let target = ola.targets[ticket.promised().priority as usize];
        let clock = clock(ticket, Goal::Ola, target, ticket.with_group(), ticket.resolved, |_| true);
        all.push(Counted { clock, calendar });
    }
    if let Some((supplier, calendar)) = terms.contract {
        let clock = of_supplier(ticket, supplier.contract.targets[ticket.promised().priority as usize]);
        all.extend(clock.map(|clock| Counted { clock, calendar }));
    }
    all
}

fn of_policy(ticket: &Ticket, policy: &SlaPolicy) -> Vec<Clock> {
    let target = policy.targets[ticket.promised().priority as usize];
    let over = |it: &Pause| it.why == Standstill::Done;
    let mut all = vec![clock(ticket, Goal::Response, target.response, ticket.opened, ticket.responded, over)];
    let next = target.next_response.zip(ticket.clocks.asked);
    all.extend(next.map(|(target, asked)| clock(ticket, Goal::NextResponse, target, asked, None, |_| true)));
    let update = target.update.zip(ticket.last_word());
    all.extend(update.map(|(target, said)| clock(ticket, Goal::Update, target, said, None, |_| true)));
    all.push(clock(ticket, Goal::Resolution, target.resolution, ticket.opened, ticket.resolved, |_| true));
    all
}

/// A clock that some of the pauses stop.
fn clock(
    ticket: &Ticket,
    goal: Goal,
    target: u32,
    start: Timestamp,
    stopped: Option<Timestamp>,
    counts: impl Fn(&Pause) -> bool,
) -> Clock {
    let pauses = || ticket.clocks.pauses.iter().filter(|it| counts(it) && it.to.is_none_or(|to| start < to));
    Clock {
        goal,
        target,
        start,
        stopped,
        standing: pauses().find(|it| it.to.is_none()).map(|it| (it.from, it.why)),
        breaks: pauses()
            .filter_map(|it| Some(Break { from: it.from, to: it.to?, why: it.why.as_str() }))
            .collect(),
    }
}

/// The supplier's clock: it starts when the ticket is first on hold for it, and stops whenever it comes back.
fn of_supplier(ticket: &Ticket, target: u32) -> Option<Clock> {
    let with: Vec<&Pause> = ticket.clocks.with_supplier().collect();
    let (first, last) = (with.first()?, with.last()?);
    let between = with.windows(2).filter_map(|pair| Some((pair[0].to?, pair[1].from)));
    Some(Clock {
        goal: Goal::Contract,
        target,
        start: first.from,
        stopped: last.to,
        standing: None,
        breaks: between
            .filter(|(from, to)| from < to)
            .map(|(from, to)| Break { from, to, why: "not with the supplier" })
            .collect(),
    })
}

impl Ticket {
    /// What its promises are reckoned by: how pressing it is, unless the desk has made it more so by itself since. Then
    /// it goes before others, but nobody was promised more, and what was in time is not late because somebody hurries.
    pub fn promised(&self) -> Promised {
        let own = Promised { urgency: self.urgency, priority: self.priority };
        self.clocks.promised.unwrap_or(own)
    }

    /// Since when its group has it.
    pub fn with_group(&self) -> Timestamp {
        self.clocks.given.unwrap_or(self.opened)
    }

    /// When the requester last heard something, while there is more to say.
    pub fn last_word(&self) -> Option<Timestamp> {
        self.clocks.said.or(self.responded).filter(|_| self.state.is_open() && self.responded.is_some())
    }
}

impl ClockState {
    /// The stretches in which a supplier has had the ticket.
    pub fn with_supplier(&self) -> impl Iterator<Item = &Pause> {
        self.pauses.iter().filter(|it| it.why == Standstill::Hold(HoldReason::Vendor))
    }
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
    fn ahead(&self, escalations: &[Escalation], calendar: &Calendar, state: &ClockState) -> Vec<Reached> {
        let steps = if self.is_running() { steps(escalations, self.goal) } else { vec![] };
        let fired = steps.into_iter().map(|percent| Fired { goal: self.goal, percent });
        let reached = fired.filter(|it| !state.fired.contains(it)).filter_map(|fired| {
            let seconds = u64::from(self.target) * u64::from(fired.percent) / 100;
            let at = self.at(calendar, u32::try_from(seconds).unwrap_or(u32::MAX))?;
            Some(Reached { fired, at })
        });
        reached.collect()
    }
}

/// What is due, and when the desk must look at the ticket by itself.
pub fn reckon(ticket: &Ticket, terms: &Terms<'_>) -> Due {
    let clocks = clocks(ticket, terms);
    let due = |goal| clocks.iter().find(|it| it.clock.goal == goal).and_then(|it| it.clock.due(it.calendar));
    let ahead = |it: &Counted<'_>| ahead(it, ticket, terms);
    Due {
        response: due(Goal::Response),
        next_response: due(Goal::NextResponse),
        update: due(Goal::Update),
        resolution: due(Goal::Resolution),
        ola: due(Goal::Ola),
        contract: due(Goal::Contract),
        look: clocks.iter().flat_map(ahead).map(|it| it.at).chain(closing(ticket, terms)).min(),
    }
}

/// The steps that the clocks have come to by now, in order.
pub fn reached(ticket: &Ticket, terms: &Terms<'_>, now: Timestamp) -> Vec<Reached> {
    let clocks = clocks(ticket, terms);
    let ahead = clocks.iter().flat_map(|it| ahead(it, ticket, terms));
    let mut reached: Vec<Reached> = ahead.filter(|it| it.at <= now).collect();
    reached.sort_by_key(|it| (it.at, it.fired.percent));
    reached
}

fn ahead(it: &Counted<'_>, ticket: &Ticket, terms: &Terms<'_>) -> Vec<Reached> {
    it.clock.ahead(terms.escalations(it.clock.goal), it.calendar, &ticket.clocks)
}

/// Whether it is time to close a ticket that stayed resolved.
pub fn closes(ticket: &Ticket, terms: &Terms<'_>, now: Timestamp) -> bool {
    closing(ticket, terms).is_some_and(|at| at <= now)
}

/// When a resolved ticket is closed.
fn closing(ticket: &Ticket, terms: &Terms<'_>) -> Option<Timestamp> {
    let resolved = ticket.resolved.filter(|_| ticket.state == State::Resolved && !ticket.needs_review())?;
    let (policy, calendar) = terms.policy?;
    calendar.due(resolved, policy.close_after?)
}
