//! A whole list of assets at once: CSV or JSON, checked to the last row before anything is written, and then written in
//! one transaction. Rows are matched with the register by tag, then by serial number. What the list has no column for
//! stays as it is.

mod columns;
mod known;
mod plan;
mod read;
mod rows;

use prost::Message as _;

pub use self::plan::Plan;
use super::{
    Register,
    enter::{record, unchanged},
};
use crate::{
    clock,
    desk::{
        fault::{Fault, undone},
        people::Asked,
        table::RowFault,
    },
    domain::asset::{Asset, Details},
    proto::v1,
    store::Unit,
};

/// How an import deals with what is not in the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missing {
    /// Whether it is taken out.
    pub remove: bool,
    /// At most so many of a hundred assets are; ten if not said.
    pub most_percent: Option<u32>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entered.
    pub created: u64,
    /// Changed.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
    /// Taken out.
    pub removed: u64,
}

/// What an import makes of one asset.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    id: crate::domain::id::AssetId,
    before: Option<Asset>,
    details: Details,
    removed: bool,
}

impl Register {
    /// Checks a list in CSV or JSON. What is wrong with it stands in the plan.
    pub async fn plan(&self, list: &[u8], missing: Missing) -> Result<Plan, Fault> {
        let read = read::read(list, &self.catalog);
        let known = known::Known::read(&self.store, &self.tenant).await?;
        let names_people =
            read.rows.iter().any(|it| it.cells.iter().any(|it| it.0 == columns::Column::Owner));
        let people =
            if names_people { self.people().names().await? } else { crate::desk::people::Names::default() };
        Ok(plan::plan(self, known, &people, read, missing))
    }

    /// Writes what a plan says, all of it or nothing. Refuses if the register changed since the plan was made.
    pub async fn import(&self, asked: Asked<'_>, plan: Plan) -> Result<Counts, Fault> {
        let at = clock::now();
        let Plan { changes, seen, counts, .. } = plan;
        let work = self.work(asked, changes.len(), at);
        let decide = move |unit: &mut Unit<'_>| {
            unchanged(unit, seen)?;
            for it in &changes {
                record(unit, it.id, it.before.as_ref(), &it.details, it.removed, at);
            }
            Ok::<_, Fault>(counts.told().encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        let reply = v1::ImportAssetsResponse::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?;
        let v1::ImportAssetsResponse { created, changed, unchanged, removed, .. } = reply;
        Ok(Counts { created, changed, unchanged, removed })
    }

    /// What came of an import that was done already; none if it was not.
    pub async fn imported(&self, asked: Asked<'_>) -> Result<Option<Counts>, Fault> {
        if !self.store.is_done(&self.tenant, asked.request).await? {
            return Ok(None);
        }
        // The store has the first answer for whoever asks with the same content.
        let nothing =
            Plan { changes: vec![], seen: 0, counts: Counts::default(), faults: vec![], passed_over: vec![] };
        self.import(asked, nothing).await.map(Some)
    }
}

impl Counts {
    /// The counts in the contract's words.
    pub fn told(self) -> v1::ImportAssetsResponse {
        let Self { created, changed, unchanged, removed } = self;
        v1::ImportAssetsResponse {
            created,
            changed,
            unchanged,
            removed,
            ..v1::ImportAssetsResponse::default()
        }
    }
}

impl Plan {
    /// The plan in the contract's words.
    pub fn told(&self) -> v1::ImportAssetsResponse {
        let fault = |it: &RowFault| v1::AssetRowFault {
            line: u32::try_from(it.line).unwrap_or(u32::MAX),
            column: it.column.clone(),
            problem: it.problem.clone(),
        };
        v1::ImportAssetsResponse {
            faults: self.faults.iter().map(fault).collect(),
            unknown_columns: self.passed_over.clone(),
            ..self.counts.told()
        }
    }
}
