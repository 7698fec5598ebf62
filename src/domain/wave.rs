//! Incident waves: many people who say the same at once, proposed as a major incident. An agent accepts the proposal, and
//! one of its tickets becomes the parent of the others; or dismisses it.

use WaveState::{Accepted, Candidate, Dismissed, Over, Running};

use super::{
    id::{ConversationId, TicketId, WaveId},
    people::Person,
    ticket::{Relation, Ticket, TicketKind},
    time::Timestamp,
};

/// What stands before the count in a wave's number: `WAV-000001`.
pub const PREFIX: &str = "WAV";
/// So much later, in milliseconds, it is noted that a wave which has ended is still written about.
const STILL: i64 = 5 * 60_000;
/// Conversations that a wave names, the earliest; more of them only count.
pub const MEMBERS: usize = 500;

/// An incident wave.
#[derive(Debug, Clone, PartialEq)]
pub struct Wave {
    /// Its identity.
    pub id: WaveId,
    /// What people call it, as `WAV-000001`.
    pub number: String,
    /// Counts the changes, from 1.
    pub version: u64,
    /// Where it is in its life.
    pub state: WaveState,
    /// Id of the template that its messages are about; empty if they have but an asset in common.
    pub template: String,
    /// Id of the service that they are about; empty if it is not known.
    pub service: String,
    /// Tags of assets that they name.
    pub assets: Vec<String>,
    /// When the first of its messages was written.
    pub first: Timestamp,
    /// When the last one was.
    pub last: Timestamp,
    /// People who wrote them.
    pub people: u32,
    /// People who usually write about it in as much time as it took until it was found.
    pub expected: f32,
    /// Its conversations.
    pub members: Vec<Member>,
    /// Later callers who said that it is the same, and were added instead of a ticket of their own.
    pub joined: u32,
    /// The major incident, once it is accepted.
    pub parent: Option<Parent>,
    /// What its messages mean, as the numbers of a direction.
    pub meaning: Vec<i8>,
    /// Who changed it last.
    pub author: String,
    /// Why it was dismissed or closed.
    pub reason: String,
    /// When it was proposed.
    pub created: Timestamp,
    /// When it changed last.
    pub updated: Timestamp,
}

/// A conversation of a wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub conversation: ConversationId,
    /// The ticket that was opened of it, once there is one.
    pub ticket: Option<TicketId>,
}

/// The major incident of a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its identity.
    pub ticket: TicketId,
    /// What people call it.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// When it was opened.
    pub since: Timestamp,
    /// When the work on it began, once it has.
    pub began: Option<Timestamp>,
}

/// Where somebody stands who was asked whether theirs is the same as a wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// They were asked, and have not said yes.
    Asked,
    /// They said yes, and are told of the major incident.
    Joined,
    /// They said yes, and later that they want to hear no more of it.
    Left,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Joined, Self::Left];

    /// As a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Joined => "joined",
            Self::Left => "left",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// Somebody who was asked whether theirs is the same as a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Involved {
    /// Which wave.
    pub wave: WaveId,
    /// Its major incident.
    pub ticket: TicketId,
    /// Who.
    pub person: Person,
    /// What they said.
    pub standing: Standing,
}

/// Where a wave is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaveState {
    /// The machine has proposed it.
    Candidate,
    /// Somebody of the desk has accepted it: there is a major incident.
    Accepted,
    /// The major incident is being worked on.
    Running,
    /// It has ended.
    Over,
    /// Somebody of the desk has said that it is none.
    Dismissed,
}

/// Every step that a wave may take. What is not here may not happen.
pub const WAVE: &[(WaveState, WaveState)] = &[
    (Candidate, Accepted),
    (Candidate, Dismissed),
    // Nobody decided while it lasted.
    (Candidate, Over),
    (Accepted, Running),
    (Accepted, Over),
    (Running, Over),
];

impl WaveState {
    /// All of them.
    pub const ALL: [Self; 5] = [Candidate, Accepted, Running, Over, Dismissed];

    /// As a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Candidate => "candidate",
            Accepted => "accepted",
            Running => "running",
            Over => "over",
            Dismissed => "dismissed",
        }
    }

    /// Whether it is still to be decided about, or worked on.
    pub fn is_current(self) -> bool {
        WAVE.iter().any(|it| it.0 == self)
    }

    /// Whether there is a major incident that callers are added to.
    pub fn is_accepted(self) -> bool {
        match self {
            Accepted | Running => true,
            Candidate | Over | Dismissed => false,
        }
    }
}

/// Why a wave does not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such step.
    #[error("{number} is {} and cannot become {}; {}", from.as_str(), to.as_str(), allowed(*from))]
    NoSuchStep {
        /// The wave's number.
        number: String,
        /// Where it is.
        from: WaveState,
        /// Where it was to go.
        to: WaveState,
    },
    /// There is no ticket to be the major incident.
    #[error("no open incident without a parent was opened of {0} yet; name the one that shall be its parent")]
    NoIncident(String),
    /// The ticket that was named cannot be the major incident.
    #[error("{0} cannot be the parent of a wave: that is an open incident that has no parent itself")]
    Unfit(String),
}

fn allowed(from: WaveState) -> String {
    let all: Vec<_> = WAVE.iter().filter(|it| it.0 == from).map(|it| it.1.as_str()).collect();
    if all.is_empty() { "it has ended".to_owned() } else { format!("it may become {}", all.join(" or ")) }
}

/// What more is known of a wave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    /// Conversations that belong to it, with their tickets.
    pub members: Vec<Member>,
    /// So many people at least.
    pub people: u32,
    /// The latest message.
    pub last: Timestamp,
    /// An asset that they name as well.
    pub assets: Vec<String>,
    /// Template and service that they are about, if none was known.
    pub about: Option<(String, String)>,
}

impl Wave {
    /// The wave after a step.
    pub fn step(&self, to: WaveState, author: &str, at: Timestamp) -> Result<Self, Refused> {
        if WAVE.contains(&(self.state, to)) {
            return Ok(Self { state: to, ..self.changed(author, at) });
        }
        Err(Refused::NoSuchStep { number: self.number.clone(), from: self.state, to })
    }

    /// The wave with what more is known; nothing if that is nothing new. Of one that has ended only how long it is
    /// written about is kept, now and then.
    pub fn grown(&self, growth: &Growth, author: &str, at: Timestamp) -> Option<Self> {
        if !self.state.is_current() {
            let goes_on = self.last.0 + STILL <= growth.last.0;
            // Whoever ended it stays the one who did.
            return goes_on.then(|| Self { last: growth.last, version: self.version + 1, ..self.clone() });
        }
        let mut next = self.changed(author, at);
        for member in &growth.members {
            let known = next.members.iter().position(|it| it.conversation == member.conversation);
            match known {
                Some(at) => next.members[at].ticket = next.members[at].ticket.or(member.ticket),
                None if next.members.len() < MEMBERS => next.members.push(*member),
                None => {}
            }
        }
        next.people = next.people.max(growth.people);
        next.assets.extend(growth.assets.iter().filter(|it| !self.assets.contains(it)).cloned());
        if let Some((template, service)) = growth.about.as_ref().filter(|_| self.template.is_empty()) {
            (next.template, next.service) = (template.clone(), service.clone());
        }
        let same = next.members == self.members
            && next.people == self.people
            && next.assets == self.assets
            && next.template == self.template;
        next.last = next.last.max(growth.last);
        (!same).then_some(next)
    }

    /// Whether it is about the same as what is found: the template, the service alone, or an asset.
    pub fn is_about(&self, (template, service, assets): (&str, &str, &[String])) -> bool {
        let same = |a: &str, b: &str| !a.is_empty() && a == b;
        let alone = self.template.is_empty() || template.is_empty();
        same(&self.template, template)
            || (alone && same(&self.service, service))
            || assets.iter().any(|it| self.assets.contains(it))
    }

    /// Whether some conversations are mostly of this wave.
    pub fn has_most_of(&self, conversations: &[ConversationId]) -> bool {
        let has = |id: &&ConversationId| self.members.iter().any(|it| it.conversation == **id);
        2 * conversations.iter().filter(has).count() >= conversations.len().max(1)
    }

    /// Tickets that were opened of it.
    pub fn tickets(&self) -> impl Iterator<Item = TicketId> {
        self.members.iter().filter_map(|it| it.ticket)
    }

    fn changed(&self, author: &str, at: Timestamp) -> Self {
        Self { version: self.version + 1, author: author.to_owned(), updated: at, ..self.clone() }
    }
}

impl Ticket {
    /// Whether it is a major incident that callers may be added to: it is open, and is not dealt with as another one.
    pub fn takes_callers(&self) -> bool {
        self.state.is_open() && self.ties.survivor().is_none()
    }

    /// Whether it can be the major incident of a wave: an open incident that is part of no other.
    pub fn may_lead(&self) -> bool {
        self.kind == TicketKind::Incident
            && self.state.is_open()
            && self.ties.related(Relation::Parent).next().is_none()
            && self.ties.survivor().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave() -> Wave {
        Wave {
            id: WaveId::from_bytes([1; 16]),
            number: "WAV-000001".into(),
            version: 1,
            state: Candidate,
            template: "vpn_fault".into(),
            service: "remote_access".into(),
            assets: vec![],
            first: Timestamp(1),
            last: Timestamp(2),
            people: 3,
            expected: 0.1,
            members: (1..4).map(|it| member(it, None)).collect(),
            joined: 0,
            parent: None,
            meaning: vec![],
            author: "waves".into(),
            reason: String::new(),
            created: Timestamp(3),
            updated: Timestamp(3),
        }
    }

    fn member(number: u8, ticket: Option<u8>) -> Member {
        Member { conversation: conversation(number), ticket: ticket.map(|it| TicketId::from_bytes([it; 16])) }
    }

    fn conversation(number: u8) -> ConversationId {
        ConversationId::from_bytes([number; 16])
    }

    #[test]
    fn every_wave_begins_as_a_candidate_and_can_end() {
        for state in WaveState::ALL {
            let may_come = WAVE.iter().any(|it| it.1 == state);
            assert_eq!(may_come, state != Candidate, "{state:?}");
            assert_eq!(state.is_current(), !matches!(state, Over | Dismissed));
        }
        let refused = wave().step(Running, "mei", Timestamp(5)).unwrap_err().to_string();
        assert_eq!(
            refused,
            "WAV-000001 is candidate and cannot become running; it may become accepted or dismissed or over"
        );
        let over = wave().step(Over, "waves", Timestamp(5)).unwrap();
        assert!(over.step(Accepted, "mei", Timestamp(6)).unwrap_err().to_string().ends_with("it has ended"));
    }

    #[test]
    fn growth_that_says_nothing_new_changes_nothing() {
        let wave = wave();
        let known =
            Growth { members: vec![member(2, None)], people: 3, last: Timestamp(9), ..Growth::default() };
        assert_eq!(wave.grown(&known, "waves", Timestamp(9)), None);
        let opened = Growth { members: vec![member(2, Some(7)), member(8, None)], people: 5, ..known };
        let grown = wave.grown(&opened, "waves", Timestamp(9)).unwrap();
        assert_eq!((grown.version, grown.people, grown.members.len()), (2, 5, 4));
        assert_eq!((grown.last, grown.tickets().count()), (Timestamp(9), 1));
        let dismissed = wave.step(Dismissed, "mei", Timestamp(9)).unwrap();
        assert_eq!(dismissed.grown(&opened, "waves", Timestamp(9)), None);
        let later = Growth { last: Timestamp(2 + STILL), ..opened };
        let still = dismissed.grown(&later, "waves", Timestamp(10)).unwrap();
        assert_eq!((still.last, still.members), (later.last, dismissed.members), "only how long it goes on");
    }

    #[test]
    fn waves_about_one_thing_are_told_by_what_they_share() {
        let known = Wave { assets: vec!["GW-1".into()], ..wave() };
        let gateway = ["GW-1".to_owned()];
        assert!(known.is_about(("vpn_fault", "remote_access", &[])));
        assert!(known.is_about(("", "remote_access", &[])), "its service alone");
        assert!(known.is_about(("", "", &gateway)));
        assert!(!known.is_about(("vpn_access", "remote_access", &[])), "another template of the service");
        assert!(!known.is_about(("", "", &["GW-2".to_owned()])));
    }

    #[test]
    fn a_wave_that_was_proposed_is_known_by_its_conversations() {
        let same: Vec<_> = [1, 2, 9].map(conversation).into();
        let other: Vec<_> = [1, 8, 9].map(conversation).into();
        assert!(wave().has_most_of(&same) && !wave().has_most_of(&other) && !wave().has_most_of(&[]));
    }
}
