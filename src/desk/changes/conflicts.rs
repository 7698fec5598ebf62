//! What stands now against changes that have their place in the calendar, and did not when they got it: freeze periods and
//! hours of maintenance that came later, others on the same that nobody has accepted, a window that is over. Whoever looks
//! at a change is told.

use std::collections::HashSet;

use super::{Changes, around::TAGS, scheduling::IN_CALENDAR};
use crate::{
    clock,
    desk::fault::Fault,
    domain::{
        change::{Record, Span, common, unforeseen},
        id::TicketId,
        lookup::TicketRef,
        ticket::Ticket,
        time::Timestamp,
    },
};

/// Something that stands against a change in the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Which change.
    pub change: TicketId,
    /// Its number.
    pub number: String,
    /// What it is.
    pub kind: ConflictKind,
    /// Id of the freeze period or of the maintenance window, or number of the other change; empty if there is none.
    pub with: String,
    /// The same for people.
    pub text: String,
}

/// What it is that stands against a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConflictKind {
    /// It is carried out beyond its window.
    Overruns,
    /// Its window has passed, and nobody has begun.
    Missed,
    /// A freeze period that came later.
    Freeze,
    /// A maintenance window that is not open all the time any more.
    Maintenance,
    /// Another change at the same time on the same.
    Collision,
}

impl ConflictKind {
    /// For people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overruns => "overruns",
            Self::Missed => "missed",
            Self::Freeze => "freeze",
            Self::Maintenance => "maintenance",
            Self::Collision => "collision",
        }
    }
}

impl Changes {
    /// One change, with what stands now against its place in the calendar.
    pub async fn get(&self, which: &TicketRef) -> Result<(Ticket, Vec<Conflict>), Fault> {
        let change = self.one(which).await?;
        let conflicts = self.conflicts(std::slice::from_ref(&change)).await?;
        Ok((change, conflicts))
    }

    /// What stands now against those of some changes that have their place in the calendar, in their order.
    pub async fn conflicts(&self, of: &[Ticket]) -> Result<Vec<Conflict>, Fault> {
        let now = clock::now();
        let placed = |it: &Ticket| Some((it.occupied(now)?, it.change.as_deref()?.clone()));
        let placed: Vec<_> = of.iter().filter_map(|it| Some((it, placed(it)?))).collect();
        let mut found = vec![];
        for (change, (time, record)) in &placed {
            found.extend(self.of_the_calendar(change, record, &ahead(time, now), now));
        }
        // What was missed has no time any more.
        let live: Vec<_> = placed.into_iter().filter(|it| now < it.1.0.end).collect();
        found.extend(self.of_others(&live, now).await?);
        let order = |it: &Conflict| of.iter().position(|one| one.id == it.change);
        found.sort_by_key(|it| (order(it), it.kind));
        Ok(found)
    }

    fn of_the_calendar(
        &self,
        change: &Ticket,
        record: &Record,
        rest: &Span,
        now: Timestamp,
    ) -> Vec<Conflict> {
        let Some(place) = &record.scheduled else { return vec![] };
        let (conflict, end) = (|kind, with: &str, text| conflict(change, kind, with, text), place.window.end);
        if record.overruns(now).is_some() {
            let text = format!("it is carried out beyond its window, which ended {}", end.rfc3339());
            return vec![conflict(ConflictKind::Overruns, "", text)];
        }
        if end <= now {
            let text = format!("its window ended {}, and nobody has begun", end.rfc3339());
            return vec![conflict(ConflictKind::Missed, "", text)];
        }
        let rest = Span { start: rest.start.max(place.window.start), end };
        let against = unforeseen(&self.catalog, change, place, &rest);
        let freezes = against.freezes.iter().map(|it| {
            let (from, to) = (it.span.start.rfc3339(), it.span.end.rfc3339());
            let text = format!("the freeze period `{}` ({from} to {to}: {})", it.id, it.reason);
            conflict(ConflictKind::Freeze, &it.id, text)
        });
        let windows = against.windows.iter().map(|it| {
            let text = format!("outside of the maintenance window `{}` (calendar `{}`)", it.id, it.calendar);
            conflict(ConflictKind::Maintenance, &it.id, text)
        });
        freezes.chain(windows).collect()
    }

    /// Other changes in the calendar at the same time on the same that these have not accepted.
    async fn of_others(
        &self,
        placed: &[(&Ticket, (Span, Record))],
        now: Timestamp,
    ) -> Result<Vec<Conflict>, Fault> {
        let about: HashSet<_> = placed.iter().flat_map(|it| it.0.about()).collect();
        let times = || placed.iter().map(|it| ahead(&it.1.0, now));
        let (Some(start), Some(end)) = (times().map(|it| it.start).min(), times().map(|it| it.end).max())
        else {
            return Ok(vec![]);
        };
        let about: Vec<_> = about.into_iter().collect();
        let related = self.register.related(&about).await?;
        let mut others = self.meeting(&Span { start, end }, IN_CALENDAR.to_vec()).await?;
        others.retain(|it| it.about().iter().any(|it| related.contains(it)));
        let all: Vec<&Ticket> = placed.iter().map(|it| it.0).chain(&others).collect();
        let around = self.around(&all).await?;
        let (mine, theirs) = around.split_at(placed.len());
        let mut found = vec![];
        for ((change, (time, record)), mine) in placed.iter().zip(mine) {
            let accepted = record.scheduled.as_ref().map_or(&[][..], |it| &it.accepted);
            for (other, it) in others.iter().zip(theirs) {
                let meets = other.occupied(now).is_some_and(|it| it.meets(&ahead(time, now)));
                let in_common = common((&mine.about, &mine.reach), (&it.about, &it.reach));
                if other.id == change.id || !meets || in_common.is_empty() || accepted.contains(&other.number)
                {
                    continue;
                }
                let tags = self.register.tags(&in_common, TAGS).await?.join(", ");
                let how = match other.overruns(now) {
                    Some(_) => "is carried out beyond its window",
                    None => "has its place at the same time",
                };
                let text = format!("{} {how} on {tags}", other.number);
                found.push(conflict(change, ConflictKind::Collision, &other.number, text));
            }
        }
        Ok(found)
    }
}

/// What is left of a time.
fn ahead(time: &Span, now: Timestamp) -> Span {
    Span { start: time.start.max(now), end: time.end }
}

fn conflict(change: &Ticket, kind: ConflictKind, with: &str, text: String) -> Conflict {
    let (number, with) = (change.number.clone(), with.to_owned());
    Conflict { change: change.id, number, kind, with, text }
}
