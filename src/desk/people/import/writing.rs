//! Writing a part of a list: whoever differs, and is still as the list was checked against them.

use std::collections::BTreeMap;

use super::{Counts, Plan, Run};
use crate::{
    clock,
    desk::{
        digest,
        fault::{Fault, undone},
        people::{Directory, Entry, Outcome, enter::outcome},
    },
    domain::{id::TicketId, profile::Profile},
    store::{Unit, Wants},
};

/// An entry that differs.
struct Change {
    entry: Entry,
    outcome: Outcome,
    /// The version that it takes the place of; none if it is new.
    expected: Option<u64>,
    /// Open tickets to be marked.
    tickets: Vec<TicketId>,
}

impl Directory {
    /// Writes those that differ, one request a partition.
    pub(super) async fn write(
        &self,
        (plan, before): (&Plan, &[Profile]),
        entries: Vec<Entry>,
        run: Run,
        counts: &mut Counts,
    ) -> Result<(), Fault> {
        let mut parts: BTreeMap<u32, Vec<Change>> = BTreeMap::new();
        for entry in entries {
            let outcome = outcome(before.iter().find(|it| it.id == entry.id), &entry);
            if outcome == Outcome::Unchanged || run == Run::Dry {
                counts.add(outcome);
                continue;
            }
            let tickets = if outcome == Outcome::Left { self.to_mark(&entry).await? } else { vec![] };
            let partition = entry.id.slot().partition(self.store.partitions());
            let expected = plan.version(entry.id);
            parts.entry(partition).or_default().push(Change { entry, outcome, expected, tickets });
        }
        let writes = parts.into_values().map(|changes| self.write_part(changes));
        for (outcome, name, done) in futures_util::future::try_join_all(writes).await?.into_iter().flatten() {
            if done {
                counts.add(outcome);
            } else {
                counts.overtaken.push(name);
            }
        }
        Ok(())
    }

    /// Writes changes of one partition. Gives what each is, whom it is about, and whether it was done.
    async fn write_part(&self, changes: Vec<Change>) -> Result<Vec<(Outcome, String, bool)>, Fault> {
        let Some(first) = changes.first() else { return Ok(vec![]) };
        let request = format!("import-{}", clock::new_id());
        let at = clock::now();
        let mut work = self.work(request.clone(), digest(&[&request]), first.entry.id.slot(), at);
        work.wants = Wants {
            tickets: changes.iter().flat_map(|it| it.tickets.iter().copied()).collect(),
            people: changes.iter().map(|it| it.entry.id).collect(),
            user_names: changes.iter().map(|it| it.entry.details.user_key()).collect(),
            ..Wants::default()
        };
        let all: Vec<_> = changes.iter().map(|it| (it.outcome, it.entry.details.user_name.clone())).collect();
        let this = self.clone();
        let decide = move |unit: &mut Unit<'_>| {
            let mut done = vec![];
            for change in &changes {
                let (id, key) = (change.entry.id, change.entry.details.user_key());
                let is_as_checked = unit.profile(id).map(|it| it.version) == change.expected
                    && unit.owner(&key).is_none_or(|it| it == id);
                if is_as_checked {
                    this.record(unit, &change.entry, &change.tickets, at)?;
                }
                done.push(u8::from(is_as_checked));
            }
            Ok::<_, Fault>(done)
        };
        let done = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(all.into_iter().zip(done).map(|((outcome, name), done)| (outcome, name, done == 1)).collect())
    }
}
