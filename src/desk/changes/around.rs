//! What lies around a change: others at the same time on the same, and what went wrong after it. Nothing changes.

use std::collections::HashSet;

use super::Changes;
use crate::{
    clock,
    desk::{
        assets::AssetRef,
        fault::{Fault, Violation},
    },
    domain::{
        change::{Freeze, Maintenance, Question, Risk, Span, common, next_window, obstacles},
        id::AssetId,
        lifecycle::State,
        lookup::TicketRef,
        ticket::{LinkedHow, Relation, Ticket},
        time::Timestamp,
    },
    store::ChangeFilter,
};

/// Tags of assets in one answer.
const TAGS: usize = 20;
/// Changes in one list.
const MOST: u32 = 500;
/// Changes in one window that collisions are looked for among.
pub(super) const LOOK: u32 = 10_000;
/// Changes that may be behind a ticket.
const RECENT: usize = 50;
/// Changes that are looked at for them.
const LOOKED_AT: u32 = 500;
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
    /// What stands against a change as it is planned.
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
            collisions = self.collisions(&change, &window).await?;
        }
        Ok(Check { missing, risk: record.plan.risk, questions, freezes, windows, collisions, next, change })
    }

    /// Other changes that are not over, at the same time on the same, or on what hangs together with it.
    pub(super) async fn collisions(&self, change: &Ticket, window: &Span) -> Result<Vec<Collision>, Fault> {
        let states = State::ALL.into_iter().filter(|it| it.is_open()).collect();
        let filter = ChangeFilter { states, ..ChangeFilter::default() };
        let mut others = self.store.changes(&self.tenant, window, &filter, LOOK).await?;
        others.retain(|it| it.id != change.id);
        let all: Vec<&Ticket> = [change].into_iter().chain(&others).collect();
        let around = self.around(&all).await?;
        let Some((mine, theirs)) = around.split_first() else { return Ok(vec![]) };
        let mut found = vec![];
        for (other, it) in others.iter().zip(theirs) {
            let in_common = common((&mine.about, &mine.reach), (&it.about, &it.reach));
            let Some(window) = other.change.as_ref().and_then(|it| it.plan.window) else { continue };
            if !in_common.is_empty() {
                let assets = self.register.tags(&in_common, TAGS).await?;
                let scheduled = other.is_in_calendar();
                found.push(Collision { change: other.clone(), window, assets, scheduled });
            }
        }
        Ok(found)
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

    /// Changes whose windows meet a span, and whether there are more.
    pub async fn list(&self, shown: &Shown) -> Result<(Vec<Ticket>, bool), Fault> {
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
        let span = Span { start, end };
        let mut found = self.store.changes(&self.tenant, &span, &filter, MOST + 1).await?;
        let left_out = found.len() > MOST as usize;
        found.truncate(MOST as usize);
        found.retain(|it| asset.is_none_or(|asset| it.about().contains(&asset)));
        Ok((found, left_out))
    }

    /// Changes that may be behind a ticket, the latest first: by its assets, and by when it was opened.
    pub async fn recent(&self, ticket: &Ticket) -> Result<Vec<Near>, Fault> {
        let about = ticket.about();
        if about.is_empty() {
            return Ok(vec![]);
        }
        let since = Timestamp(ticket.opened.0 - self.look_back());
        let all = self.store.carried_out(&self.tenant, (since, ticket.opened), LOOKED_AT).await?;
        let changes: Vec<&Ticket> = all.iter().filter(|it| it.id != ticket.id).collect();
        let around = self.around(&changes).await?;
        let mut found = vec![];
        for (change, it) in changes.into_iter().zip(around) {
            let hit: Vec<_> = about.iter().copied().filter(|id| it.reach.contains(id)).collect();
            if !hit.is_empty() && found.len() < RECENT {
                let assets = self.register.tags(&hit, TAGS).await?;
                let caused = ticket.ties.has(Relation::CausedBy, change.id);
                found.push(Near { ticket: change.clone(), assets, caused });
            }
        }
        Ok(found)
    }

    /// Incidents that were opened after a change began and not long after it ended, on what it changed or on what hangs
    /// on that, the earliest first.
    pub async fn aftermath(&self, which: &TicketRef) -> Result<Vec<Near>, Fault> {
        let change = self.store.ticket(&self.tenant, which).await?.ok_or(Fault::NotFound("ticket"))?;
        change.as_change()?;
        let Some(begun) = change.change.as_ref().and_then(|it| it.begun) else { return Ok(vec![]) };
        let ended = change.resolved.unwrap_or_else(clock::now);
        let span = Span { start: begun, end: Timestamp(ended.0 + self.look_back() + 1) };
        let around = self.around(&[&change]).await?;
        let Some(reach) = around.first().map(|it| &it.reach) else { return Ok(vec![]) };
        let (mut found, mut after) = (vec![], None);
        loop {
            let page = self.store.incidents_within(&self.tenant, &span, after.as_ref(), PAGE).await?;
            for it in &page {
                let hit: Vec<_> = it.about().into_iter().filter(|id| reach.contains(id)).collect();
                let caused = change.ties.has(Relation::Causes, it.id);
                if (!hit.is_empty() || caused) && found.len() < AFTER {
                    let assets = self.register.tags(&hit, TAGS).await?;
                    found.push(Near { ticket: it.clone(), assets, caused });
                }
            }
            if page.len() < PAGE as usize || found.len() == AFTER {
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
