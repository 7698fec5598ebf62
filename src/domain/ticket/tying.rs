//! Whether a ticket may be tied to another one, to a person or to a file, and what happens then.
//!
//! A ticket and its parent: the child keeps the parent, and the parent must have none itself. So there is one level,
//! and no circle can close, whatever happens at the same moment: the last link of one would need a parent that has a
//! parent.

use super::{Event, Link, Moved, Refusal, Relation, Ticket, TicketKind, Tied, Unplanned};
use crate::domain::{
    attachment::Attachment,
    id::{AttachmentId, TicketId},
    lifecycle::{CancelReason, HoldReason, State},
    people::Person,
};

/// So many other tickets one may be tied to.
const LINKS: usize = 500;
/// So many people may be told of one.
const WATCHERS: usize = 100;
/// So many files one may have.
const FILES: usize = 50;

/// What may be tied to a ticket, or untied.
#[derive(Debug, Clone, PartialEq)]
pub enum Tie {
    /// Another ticket, as it stands.
    Link {
        /// What it shall be to this one: related, or its parent.
        relation: Relation,
        /// The other one.
        other: Box<Ticket>,
    },
    /// Another ticket, no more.
    Unlink {
        /// What it is to this one.
        relation: Relation,
        /// The other one.
        other: TicketId,
    },
    /// Another one, as it stands, takes this one's place.
    Merge {
        /// The survivor.
        into: Box<Ticket>,
    },
    /// Somebody who is told of it.
    Watch(Person),
    /// Somebody who is told of it no more.
    Unwatch(Person),
    /// A file.
    Attach(Attachment),
    /// A file that nobody shall see any more.
    Detach {
        /// Its identity.
        id: AttachmentId,
        /// Why.
        reason: String,
    },
}

/// Why something cannot be tied, or untied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Knot {
    /// It is the same ticket.
    #[error("a ticket cannot be tied to itself")]
    Itself,
    /// It is tied already.
    #[error("{0} already")]
    There(String),
    /// It is not tied.
    #[error("{0}")]
    Absent(String),
    /// It has a parent.
    #[error("{child} is part of {parent}; unlink it from there first")]
    HasParent {
        /// The child's number.
        child: String,
        /// The parent's.
        parent: String,
    },
    /// The other one is below this one.
    #[error("{0} is part of this ticket, so this ticket cannot be part of it")]
    Circular(String),
    /// There is one level of parents.
    #[error("{0} has tickets that are part of it, so it cannot be part of another: there is one level")]
    HasChildren(String),
    /// Only problems and changes cause, and only what is none is caused.
    #[error(
        "{other} cannot be the cause of {number}: an incident or a request is caused by a problem or a change"
    )]
    NoCause {
        /// What would be caused.
        number: String,
        /// By what.
        other: String,
    },
    /// A problem is no part of what it causes, a change none of what it ends, nor the other way round.
    #[error(
        "{number} and {other} are of different kinds: problems and changes are neither part of another kind of ticket nor one with it"
    )]
    Kinds {
        /// The one.
        number: String,
        /// The other.
        other: String,
    },
    /// Only a change settles, and only what is none is settled.
    #[error("{other} cannot settle {number}: an incident, a request or a problem is settled by a change")]
    NoEnd {
        /// What would be settled.
        number: String,
        /// By what.
        other: String,
    },
    /// The other one is over.
    #[error("{number} is {}; only with an open ticket can this be done", state.as_str())]
    OtherOver {
        /// Its number.
        number: String,
        /// Where it stands.
        state: State,
    },
    /// There are too many.
    #[error("it has {most} {what} already; no more are taken")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// Another ticket would have too much if it took this one's place.
    #[error(
        "{number} would have {count} {what} then, {} more than one ticket takes, which is {most}; take {} away first, \
         or link the two instead",
        count - most, count - most
    )]
    Overfull {
        /// Number of the other one.
        number: String,
        /// Of what.
        what: &'static str,
        /// How many it would have.
        count: usize,
        /// How many are taken.
        most: usize,
    },
}

impl Ticket {
    /// What another ticket is to one, when it is this one.
    pub fn as_link(&self, relation: Relation) -> Link {
        Link { relation, ticket: self.id, number: self.number.clone() }
    }

    /// Ties something to it, or unties it.
    pub(super) fn tie(&self, tie: Tie, by_requester: bool) -> Result<Vec<Event>, Refusal> {
        let tied = match tie {
            Tie::Link { relation, other } => self.link(relation, &other)?,
            Tie::Unlink { relation, other } => self.unlink(relation, other)?,
            Tie::Merge { into } => return self.merge(&into, by_requester),
            Tie::Watch(person) => self.watch(person)?,
            Tie::Unwatch(person) => self.unwatch(person)?,
            Tie::Attach(file) => self.attach(file)?,
            Tie::Detach { id, reason } => self.detach(id, reason)?,
        };
        Ok(vec![Event::Tied(tied)])
    }

    fn link(&self, relation: Relation, other: &Self) -> Result<Tied, Refusal> {
        // What a change has done shows when it is over.
        if relation == Relation::CausedBy && other.kind == TicketKind::Change {
            self.may_be_linked()?;
        } else {
            self.may_meet(other)?;
        }
        if self.ties.has(relation, other.id) {
            return Err(Knot::There(format!("it is {} {}", relation.as_str(), other.number)).into());
        }
        if relation == Relation::Parent {
            self.may_be_part_of(other)?;
        }
        if relation == Relation::CausedBy {
            self.may_be_caused_by(other)?;
        }
        if relation == Relation::SettledBy
            && (self.kind == TicketKind::Change || other.kind != TicketKind::Change)
        {
            let (number, other) = (self.number.clone(), other.number.clone());
            return Err(Knot::NoEnd { number, other }.into());
        }
        let is_full = |it: &Self| LINKS <= it.ties.links.len();
        if is_full(self) || is_full(other) {
            return Err(Knot::TooMany { what: "links", most: LINKS }.into());
        }
        Ok(Tied::Linked(other.as_link(relation)))
    }

    /// Both must be open, and two.
    fn may_meet(&self, other: &Self) -> Result<(), Refusal> {
        if self.id == other.id {
            return Err(Knot::Itself.into());
        }
        self.may_be_linked()?;
        if !other.state.is_open() {
            return Err(Knot::OtherOver { number: other.number.clone(), state: other.state }.into());
        }
        Ok(())
    }

    fn may_be_linked(&self) -> Result<(), Refusal> {
        if self.state.is_open() { Ok(()) } else { Err(Refusal::Over(self.state)) }
    }

    /// Behind an incident is a problem or a change, and behind that nothing: a problem of a problem is the problem.
    fn may_be_caused_by(&self, cause: &Self) -> Result<(), Refusal> {
        if self.kind.is_the_desks_own() || !cause.kind.is_the_desks_own() {
            let (number, other) = (self.number.clone(), cause.number.clone());
            return Err(Knot::NoCause { number, other }.into());
        }
        Ok(())
    }

    /// Problems are one with problems only, and changes with changes.
    fn is_like(&self, other: &Self) -> Result<(), Refusal> {
        let stands_apart = self.kind.is_the_desks_own() || other.kind.is_the_desks_own();
        if self.kind != other.kind && stands_apart {
            let (number, other) = (self.number.clone(), other.number.clone());
            return Err(Knot::Kinds { number, other }.into());
        }
        Ok(())
    }

    fn may_be_part_of(&self, parent: &Self) -> Result<(), Refusal> {
        self.is_like(parent)?;
        if self.ties.has(Relation::Child, parent.id) || parent.ties.has(Relation::Parent, self.id) {
            return Err(Knot::Circular(parent.number.clone()).into());
        }
        for it in [self, parent] {
            if let Some(above) = it.ties.related(Relation::Parent).next() {
                let (child, parent) = (it.number.clone(), above.number.clone());
                return Err(Knot::HasParent { child, parent }.into());
            }
        }
        if self.ties.related(Relation::Child).next().is_some() {
            return Err(Knot::HasChildren(self.number.clone()).into());
        }
        Ok(())
    }

    fn unlink(&self, relation: Relation, other: TicketId) -> Result<Tied, Refusal> {
        let link = self.ties.related(relation).find(|it| it.ticket == other);
        let absent = || Knot::Absent(format!("it is not {} that ticket", relation.as_str()));
        Ok(Tied::Unlinked(link.cloned().ok_or_else(absent)?))
    }

    fn merge(&self, into: &Self, by_requester: bool) -> Result<Vec<Event>, Refusal> {
        self.may_meet(into)?;
        self.is_like(into)?;
        if self.is_in_calendar() {
            return Err(Unplanned::AsAgreed(self.state).into());
        }
        let known = into.about();
        if into.is_in_calendar() && self.about().iter().any(|it| !known.contains(it)) {
            let (number, state) = (into.number.clone(), into.state);
            return Err(Unplanned::OtherAsAgreed { number, state }.into());
        }
        if self.ties.related(Relation::Child).next().is_some() {
            return Err(Knot::HasChildren(self.number.clone()).into());
        }
        self.fits_into(into)?;
        let cancelled = Moved {
            cancel: Some(CancelReason::Duplicate),
            by_requester,
            ..Moved::new(self.state, State::Cancelled)
        };
        let linked = Tied::Linked(into.as_link(Relation::MergedInto));
        Ok(vec![Event::Tied(linked), Event::Moved(cancelled)])
    }

    /// Whether another ticket has room for all that it would get of this one. Refused, because a file or a person that
    /// is left out would be lost.
    fn fits_into(&self, into: &Self) -> Result<(), Refusal> {
        if LINKS <= self.ties.links.len() {
            return Err(Knot::TooMany { what: "links", most: LINKS }.into());
        }
        let (watchers, files) = self.left_to(into);
        let then = [
            ("files", into.ties.attachments.len() + files.len(), FILES),
            ("watchers", into.ties.watchers.len() + watchers.len(), WATCHERS),
            ("links", into.ties.links.len() + 1 + self.links_left_to(into).count(), LINKS),
        ];
        match then.into_iter().find(|(_, count, most)| count > most) {
            None => Ok(()),
            Some((what, count, most)) => {
                Err(Knot::Overfull { number: into.number.clone(), what, count, most }.into())
            }
        }
    }

    /// Whom and what a survivor gets of this ticket: everybody who was told of it, and its files.
    pub fn left_to(&self, survivor: &Self) -> (Vec<Person>, Vec<Attachment>) {
        let mut told: Vec<Person> = vec![];
        for it in [&self.requester].into_iter().chain(&self.ties.watchers) {
            if *it != survivor.requester && !survivor.ties.watchers.contains(it) && !told.contains(it) {
                told.push(it.clone());
            }
        }
        let files = self.ties.attachments.iter().filter(|it| survivor.ties.attachment(it.id).is_none());
        (told, files.cloned().collect())
    }

    /// What it causes and what causes it, what it settles and what settles it, that a survivor has not yet.
    pub fn links_left_to(&self, survivor: &Self) -> impl Iterator<Item = &Link> {
        let passes = |it: &&Link| match it.relation {
            Relation::Causes | Relation::CausedBy | Relation::Settles | Relation::SettledBy => true,
            Relation::Related
            | Relation::Parent
            | Relation::Child
            | Relation::MergedInto
            | Relation::MergedFrom
            | Relation::SplitFrom
            | Relation::SplitInto
            | Relation::Follows
            | Relation::FollowedBy => false,
        };
        let links = self.ties.links.iter().filter(passes);
        links.filter(|it| !survivor.ties.has(it.relation, it.ticket))
    }

    /// Whether another ticket may come of it: one that was split from it, or one that follows it.
    pub fn may_have(&self, relation: Relation) -> Result<(), Refusal> {
        self.stands_alone()?;
        if LINKS <= self.ties.links.len() {
            return Err(Knot::TooMany { what: "links", most: LINKS }.into());
        }
        match relation {
            Relation::FollowedBy if !self.is_over() => Err(Refusal::NotOver(self.number.clone())),
            Relation::SplitInto if self.is_over() => Err(Refusal::Over(self.state)),
            Relation::FollowedBy
            | Relation::SplitInto
            | Relation::Related
            | Relation::Parent
            | Relation::Child
            | Relation::MergedInto
            | Relation::MergedFrom
            | Relation::SplitFrom
            | Relation::Follows
            | Relation::CausedBy
            | Relation::Causes
            | Relation::SettledBy
            | Relation::Settles => Ok(()),
        }
    }

    fn watch(&self, person: Person) -> Result<Tied, Refusal> {
        if self.is_over() {
            return Err(Refusal::Over(self.state));
        }
        if self.requester == person {
            return Err(Knot::There(format!("{} is its requester, and is told", person.subject)).into());
        }
        if self.ties.watchers.contains(&person) {
            return Err(Knot::There(format!("{} watches it", person.subject)).into());
        }
        if WATCHERS <= self.ties.watchers.len() {
            return Err(Knot::TooMany { what: "watchers", most: WATCHERS }.into());
        }
        Ok(Tied::Watched(person))
    }

    fn unwatch(&self, person: Person) -> Result<Tied, Refusal> {
        if self.ties.watchers.contains(&person) {
            return Ok(Tied::Unwatched(person));
        }
        Err(Knot::Absent(format!("{} does not watch it", person.subject)).into())
    }

    /// Whether it takes one more file.
    pub fn takes_files(&self) -> Result<(), Refusal> {
        self.stands_alone()?;
        if self.is_over() {
            return Err(Refusal::Over(self.state));
        }
        if FILES <= self.ties.attachments.len() {
            return Err(Knot::TooMany { what: "files", most: FILES }.into());
        }
        Ok(())
    }

    fn attach(&self, file: Attachment) -> Result<Tied, Refusal> {
        self.takes_files()?;
        Ok(Tied::Attached(file))
    }

    fn detach(&self, id: AttachmentId, reason: String) -> Result<Tied, Refusal> {
        let absent = || Knot::Absent("it has no such attachment, or no longer".to_owned());
        let name = self.ties.attachment(id).ok_or_else(absent)?.name.clone();
        Ok(Tied::Detached { id, name, reason })
    }

    /// Whether something follows of an event: for other tickets, or that the requester is asked how satisfied they are.
    /// Asked after the event.
    pub fn reaches_others(&self, event: &Event) -> bool {
        match event {
            Event::Tied(Tied::Linked(link)) => link.relation.is_kept_first(),
            Event::Tied(Tied::Unlinked(link)) => link.relation.is_kept_first(),
            Event::Moved(moved) => {
                let has = |it: Relation| self.ties.related(it).next().is_some();
                let is_told = self.has_article() || has(Relation::Causes);
                match moved.to {
                    State::Resolved => {
                        let asks = !moved.by_requester && self.may_be_asked_about();
                        asks || is_told || has(Relation::Child)
                    }
                    State::Cancelled => is_told || has(Relation::Settles),
                    State::Closed => has(Relation::Settles),
                    // It is back.
                    State::Assigned => self.has_article() && moved.from == State::Resolved,
                    State::OnHold => match moved.hold {
                        Some(HoldReason::Problem) => has(Relation::CausedBy),
                        Some(HoldReason::Change) => has(Relation::SettledBy),
                        Some(HoldReason::Requester | HoldReason::Vendor) | None => false,
                    },
                    State::New
                    | State::WaitingApproval
                    | State::Analysing
                    | State::Scheduled
                    | State::InProgress => false,
                }
            }
            Event::Diagnosed(_) => self.has_article(),
            Event::Tied(Tied::Detached { .. }) => self.ties.merged().next().is_some(),
            // A change may be behind it.
            Event::Opened { .. } => self.kind == TicketKind::Incident && !self.about().is_empty(),
            Event::Tied(Tied::Watched(_) | Tied::Unwatched(_) | Tied::Attached(_))
            | Event::Assigned { .. }
            | Event::Offered { .. }
            | Event::Passed { .. }
            | Event::Commented { .. }
            | Event::Updated(_)
            | Event::AssetsChanged(_)
            | Event::Planned(_)
            | Event::Scheduled(_)
            | Event::Reviewed(_)
            | Event::Surveyed(_)
            | Event::TaskChanged { .. }
            | Event::Approval { .. }
            | Event::Escalated { .. } => false,
        }
    }

    fn has_article(&self) -> bool {
        self.diagnosis.as_ref().is_some_and(|it| it.article.is_some())
    }

    /// Closed or cancelled: nothing is said or added any more.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Closed | State::Cancelled)
    }
}

#[cfg(test)]
mod tests;
