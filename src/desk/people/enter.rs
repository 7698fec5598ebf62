//! Entering somebody into the directory, inside the writer: the name is theirs alone, what changed is told, and what
//! the desk owes to those who leave is done in the same moment.

use prost::Message as _;

use super::{Asked, Directory};
use crate::{
    clock,
    desk::{
        digest,
        fault::{Fault, Violation, undone},
    },
    domain::{
        duty::Left,
        id::{ProfileId, TicketId},
        lifecycle::State,
        lookup::TicketFilter,
        people::Person,
        profile::{Details, Profile},
        ticket::Command,
        time::Timestamp,
    },
    proto::{
        profile::{profile_from, profile_to},
        v1,
    },
    store::{Unit, Wants},
};

/// Open tickets of somebody who leaves that are marked.
const MARKED: u32 = 200;
/// What stands in their tickets as the author.
const AUTHOR: &str = "people";

/// How somebody's entry is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its identity.
    pub id: ProfileId,
    /// Who vouches for the subject.
    pub issuer: String,
    /// Stable id there.
    pub subject: String,
    /// What is known of them.
    pub details: Details,
    /// They are taken out.
    pub removed: bool,
}

/// Under what conditions an entry is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Guard {
    /// Whether or not they are there.
    #[default]
    Any,
    /// Only if they are not there.
    New,
    /// Only in the place of this version.
    Version(u64),
}

/// What came of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They are new, or back.
    New,
    /// Something of them changed.
    Changed,
    /// All was known.
    Unchanged,
    /// They have left.
    Left,
}

impl Directory {
    /// Writes one entry. The whole of it was checked, and who is above them.
    pub(super) async fn enter(&self, asked: Asked<'_>, entry: Entry, guard: Guard) -> Result<Profile, Fault> {
        let request = asked.request.to_owned();
        let faults = entry.details.faults();
        if !faults.is_empty() {
            return Err(Fault::Malformed(faults.into_iter().map(|it| Violation::new(it.0, it.1)).collect()));
        }
        let is_done = self.store.is_done(&self.tenant, &request).await?;
        if !is_done {
            self.check_manager(&entry).await?;
        }
        let tickets = self.to_mark(&entry).await?;
        let at = clock::now();
        let mut work =
            self.work(request.clone(), digest(&[b"person".as_slice(), asked.content]), entry.id.slot(), at);
        work.wants = Wants {
            tickets: tickets.clone(),
            people: vec![entry.id],
            user_names: vec![entry.details.user_key()],
            ..Wants::default()
        };
        let this = self.clone();
        let decide = move |unit: &mut Unit<'_>| {
            guarded(unit.profile(entry.id), guard)?;
            this.record(unit, &entry, &tickets, at)?;
            let now = unit.profile(entry.id).ok_or(Fault::NotFound("person"))?;
            Ok::<_, Fault>(profile_to(now).encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        let profile = v1::Profile::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?;
        profile_from(&profile).map_err(|_| Fault::Unavailable)
    }

    /// Open tickets that are to be marked if this entry says that their requester has left.
    pub(super) async fn to_mark(&self, entry: &Entry) -> Result<Vec<TicketId>, Fault> {
        if entry.details.active && !entry.removed {
            return Ok(vec![]);
        }
        let filter = TicketFilter {
            requester: Some(Person {
                issuer: entry.issuer.clone(),
                subject: entry.subject.clone(),
                name: String::new(),
            }),
            states: State::ALL.into_iter().filter(|it| it.is_open()).collect(),
            ..TicketFilter::default()
        };
        let tickets = self.store.tickets(&self.tenant, &filter, None, MARKED).await?;
        Ok(tickets.into_iter().map(|it| it.id).collect())
    }

    /// Records an entry, if it is another than before.
    pub(super) fn record(
        &self,
        unit: &mut Unit<'_>,
        entry: &Entry,
        tickets: &[TicketId],
        at: Timestamp,
    ) -> Result<Outcome, Fault> {
        let before = unit.profile(entry.id).cloned();
        let key = entry.details.user_key();
        if !entry.removed && unit.owner(&key).is_some_and(|it| it != entry.id) {
            let name = &entry.details.user_name;
            return Err(Fault::Taken(format!("the user name `{name}` is somebody else's already")));
        }
        let outcome = outcome(before.as_ref(), entry);
        if outcome == Outcome::Unchanged {
            return Ok(outcome);
        }
        let mut changed = before.as_ref().map_or_else(Vec::new, |it| it.details.changes(&entry.details));
        if before.as_ref().is_some_and(|it| it.removed != entry.removed) {
            changed.push("removed");
        }
        let after = Profile {
            id: entry.id,
            issuer: entry.issuer.clone(),
            subject: entry.subject.clone(),
            details: entry.details.clone(),
            removed: entry.removed,
            created: before.as_ref().map_or(at, |it| it.created),
            updated: at,
            version: before.as_ref().map_or(0, |it| it.version) + 1,
        };
        self.tell_agents(unit, before.as_ref(), &after);
        if before.as_ref().is_some_and(Profile::is_here) && !after.is_here() {
            mark(unit, tickets, &after)?;
        }
        unit.enter(after, &changed);
        Ok(outcome)
    }

    /// Keeps which agents have left, or are back.
    fn tell_agents(&self, unit: &mut Unit<'_>, before: Option<&Profile>, after: &Profile) {
        let (old, new) = (before.map(|it| it.details.user_key()), after.details.user_key());
        let of = |name: &str| self.agents.get(name).map_or(&[][..], Vec::as_slice);
        if let Some(old) = old.filter(|it| *it != new) {
            // Nobody knows them by that name any more; whoever has left stays gone under it.
            let left = if after.is_here() { Left::No } else { Left::Holding };
            of(&old).iter().for_each(|it| unit.set_left(it, left));
        }
        if before.is_some_and(|it| it.is_here() == after.is_here() && it.details.user_key() == new) {
            return;
        }
        let left = if after.is_here() { Left::No } else { Left::Holding };
        of(&new).iter().for_each(|it| unit.set_left(it, left));
    }
}

fn guarded(before: Option<&Profile>, guard: Guard) -> Result<(), Fault> {
    match (guard, before.filter(|it| !it.removed)) {
        (Guard::Any, _) | (Guard::New, None) => Ok(()),
        (Guard::New, Some(it)) => {
            let (issuer, subject) = (&it.issuer, &it.subject);
            Err(Fault::Taken(format!(
                "`{subject}` of `{issuer}` is there already, as `{}`",
                it.details.user_name
            )))
        }
        (Guard::Version(expected), Some(it)) if it.version == expected => Ok(()),
        (Guard::Version(expected), Some(it)) => {
            Err(Fault::Stale { what: "person", expected, current: it.version })
        }
        (Guard::Version(_), None) => Err(Fault::NotFound("person")),
    }
}

/// What an entry makes of what stands there.
pub(super) fn outcome(before: Option<&Profile>, entry: &Entry) -> Outcome {
    let Some(before) = before else { return Outcome::New };
    let is_here = entry.details.active && !entry.removed;
    if before.removed == entry.removed && before.details == entry.details {
        Outcome::Unchanged
    } else if before.is_here() && !is_here {
        Outcome::Left
    } else if before.removed && !entry.removed {
        Outcome::New
    } else {
        Outcome::Changed
    }
}

/// Tells those who work on somebody's tickets that they have left.
fn mark(unit: &mut Unit<'_>, tickets: &[TicketId], who: &Profile) -> Result<(), Fault> {
    let text = format!("{} has left the company, says the directory of people.", who.details.name());
    for id in tickets {
        let Some(ticket) = unit.ticket(*id).filter(|it| it.state.is_open()) else { continue };
        let command = Command::Comment { text: text.clone(), internal: true, by_requester: false };
        for event in ticket.decide(command, AUTHOR)? {
            unit.record(*id, event);
        }
    }
    Ok(())
}
