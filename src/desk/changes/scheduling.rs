//! A place in the calendar for a change.
//!
//! Collisions are looked for before the transaction, since what hangs on what lies outside of it. The transaction goes
//! through only if the changes in the calendar are those that were looked at; else they are looked at again.

use std::collections::BTreeMap;

use crate::{
    desk::{
        Desk,
        command::{Change, What},
        fault::Fault,
    },
    domain::{
        catalog::Catalog,
        change::{ChangeType, Obstacles, Scheduled, Span, barred_at, next_window, obstacles},
        id::{AssetId, TicketId},
        lifecycle::{State, Who},
        lookup::TicketRef,
        people::Caller,
        ticket::{Command, MoveTo, Ticket, Unplanned},
        time::Timestamp,
    },
    proto::v1,
    store::{ChangeFilter, Unit},
};

/// How often a look is taken again because somebody else was faster.
const TRIES: usize = 16;
/// What is stale then, for `Fault::Stale`.
const CALENDAR: &str = "calendar of changes";

/// What somebody says when they schedule a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Why in a freeze period or outside of a maintenance window.
    pub reason: String,
    /// Numbers of changes that it may collide with.
    pub accepted: Vec<String>,
}

/// The same, with what was seen of the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
    /// What was said.
    pub wanted: Wanted,
    /// Who schedules it.
    pub who: Who,
    /// The window that was looked at, and the assets.
    seen: Option<(Span, Vec<AssetId>)>,
    /// Changes in the calendar in that window, and their assets.
    calendar: BTreeMap<TicketId, Vec<AssetId>>,
    /// Numbers of those that collide.
    collisions: Vec<String>,
}

impl Desk {
    /// Gives a change its place in the calendar.
    pub async fn schedule_change(
        &self,
        caller: &Caller,
        change: Change,
        wanted: Wanted,
    ) -> Result<v1::Ticket, Fault> {
        let changes = self.changes(caller);
        changes.unknown(&wanted.accepted).await?;
        for _ in 0..TRIES {
            let found = self.find(caller, &change.ticket).await?;
            let placing = self.placing(caller, &found, wanted.clone()).await?;
            let what = What::Schedule(Box::new(placing));
            let ticket = TicketRef::Id(found.id);
            match self.change(caller, Change { ticket, what, ..change.clone() }).await {
                Err(Fault::Stale { what: CALENDAR, .. }) => {}
                settled => return settled,
            }
        }
        Err(Fault::Busy)
    }

    async fn placing(&self, caller: &Caller, change: &Ticket, wanted: Wanted) -> Result<Placing, Fault> {
        let window = change.change.as_ref().and_then(|it| it.plan.window);
        let mut placing = Placing {
            wanted,
            who: Who::at_the_desk(caller),
            seen: window.map(|it| (it, change.about())),
            calendar: BTreeMap::new(),
            collisions: vec![],
        };
        let Some(window) = window else { return Ok(placing) };
        let changes = self.changes(caller);
        let others = changes.in_calendar(&window).await?;
        placing.calendar =
            others.iter().filter(|it| it.id != change.id).map(|it| (it.id, it.about())).collect();
        let collisions = changes.collisions(change, &window).await?;
        // What was scheduled between the two looks is looked at again inside.
        let known = collisions.iter().filter(|it| placing.calendar.contains_key(&it.change.id));
        placing.collisions = known.map(|it| it.change.number.clone()).collect();
        Ok(placing)
    }
}

/// Whether somebody may begin to carry a change out now. Who answers for the desk may at any time.
pub(in crate::desk) fn may_begin(
    catalog: &Catalog,
    change: &Ticket,
    wanted: &MoveTo,
    now: Timestamp,
) -> Result<(), Fault> {
    let begins = change.state == State::Scheduled && wanted.to == State::InProgress;
    match barred_at(catalog, change, now).filter(|_| begins && wanted.who == Who::Agent) {
        Some(why) => Err(refused(Unplanned::NotNow(why))),
        None => Ok(()),
    }
}

impl super::Changes {
    /// Changes that have their place in the calendar in a window.
    async fn in_calendar(&self, window: &Span) -> Result<Vec<Ticket>, Fault> {
        let states = vec![State::Scheduled, State::InProgress, State::OnHold];
        let filter = ChangeFilter { states, ..ChangeFilter::default() };
        let all = self.store.changes(&self.tenant, window, &filter, super::around::LOOK).await?;
        Ok(all.into_iter().filter(Ticket::is_in_calendar).collect())
    }
}

impl Placing {
    /// Schedules a change inside the decision.
    pub(in crate::desk) fn record(
        &self,
        catalog: &Catalog,
        unit: &mut Unit<'_>,
        change: &Ticket,
        (actor, at): (&str, Timestamp),
    ) -> Result<(), Fault> {
        let kind = change.may_be_scheduled()?;
        complete(catalog, change)?;
        let Some(window) = change.change.as_ref().and_then(|it| it.plan.window) else {
            return Err(refused(Unplanned::Incomplete(vec!["window".to_owned()])));
        };
        self.is_current(unit, change, &window)?;
        is_ahead(kind, &window, at)?;
        let against = obstacles(catalog, change, &window);
        self.may_override(kind, &against).map_err(|why| {
            refused(Unplanned::Barred(barred(
                &against,
                next_window(catalog, change, at, window.seconds()),
                why,
            )))
        })?;
        let open: Vec<String> =
            self.collisions.iter().filter(|it| !self.wanted.accepted.contains(it)).cloned().collect();
        if !open.is_empty() {
            return Err(refused(Unplanned::Collides(open)));
        }
        let place = self.place(window, &against, actor);
        for event in change.decide(Command::Schedule(Box::new(place)), actor)? {
            unit.record(change.id, event);
        }
        Ok(())
    }

    fn place(&self, window: Span, against: &Obstacles<'_>, actor: &str) -> Scheduled {
        let overridden = !against.is_empty();
        Scheduled {
            window,
            by: actor.to_owned(),
            reason: if overridden { self.wanted.reason.clone() } else { String::new() },
            freezes: against.freezes.iter().map(|it| it.id.clone()).collect(),
            windows: against.windows.iter().map(|it| it.id.clone()).collect(),
            accepted: self.collisions.clone(),
        }
    }

    /// Whether the calendar is as it was looked at, and the change as well.
    fn is_current(&self, unit: &Unit<'_>, change: &Ticket, window: &Span) -> Result<(), Fault> {
        let meets = |it: &&Ticket| {
            let scheduled = it.change.as_ref().and_then(|it| it.scheduled.as_ref());
            it.id != change.id && scheduled.is_some_and(|it| it.window.meets(window))
        };
        let now: BTreeMap<_, _> = unit.in_calendar().filter(meets).map(|it| (it.id, it.about())).collect();
        if self.seen == Some((*window, change.about())) && now == self.calendar {
            return Ok(());
        }
        Err(Fault::Stale { what: CALENDAR, expected: 0, current: change.version })
    }

    /// Whether it goes on against what stands in its way; else who might say so.
    fn may_override(&self, kind: ChangeType, against: &Obstacles<'_>) -> Result<(), &'static str> {
        if against.is_empty() {
            return Ok(());
        }
        let has_reason = !self.wanted.reason.trim().is_empty();
        match (kind, self.who) {
            (ChangeType::Emergency, _) if has_reason => Ok(()),
            (ChangeType::Emergency, _) => Err("an emergency goes through with an override_reason"),
            (ChangeType::Standard | ChangeType::Normal, Who::Manager | Who::System) if has_reason => Ok(()),
            (ChangeType::Standard | ChangeType::Normal, _) => {
                Err("a manager may schedule it all the same, with an override_reason")
            }
        }
    }
}

/// Whether all is planned that must be.
pub(in crate::desk) fn complete(catalog: &Catalog, change: &Ticket) -> Result<(), Fault> {
    change.as_change()?;
    let practice = catalog.template_of(change).and_then(|it| it.change.as_ref());
    let questions = practice.map_or(&[][..], |it| &it.questions);
    let missing = change.change.as_ref().map_or_else(Vec::new, |it| it.plan.missing(questions));
    if missing.is_empty() { Ok(()) } else { Err(refused(Unplanned::Incomplete(missing))) }
}

/// Whether a window is still to come; an emergency may have begun already.
fn is_ahead(kind: ChangeType, window: &Span, at: Timestamp) -> Result<(), Fault> {
    if window.end <= at {
        return Err(refused(Unplanned::Past("has ended already")));
    }
    if window.start < at && kind != ChangeType::Emergency {
        return Err(refused(Unplanned::Past("begins in the past")));
    }
    Ok(())
}

fn refused(why: Unplanned) -> Fault {
    Fault::Refused(why.into())
}

/// What stands in the way, and what would not.
fn barred(against: &Obstacles<'_>, next: Option<Span>, why: &str) -> String {
    let span = |it: &Span| format!("{} to {}", it.start.rfc3339(), it.end.rfc3339());
    let freezes = against.freezes.iter().map(|it| {
        format!("its window meets the freeze period `{}` ({}: {})", it.id, span(&it.span), it.reason)
    });
    let windows = against.windows.iter().map(|it| {
        format!(
            "its window does not lie within the maintenance window `{}` (calendar `{}`)",
            it.id, it.calendar
        )
    });
    let all: Vec<_> = freezes.chain(windows).collect();
    let next = next.map_or_else(
        || "none fits within a year".to_owned(),
        |it| format!("the next one that fits is {}", span(&it)),
    );
    format!("{}; {next}; {why}", all.join(", and "))
}
