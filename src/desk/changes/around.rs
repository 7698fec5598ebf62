//! What stands against a change, and others at the same time on the same. Nothing changes.

use std::collections::HashSet;

use super::{Changes, conflicts::Conflict, scheduling::soon};
use crate::{
    clock,
    desk::fault::{Fault, Violation},
    domain::{
        change::{Freeze, Maintenance, Question, Risk, Span, assess, common, next_window, obstacles},
        id::AssetId,
        lifecycle::State,
        lookup::TicketRef,
        ticket::{LinkedHow, Ticket},
        time::Timestamp,
    },
};

/// Tags of assets in one answer.
pub(super) const TAGS: usize = 20;
/// The length of a window that is proposed where none is planned, in seconds.
const HOUR: i64 = 3_600;

/// Openings of the calendar that are looked at for one that no other change has taken.
const OPENINGS: usize = 20;

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
    /// When next it could be carried out, from its planned beginning on, with nothing against it and no other change in its
    /// way.
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

/// What a change is about, and all that fails with it, itself among it.
pub(super) struct Around {
    pub(super) about: Vec<AssetId>,
    pub(super) reach: HashSet<AssetId>,
}

impl Changes {
    /// What stands against a change as it is planned. Of one that is not over the risk is that of this moment.
    pub async fn check(&self, which: &TicketRef) -> Result<Check, Fault> {
        let change = self.one(which).await?;
        let record = change.change.as_deref().cloned().unwrap_or_default();
        let practice = self.catalog.template_of(&change).and_then(|it| it.change.clone());
        let questions = practice.map(|it| it.questions).unwrap_or_default();
        let mut missing = record.plan.missing(&questions);
        if record.plan.window.is_none() && !missing.iter().any(|it| it == "window") {
            missing.push("window".to_owned());
        }
        let is_over = record.plan.window.is_some_and(|it| it.end <= clock::now());
        if is_over && record.scheduled.is_none() && change.state.is_open() {
            missing.push("a window that has not ended already".to_owned());
        }
        let length = record.plan.window.map_or(HOUR, |it| it.seconds());
        let related = self.register.related(&change.about()).await?;
        let next = self.next((&change, &related), length).await?;
        let (mut freezes, mut windows, mut collisions) = (vec![], vec![], vec![]);
        if let Some(window) = record.plan.window {
            let found = obstacles(&self.catalog, &change, &window);
            freezes = found.freezes.into_iter().cloned().collect();
            windows = found.windows.into_iter().cloned().collect();
            let time = change.occupied(clock::now()).unwrap_or(window);
            collisions = self.collisions((&change, &related), &time).await?;
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

    /// When next a change could be carried out for so many seconds. Nothing if the first of its openings are all taken.
    async fn next(
        &self,
        (change, related): (&Ticket, &HashSet<AssetId>),
        seconds: i64,
    ) -> Result<Option<Span>, Fault> {
        let wanted = change.change.as_ref().and_then(|it| it.plan.window).map(|it| it.start);
        let mut from = soon(clock::now()).max(wanted.unwrap_or_default());
        for _ in 0..OPENINGS {
            let Some(next) = next_window(&self.catalog, change, from, seconds) else { break };
            let others = self.collisions((change, related), &next).await?;
            let now = clock::now();
            let times = others.iter().filter(|it| it.scheduled).filter_map(|it| it.change.occupied(now));
            let Some(end) = times.map(|it| it.end).max() else { return Ok(Some(next)) };
            from = end;
        }
        Ok(None)
    }

    /// Other changes that are not over, at the same time on the same, or on what hangs together with it.
    /// `related` is what could fail with its assets or take them along.
    async fn collisions(
        &self,
        (change, related): (&Ticket, &HashSet<AssetId>),
        span: &Span,
    ) -> Result<Vec<Collision>, Fault> {
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
