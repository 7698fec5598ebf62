//! The calendar of changes, page by page.

use super::{
    Changes, READ,
    conflicts::Conflict,
    scheduling::{Place, place_of},
};
use crate::{
    clock,
    desk::{assets::AssetRef, fault::Fault},
    domain::{change::Span, lifecycle::State, ticket::Ticket, time::Timestamp},
    store::ChangeFilter,
};

/// Changes that one page looks at, whatever it finds.
const LOOKED_AT: usize = 5_000;

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

/// A page of the list of changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The changes.
    pub changes: Vec<Ticket>,
    /// Where the next page begins; nothing behind the last one. A page may have fewer than were asked for, and even none,
    /// where many must be looked at.
    pub next: Option<Place>,
    /// What stands now against those of them that have their place in the calendar.
    pub conflicts: Vec<Conflict>,
}

impl Changes {
    /// A page of the changes whose windows meet a span, or that are carried out beyond theirs: at most so many, behind one of
    /// them.
    pub async fn list(&self, shown: &Shown, after: Option<Place>, size: usize) -> Result<Listed, Fault> {
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
            let page = self.store.changes(&self.tenant, (&span, clock::now()), &filter, next, READ).await?;
            let is_last = page.len() < READ as usize;
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
}
