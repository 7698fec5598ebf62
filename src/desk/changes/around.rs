//! What lies around a change: others at the same time on the same, and what went wrong after it. Nothing changes.

use std::collections::HashSet;

use super::{Changes, conflicts::Conflict, scheduling::place_of};
use crate::{
    clock,
    desk::{
        assets::AssetRef,
        fault::{Fault, Violation},
    },
    domain::{
        change::{Freeze, Maintenance, Question, Risk, Span, assess, common, next_window, obstacles},
        id::{AssetId, TicketId},
        lifecycle::State,
        lookup::TicketRef,
        ticket::{LinkedHow, Relation, Ticket},
        time::Timestamp,
    },
    store::ChangeFilter,
};

/// Tags of assets in one answer.
const TAGS: usize = 20;
/// Changes that are read at once.
const CHANGES: u32 = 500;
/// Changes that one page of a list looks at, whatever it finds.
const LOOKED_AT: usize = 5_000;
/// Changes that may be behind a ticket.
const RECENT: usize = 50;
/// Incidents after a change.
const AFTER: usize = 200;
/// Incidents that are read at once for them.
const PAGE: u32 = 500;
/// The length of a window that is proposed where none is planned, in seconds.
const HOUR: i64 = 3_600;

/// What stands against a change as it is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The change.
    pub change: Ticket,
    /// What is missing.
    pub missing: Vec<String>,
    /// How risky it is.
    pub risk: Risk,
    /// What is asked to rate that.
    pub questions: Vec<Question>,
    /// Freeze periods that its window meets.
    pub freezes: Vec<Freeze>,
    /// Maintenance windows that it does not keep to.
    pub windows: Vec<Maintenance>,
    /// Other changes.
    pub collisions: Vec<Collision>,
    /// When next it could be carried out.
    pub next: Option<Span>,
    /// What stands now against its place in the calendar.
    pub conflicts: Vec<Conflict>,
}

/// Another change at the same time on the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Collision {
    /// The other one.
    pub change: Ticket,
    /// Its window.
    pub window: Span,
    /// Tags of the assets by which they collide.
    pub assets: Vec<String>,
    /// Whether it has its place in the calendar.
    pub scheduled: bool,
    /// Since when it is carried out beyond its window, if it is.
    pub overruns: Option<Timestamp>,
}

/// A page of the list of changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The changes.
    pub changes: Vec<Ticket>,
    /// Where the next page begins; nothing behind the last one. A page may have fewer than were asked for, and even none,
    /// where many must be looked at.
    pub next: Option<(Timestamp, TicketId)>,
    /// What stands now against those of them that have their place in the calendar.
    pub conflicts: Vec<Conflict>,
}

/// A change and a ticket that it may be behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// The change, or the ticket.
    pub ticket: Ticket,
    /// Tags of assets of the ticket that were changed, or that hang on what was.
    pub assets: Vec<String>,
    /// Whether somebody has said that the change caused it.
    pub caused: bool,
}

/// Which changes are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Those whose windows meet it; from now on for 31 days, where it does not say.
    pub from: Option<Timestamp>,
    /// Until then.
    pub to: Option<Timestamp>,
    /// In these states, or in any.
    pub states: Vec<State>,
    /// Id of the service.
    pub service: Option<String>,
    /// About this asset.
    pub asset: Option<AssetRef>,
}

/// What a change is about, and all that fails with it, itself among it.
pub(super) struct Around {
    pub(super) about: Vec<AssetId>,
    pub(super) reach: HashSet<AssetId>,
}

impl Changes {
    /// What stands against a change as it is planned. Of one that is not over the risk is that of this moment.
    pub async fn check(&self, which: &TicketRef) -> Result<Check, Fault> {
        let change = self.store.ticket(&self.tenant, which).await?.ok_or(Fault::NotFound("ticket"))?;
        change.as_change()?;
        let record = change.change.as_deref().cloned().unwrap_or_default();
        let practice = self.catalog.template_of(&change).and_then(|it| it.change.clone());
        let questions = practice.map(|it| it.questions).unwrap_or_default();
        let mut missing = record.plan.missing(&questions);
        if record.plan.window.is_none() && !missing.iter().any(|it| it == "window") {
            missing.push("window".to_owned());
        }
        let length = record.plan.window.map_or(HOUR, |it| it.seconds());
        let next = next_window(&self.catalog, &change, clock::now(), length);
        let (mut freezes, mut windows, mut collisions) = (vec![], vec![], vec![]);
        if let Some(window) = record.plan.window {
            let found = obstacles(&self.catalog, &change, &window);
            freezes = found.freezes.into_iter().cloned().collect();
            windows = found.windows.into_iter().cloned().collect();
            collisions = self.collisions(&change, &change.occupied(clock::now()).unwrap_or(window)).await?;
        }
        let risk = if change.state.is_open() {
            let assets = self.register.as_now(&change.assets).await?;
            assess(&questions, &record.plan.answers, &assets, &self.catalog.changes.risk)
        } else {
            record.plan.risk
        };
        let conflicts = self.conflicts(std::slice::from_ref(&change)).await?;
        Ok(Check { missing, risk, questions, freezes, windows, collisions, next, change, conflicts })
    }

    /// Other changes that are not over, at the same time on the same, or on what hangs together with it.
    async fn collisions(&self, change: &Ticket, span: &Span) -> Result<Vec<Collision>, Fault> {
        let related = self.register.related(&change.about()).await?;
        let states = State::ALL.into_iter().filter(|it| it.is_open()).collect();
        let (mut others, now) = (self.meeting(span, states).await?, clock::now());
        let time = |it: &Ticket| it.occupied(now).or_else(|| it.change.as_ref()?.plan.window);
        others.retain(|it| {
            it.id != change.id
                && time(it).is_some_and(|it| it.meets(span))
                && it.about().iter().any(|it| related.contains(it))
        });
        let mut found = vec![];
        for (other, in_common) in self.colliding(change, others).await? {
            let Some(window) = other.change.as_ref().and_then(|it| it.plan.window) else { continue };
            let assets = self.register.tags(&in_common, TAGS).await?;
            let (scheduled, overruns) = (other.is_in_calendar(), other.overruns(now));
            found.push(Collision { change: other, window, assets, scheduled, overruns });
        }
        Ok(found)
    }

    /// Those of some changes that collide with one by their assets, each with the assets by which they do.
    pub(super) async fn colliding(
        &self,
        change: &Ticket,
        others: Vec<Ticket>,
    ) -> Result<Vec<(Ticket, Vec<AssetId>)>, Fault> {
        let all: Vec<&Ticket> = [change].into_iter().chain(&others).collect();
        let around = self.around(&all).await?;
        let Some((mine, theirs)) = around.split_first() else { return Ok(vec![]) };
        let in_common = theirs.iter().map(|it| common((&mine.about, &mine.reach), (&it.about, &it.reach)));
        let in_common: Vec<_> = in_common.collect();
        Ok(others.into_iter().zip(in_common).filter(|(_, it)| !it.is_empty()).collect())
    }

    /// What tickets are about, and what fails with it.
    pub(super) async fn around(&self, tickets: &[&Ticket]) -> Result<Vec<Around>, Fault> {
        let walks: Vec<_> = tickets
            .iter()
            .map(|it| (it.about(), it.assets.of(LinkedHow::NotImpacted).map(|it| it.asset).collect()))
            .collect();
        let reached = self.register.reached(&walks).await?;
        let pair = |((about, _), reach)| Around { about, reach };
        Ok(walks.into_iter().zip(reached).map(pair).collect())
    }

    /// A page of the changes whose windows meet a span, or that are carried out beyond theirs: at most so many, behind one of
    /// them.
    pub async fn list(
        &self,
        shown: &Shown,
        after: Option<(Timestamp, TicketId)>,
        size: usize,
    ) -> Result<Listed, Fault> {
        const SPAN: i64 = 31 * 86_400_000;
        let start = shown.from.unwrap_or_else(clock::now);
        let end = shown.to.unwrap_or(Timestamp(start.0.saturating_add(SPAN)));
        if end <= start {
            return Err(Fault::field("to", "is not after `from`; a span ends after it begins"));
        }
        let asset = match &shown.asset {
            Some(it) => Some(self.register.get(it).await?.id),
            None => None,
        };
        let filter = ChangeFilter { service: shown.service.clone(), states: shown.states.clone() };
        let (span, mut looked_at) = (Span { start, end }, 0);
        let (mut changes, mut next): (Vec<Ticket>, _) = (vec![], after);
        loop {
            let page =
                self.store.changes(&self.tenant, (&span, clock::now()), &filter, next, CHANGES).await?;
            let is_last = page.len() < CHANGES as usize;
            looked_at += page.len();
            let mut rest = page.into_iter();
            for it in rest.by_ref() {
                next = place_of(&it);
                if asset.is_none_or(|asset| it.about().contains(&asset)) {
                    changes.push(it);
                }
                if changes.len() == size {
                    break;
                }
            }
            let is_over = is_last && rest.as_slice().is_empty();
            if is_over || changes.len() == size || LOOKED_AT <= looked_at {
                let conflicts = self.conflicts(&changes).await?;
                return Ok(Listed { changes, next: next.filter(|_| !is_over), conflicts });
            }
        }
    }

    /// Changes that may be behind a ticket, the latest first, by its assets and by when it was opened; and whether there are
    /// more than are told.
    pub async fn recent(&self, ticket: &Ticket) -> Result<(Vec<Near>, bool), Fault> {
        let about = ticket.about();
        if about.is_empty() {
            return Ok((vec![], false));
        }
        let related = self.register.related(&about).await?;
        let time = (Timestamp(ticket.opened.0 - self.look_back()), ticket.opened);
        let (mut found, mut after): (Vec<Near>, _) = (vec![], None);
        loop {
            let page = self.store.carried_out(&self.tenant, time, after, CHANGES).await?;
            let is_last = page.len() < CHANGES as usize;
            after = page.last().and_then(|it| Some((it.change.as_ref()?.begun?, it.id)));
            let near = |it: &&Ticket| it.id != ticket.id && it.about().iter().any(|it| related.contains(it));
            let changes: Vec<&Ticket> = page.iter().filter(near).collect();
            let around = self.around(&changes).await?;
            for (change, it) in changes.into_iter().zip(around) {
                let hit: Vec<_> = about.iter().copied().filter(|id| it.reach.contains(id)).collect();
                if hit.is_empty() {
                    continue;
                }
                if found.len() == RECENT {
                    return Ok((found, true));
                }
                let assets = self.register.tags(&hit, TAGS).await?;
                let caused = ticket.ties.has(Relation::CausedBy, change.id);
                found.push(Near { ticket: change.clone(), assets, caused });
            }
            if is_last || after.is_none() {
                return Ok((found, false));
            }
        }
    }

    /// Incidents that were opened after a change began and not long after it ended, on what it changed or on what hangs
    /// on that, and whatever somebody has said that it caused, the earliest first; and whether there are more than are told.
    pub async fn aftermath(&self, which: &TicketRef) -> Result<(Vec<Near>, bool), Fault> {
        let change = self.store.ticket(&self.tenant, which).await?.ok_or(Fault::NotFound("ticket"))?;
        change.as_change()?;
        let around = self.around(&[&change]).await?;
        let none = HashSet::new();
        let reach = around.first().map_or(&none, |it| &it.reach);
        let caused: Vec<_> = change.ties.related(Relation::Causes).map(|it| it.ticket).collect();
        let by_hand = self.store.tickets_by_id(&self.tenant, &caused).await?;
        let mut hit: Vec<Ticket> = by_hand.into_values().collect();
        hit.extend(self.incidents_after(&change, reach, &caused).await?);
        hit.sort_by_key(|it| (it.opened, it.id));
        let more = AFTER < hit.len();
        let mut found = vec![];
        for it in hit.into_iter().take(AFTER) {
            let assets: Vec<_> = it.about().into_iter().filter(|id| reach.contains(id)).collect();
            let assets = self.register.tags(&assets, TAGS).await?;
            found.push(Near { assets, caused: caused.contains(&it.id), ticket: it });
        }
        Ok((found, more))
    }

    /// Incidents on what a change reaches that were opened while it was carried out or not long after, but for those that are
    /// known; one more than are told at most.
    async fn incidents_after(
        &self,
        change: &Ticket,
        reach: &HashSet<AssetId>,
        known: &[TicketId],
    ) -> Result<Vec<Ticket>, Fault> {
        let Some(begun) = change.change.as_ref().and_then(|it| it.begun) else { return Ok(vec![]) };
        let ended = change.resolved.unwrap_or_else(clock::now);
        let span = Span { start: begun, end: Timestamp(ended.0 + self.look_back() + 1) };
        let (mut found, mut after): (Vec<Ticket>, _) = (vec![], None);
        loop {
            let page = self.store.incidents_within(&self.tenant, &span, after.as_ref(), PAGE).await?;
            let is_hit =
                |it: &&Ticket| !known.contains(&it.id) && it.about().iter().any(|id| reach.contains(id));
            found.extend(page.iter().filter(is_hit).cloned());
            if page.len() < PAGE as usize || AFTER < found.len() {
                return Ok(found);
            }
            after = page.into_iter().next_back();
        }
    }

    /// In milliseconds.
    fn look_back(&self) -> i64 {
        i64::from(self.catalog.changes.look_back) * 1000
    }

    /// What is wrong with numbers of changes that somebody accepts.
    pub(super) async fn unknown(&self, numbers: &[String]) -> Result<(), Fault> {
        let mut wrong = vec![];
        for (at, number) in numbers.iter().enumerate() {
            let found = match TicketRef::parse(number) {
                Some(it) => self.store.ticket(&self.tenant, &it).await?,
                None => None,
            };
            if found.is_none_or(|it| it.change.is_none()) {
                let problem = format!("there is no change `{number}`; CheckChange tells which collide");
                wrong.push(Violation::new(format!("accept_collisions[{at}]"), problem));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Fault::Malformed(wrong)) }
    }
}
