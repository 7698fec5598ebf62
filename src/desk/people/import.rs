//! A whole list of people at once. The list is read twice: first to find all that is wrong with it, and nothing is
//! written if anything is; then to write it, some hundred at a time, so that memory holds an index and no list.
//!
//! What the list has no column for stays as it is. An import that was cut off is finished by running it again.

mod columns;
mod known;
mod plan;

use std::collections::BTreeMap;

use self::known::Known;
pub use self::{
    columns::{Column, Row, RowFault},
    plan::Plan,
};
use super::{Directory, Entry, Outcome, enter::outcome};
use crate::{
    clock,
    desk::{
        digest,
        fault::{Fault, undone},
    },
    domain::{
        id::{ProfileId, TicketId},
        profile::{Details, Profile},
    },
    store::{Unit, Wants},
};

/// People that are looked up and written at once.
const CHUNK: usize = 512;

/// What an import did, or would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entered, or back.
    pub new: u64,
    /// Changed.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
    /// Have left.
    pub left: u64,
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::New => self.new += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Left => self.left += 1,
        }
    }

    /// All of them.
    pub fn all(&self) -> u64 {
        self.new + self.changed + self.unchanged + self.left
    }
}

/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// It only counts.
    Dry,
    /// It does.
    Real,
}

impl Directory {
    /// Checks a whole list; `leavers` are those of the directory who are not in it. Gives all that is wrong.
    pub async fn plan(
        &self,
        rows: impl Iterator<Item = Result<Row, RowFault>>,
        leavers: bool,
    ) -> Result<Result<Plan, Vec<RowFault>>, Fault> {
        let known = Known::read(&self.store, &self.tenant).await?;
        Ok(plan::plan(self, known, rows, leavers))
    }

    /// Writes a list that was checked; it must be the same list. Tells how many are done.
    pub async fn import(
        &self,
        plan: &Plan,
        rows: impl Iterator<Item = Row>,
        run: Run,
        told: &mut dyn FnMut(u64),
    ) -> Result<Counts, Fault> {
        let mut counts = Counts::default();
        let mut chunk = Vec::with_capacity(CHUNK);
        for row in rows {
            let Some(target) = plan.target(self, &row) else { continue };
            chunk.push((target, row));
            if chunk.len() == CHUNK {
                self.write_rows(plan, std::mem::take(&mut chunk), run, &mut counts).await?;
                told(counts.all());
            }
        }
        self.write_rows(plan, chunk, run, &mut counts).await?;
        for ids in plan.leavers.chunks(CHUNK) {
            let gone = |it: Profile| Entry {
                id: it.id,
                issuer: it.issuer,
                subject: it.subject,
                details: Details { active: false, ..it.details.clone() },
                removed: it.removed,
            };
            let before = self.store.profiles_by_id(&self.tenant, ids).await?;
            let entries = before.iter().cloned().map(gone).collect();
            self.write(&before, entries, run, &mut counts).await?;
            told(counts.all());
        }
        Ok(counts)
    }

    async fn write_rows(
        &self,
        plan: &Plan,
        chunk: Vec<(plan::Target, Row)>,
        run: Run,
        counts: &mut Counts,
    ) -> Result<(), Fault> {
        let ids: Vec<ProfileId> = chunk.iter().map(|(it, _)| it.id).collect();
        let before = self.store.profiles_by_id(&self.tenant, &ids).await?;
        let entry = |(target, row): (plan::Target, Row)| {
            let old = before.iter().find(|it| it.id == target.id);
            let mut details = old.map(|it| it.details.clone()).unwrap_or_default();
            row.apply(&mut details);
            if row.names_manager() {
                details.manager = plan.managers.get(&target.id).copied();
            }
            let (issuer, subject) = match old {
                Some(it) => (it.issuer.clone(), it.subject.clone()),
                None => (target.who.issuer, target.who.subject),
            };
            Entry { id: target.id, issuer, subject, details, removed: false }
        };
        let entries = chunk.into_iter().map(entry).collect();
        self.write(&before, entries, run, counts).await
    }

    /// Writes those that differ, one request a partition.
    async fn write(
        &self,
        before: &[Profile],
        entries: Vec<Entry>,
        run: Run,
        counts: &mut Counts,
    ) -> Result<(), Fault> {
        let mut parts: BTreeMap<u32, Vec<(Entry, Vec<TicketId>)>> = BTreeMap::new();
        for entry in entries {
            let old = before.iter().find(|it| it.id == entry.id);
            let outcome = outcome(old, &entry);
            counts.add(outcome);
            if outcome == Outcome::Unchanged || run == Run::Dry {
                continue;
            }
            let tickets = if outcome == Outcome::Left { self.to_mark(&entry).await? } else { vec![] };
            let partition = entry.id.slot().partition(self.store.partitions());
            parts.entry(partition).or_default().push((entry, tickets));
        }
        let writes = parts.into_values().map(|entries| self.write_part(entries));
        futures_util::future::try_join_all(writes).await.map(drop)
    }

    async fn write_part(&self, entries: Vec<(Entry, Vec<TicketId>)>) -> Result<(), Fault> {
        let Some((first, _)) = entries.first() else { return Ok(()) };
        let request = format!("import-{}", clock::new_id());
        let at = clock::now();
        let mut work = self.work(request.clone(), digest(&[&request]), first.id.slot(), at);
        work.wants = Wants {
            tickets: entries.iter().flat_map(|(_, it)| it.iter().copied()).collect(),
            people: entries.iter().map(|(it, _)| it.id).collect(),
            user_names: entries.iter().map(|(it, _)| it.details.user_key()).collect(),
            ..Wants::default()
        };
        let this = self.clone();
        let decide = move |unit: &mut Unit<'_>| {
            for (entry, tickets) in &entries {
                this.record(unit, entry, tickets, at)?;
            }
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map(drop).map_err(|it| undone(it, &request))
    }
}
