//! A whole list of people at once. The list is read twice: first to find all that is wrong with it, and nothing is
//! written if anything is; then to write it, some hundred at a time, so that memory holds an index and no list.
//!
//! What the list has no column for stays as it is. An import that was cut off is finished by running it again. Whom
//! somebody else changes between the two readings is left as they are then, and is told: the list was checked against
//! what they were.

mod columns;
mod known;
mod plan;
mod writing;

pub(super) use self::known::Known;
pub use self::{
    columns::{Column, Row},
    plan::Plan,
};
use super::{Directory, Entry, Outcome};
use crate::{
    desk::{fault::Fault, table::RowFault},
    domain::{
        id::ProfileId,
        profile::{Details, Profile},
    },
};

/// People that are looked up and written at once.
const CHUNK: usize = 512;

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entered, or back.
    pub new: u64,
    /// Changed.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
    /// Have left.
    pub left: u64,
    /// User names of those whom somebody else changed meanwhile, or whose user name somebody else took, and who are as
    /// they were left.
    pub overtaken: Vec<String>,
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
        self.new + self.changed + self.unchanged + self.left + self.overtaken.len() as u64
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
            self.write((plan, &before), entries, run, &mut counts).await?;
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
        self.write((plan, &before), entries, run, counts).await
    }
}
