//! What ties a ticket to other tickets, to people and to files.

use crate::domain::{
    attachment::Attachment,
    id::{AttachmentId, TicketId},
    people::Person,
};

/// What ties a ticket to other tickets, to people and to files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// Other tickets, in the order in which they came; no link takes another's place.
    pub links: Vec<Link>,
    /// Who is told of it besides the requester.
    pub watchers: Vec<Person>,
    /// Its files, but for those that were removed.
    pub attachments: Vec<Attachment>,
}

/// Another ticket, and what it is to this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What the other one is.
    pub relation: Relation,
    /// Its identity.
    pub ticket: TicketId,
    /// What people call it.
    pub number: String,
}

/// What another ticket is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// It has something to do with it.
    Related,
    /// This one is part of it, and is resolved with it.
    Parent,
    /// It is part of this one, and is resolved with it.
    Child,
    /// It has taken this one's place.
    MergedInto,
    /// This one has taken its place.
    MergedFrom,
    /// This one was cut out of it.
    SplitFrom,
    /// It was cut out of this one.
    SplitInto,
    /// This one goes on where it ended.
    Follows,
    /// It goes on where this one ended.
    FollowedBy,
    /// It is the problem or the change behind this incident.
    CausedBy,
    /// It is an incident of this problem or change.
    Causes,
    /// It is the change that puts an end to this ticket.
    SettledBy,
    /// This change puts an end to it.
    Settles,
}

impl Relation {
    /// What this ticket is to the other one.
    pub fn inverse(self) -> Self {
        match self {
            Self::Related => Self::Related,
            Self::Parent => Self::Child,
            Self::Child => Self::Parent,
            Self::MergedInto => Self::MergedFrom,
            Self::MergedFrom => Self::MergedInto,
            Self::SplitFrom => Self::SplitInto,
            Self::SplitInto => Self::SplitFrom,
            Self::Follows => Self::FollowedBy,
            Self::FollowedBy => Self::Follows,
            Self::CausedBy => Self::Causes,
            Self::Causes => Self::CausedBy,
            Self::SettledBy => Self::Settles,
            Self::Settles => Self::SettledBy,
        }
    }

    /// For people: what the other ticket is.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Related => "related to",
            Self::Parent => "part of",
            Self::Child => "made of",
            Self::MergedInto => "merged into",
            Self::MergedFrom => "merged with",
            Self::SplitFrom => "split from",
            Self::SplitInto => "split into",
            Self::Follows => "follows",
            Self::FollowedBy => "followed by",
            Self::CausedBy => "caused by",
            Self::Causes => "the cause of",
            Self::SettledBy => "settled by",
            Self::Settles => "settling",
        }
    }

    /// Whether this ticket keeps the link first, and the other one follows: of two that are related both may.
    pub fn is_kept_first(self) -> bool {
        match self {
            Self::Related
            | Self::Parent
            | Self::MergedInto
            | Self::SplitFrom
            | Self::Follows
            | Self::CausedBy
            | Self::SettledBy => true,
            Self::Child
            | Self::MergedFrom
            | Self::SplitInto
            | Self::FollowedBy
            | Self::Causes
            | Self::Settles => false,
        }
    }

    /// Whether people make and unmake it by hand; the others are history.
    pub fn is_free(self) -> bool {
        match self {
            Self::Related
            | Self::Parent
            | Self::Child
            | Self::CausedBy
            | Self::Causes
            | Self::SettledBy
            | Self::Settles => true,
            Self::MergedInto
            | Self::MergedFrom
            | Self::SplitFrom
            | Self::SplitInto
            | Self::Follows
            | Self::FollowedBy => false,
        }
    }
}

impl Ties {
    /// The tickets that are this to it.
    pub fn related(&self, relation: Relation) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |it| it.relation == relation)
    }

    /// The ticket that it was merged into.
    pub fn survivor(&self) -> Option<&Link> {
        self.related(Relation::MergedInto).next()
    }

    /// The ticket that it was merged into, and those that were merged into it: with them it has files in common.
    pub fn merged(&self) -> impl Iterator<Item = &Link> {
        self.related(Relation::MergedInto).chain(self.related(Relation::MergedFrom))
    }

    /// Whether another ticket is this to it.
    pub fn has(&self, relation: Relation, ticket: TicketId) -> bool {
        self.related(relation).any(|it| it.ticket == ticket)
    }

    /// One of its files.
    pub fn attachment(&self, id: AttachmentId) -> Option<&Attachment> {
        self.attachments.iter().find(|it| it.id == id)
    }

    pub(super) fn take(&mut self, tied: &Tied) {
        match tied {
            Tied::Linked(link) => {
                if !self.has(link.relation, link.ticket) {
                    self.links.push(link.clone());
                }
            }
            Tied::Unlinked(link) => {
                self.links.retain(|it| (it.relation, it.ticket) != (link.relation, link.ticket));
            }
            Tied::Watched(person) => {
                if !self.watchers.contains(person) {
                    self.watchers.push(person.clone());
                }
            }
            Tied::Unwatched(person) => self.watchers.retain(|it| it != person),
            Tied::Attached(file) => {
                if self.attachment(file.id).is_none() {
                    self.attachments.push(file.clone());
                }
            }
            Tied::Detached { id, .. } => self.attachments.retain(|it| it.id != *id),
        }
    }
}

/// Something that was tied to a ticket, or untied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tied {
    /// Another ticket.
    Linked(Link),
    /// Another ticket, no more.
    Unlinked(Link),
    /// Somebody who is told of it.
    Watched(Person),
    /// Somebody who is told of it no more.
    Unwatched(Person),
    /// A file.
    Attached(Attachment),
    /// A file that nobody shall see any more.
    Detached {
        /// Its identity.
        id: AttachmentId,
        /// Its name, for the history.
        name: String,
        /// Why.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Relation; 13] = [
        Relation::Related,
        Relation::Parent,
        Relation::Child,
        Relation::MergedInto,
        Relation::MergedFrom,
        Relation::SplitFrom,
        Relation::SplitInto,
        Relation::Follows,
        Relation::FollowedBy,
        Relation::CausedBy,
        Relation::Causes,
        Relation::SettledBy,
        Relation::Settles,
    ];

    #[test]
    fn a_relation_is_the_inverse_of_its_inverse() {
        for it in ALL {
            assert_eq!(it.inverse().inverse(), it);
            assert_eq!(it.inverse().is_free(), it.is_free());
        }
    }
}
