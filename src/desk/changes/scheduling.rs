//! A place in the calendar for a change, by a look at the calendar (`look`) that still holds inside the transaction.

use super::{
    Changes, READ,
    look::{self, Look, stale},
};
use crate::{
    clock,
    desk::{
        Desk,
        command::{Change, What},
        fault::Fault,
    },
    domain::{
        catalog::Catalog,
        change::{ChangeType, Obstacles, Scheduled, Span, next_window, obstacles},
        id::TicketId,
        lifecycle::{State, Who},
        lookup::TicketRef,
        people::Caller,
        ticket::{Command, Ticket, Unplanned},
        time::Timestamp,
    },
    proto::v1,
    store::{ChangeFilter, Unit},
};

/// So long whoever is told of a window needs to begin in it, in milliseconds.
const SOON: i64 = 900_000;
/// States in which a change may have its place in the calendar.
pub(super) const IN_CALENDAR: [State; 3] = [State::Scheduled, State::InProgress, State::OnHold];

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
    /// What was seen at the time of its window; nothing if it has none.
    look: Option<Look>,
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
        let (changes, change, wanted) = (&changes, &change, &wanted);
        look::until_current(move || async move {
            let seen = changes.register.seen().await?;
            let found = self.find(caller, &change.ticket).await?;
            // How risky it is hangs on its assets as they are now.
            let found = self.with_assets_as_now(caller, found).await?;
            let placing = placing((changes, seen), caller, &found, wanted.clone()).await?;
            let what = What::Schedule(Box::new(placing));
            let ticket = TicketRef::Id(found.id);
            self.change(caller, Change { ticket, what, ..change.clone() }).await
        })
        .await
    }
}

async fn placing(
    (changes, seen): (&Changes, u64),
    caller: &Caller,
    change: &Ticket,
    wanted: Wanted,
) -> Result<Placing, Fault> {
    let look = match change.change.as_ref().and_then(|it| it.plan.window) {
        Some(window) => Some(Look::take(changes, change, (window, seen)).await?),
        None => None,
    };
    Ok(Placing { wanted, who: Who::at_the_desk(caller), look })
}

impl Changes {
    /// Changes, but for one, that have their place in the calendar at some moment of a span.
    pub(super) async fn in_calendar(&self, span: &Span, but: TicketId) -> Result<Vec<Ticket>, Fault> {
        let mut all = self.meeting(span, IN_CALENDAR.to_vec()).await?;
        let now = clock::now();
        all.retain(|it| it.id != but && it.occupied(now).is_some_and(|time| time.meets(span)));
        Ok(all)
    }

    /// All changes in some states whose time meets a span.
    pub(super) async fn meeting(&self, span: &Span, states: Vec<State>) -> Result<Vec<Ticket>, Fault> {
        let filter = ChangeFilter { states, ..ChangeFilter::default() };
        let (mut all, mut after): (Vec<Ticket>, _) = (vec![], None);
        loop {
            let now = clock::now();
            let page = self.store.changes(&self.tenant, (span, now), &filter, after, READ).await?;
            let is_last = page.len() < READ as usize;
            all.extend(page);
            after = all.last().and_then(place_of);
            if is_last || after.is_none() {
                break;
            }
        }
        // Those that were begun before their windows have their assets already.
        let early = self.store.changes_under_way(&self.tenant, span.end).await?;
        let is_new =
            |it: &Ticket| filter.states.contains(&it.state) && all.iter().all(|known| known.id != it.id);
        let early: Vec<_> = early.into_iter().filter(is_new).collect();
        all.extend(early);
        Ok(all)
    }
}

/// Where a change stands in lists of the calendar: by the beginning of its window.
pub type Place = (Timestamp, TicketId);

/// Where a change stands in lists of the calendar.
pub fn place_of(change: &Ticket) -> Option<Place> {
    Some((change.change.as_ref()?.plan.window?.start, change.id))
}

impl Placing {
    /// The time that its decision must know the calendar of.
    pub(in crate::desk) fn span(&self) -> Option<Span> {
        self.look.as_ref().map(|it| it.span)
    }

    /// Schedules a change inside the decision.
    pub(in crate::desk) fn record(
        &self,
        catalog: &Catalog,
        unit: &mut Unit<'_>,
        before: &Ticket,
        (actor, at): (&str, Timestamp),
    ) -> Result<(), Fault> {
        let kind = before.may_be_scheduled()?;
        complete(catalog, before)?;
        super::rate(catalog, unit, before.id);
        let change = unit.ticket(before.id).ok_or(Fault::NotFound("ticket"))?.clone();
        let (agreed, now) = (before.risk(), change.risk());
        if agreed < now && kind != ChangeType::Standard {
            return Err(refused(Unplanned::Riskier { agreed, now }));
        }
        let Some(window) = change.change.as_ref().and_then(|it| it.plan.window) else {
            return Err(refused(Unplanned::Incomplete(vec!["window".to_owned()])));
        };
        let look = self.look.as_ref().filter(|it| it.span == window).ok_or_else(|| stale(&change))?;
        look.is_current(unit, &change, at)?;
        is_ahead(kind, &window, at)?;
        let against = obstacles(catalog, &change, &window);
        self.may_override(kind, &against).map_err(|why| {
            refused(Unplanned::Barred(barred(
                &against,
                next_window(catalog, &change, soon(at).max(window.start), window.seconds()),
                why,
            )))
        })?;
        let open = look.open(&[&self.wanted.accepted]);
        if !open.is_empty() {
            return Err(refused(Unplanned::Collides(open)));
        }
        let place = self.place(window, &against, (actor, look));
        for event in change.decide(Command::Schedule(Box::new(place)), actor)? {
            unit.record(change.id, event);
        }
        Ok(())
    }

    fn place(&self, window: Span, against: &Obstacles<'_>, (actor, look): (&str, &Look)) -> Scheduled {
        let overridden = !against.is_empty();
        Scheduled {
            window,
            by: actor.to_owned(),
            reason: if overridden { self.wanted.reason.clone() } else { String::new() },
            freezes: against.freezes.iter().map(|it| it.id.clone()).collect(),
            windows: against.windows.iter().map(|it| it.id.clone()).collect(),
            accepted: look.all(),
        }
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
pub(in crate::desk) fn is_ahead(kind: ChangeType, window: &Span, at: Timestamp) -> Result<(), Fault> {
    if window.end <= at {
        return Err(refused(Unplanned::Past("has ended already")));
    }
    if window.start < at && kind != ChangeType::Emergency {
        return Err(refused(Unplanned::Past("begins in the past")));
    }
    Ok(())
}

pub(super) fn refused(why: Unplanned) -> Fault {
    Fault::Refused(why.into())
}

/// When whoever is told of a window could begin in it: not at this moment.
pub(super) fn soon(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_add(SOON))
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
