//! What one decision reads and records. Nothing is stored unless the decision says yes.

mod waves;

use std::sync::Arc;

use super::{batch::Known, numbers::Numbers, work::Work};
use crate::{
    conversation::state::Conversation,
    domain::{
        article::{self, Article, Use},
        asset::Asset,
        assignment::Load,
        duty::{Away, Left},
        id::{ArticleId, ConversationId, Id, ImprovementId, Kind, ProfileId, TicketId},
        improvement::{self, Improvement},
        lookup,
        people::{Language, Tenant},
        profile::Profile,
        service::{Outage, Told},
        sla::{self, Outcome},
        ticket::{Event, LoadChange, Ticket, TicketKind},
        time::Timestamp,
        wave::{Involved, Wave},
    },
    proto::{
        article::article_to,
        asset::asset_to,
        event,
        improvement::improvement_to,
        profile::profile_to,
        time::time_to,
        v1::{self, event::Fact},
        words,
    },
};

/// What a decision reads and records. Reads see what earlier work of the same batch did, and what
/// this decision has recorded so far; they stay behind the tenant's wall.
pub struct Unit<'a> {
    work: &'a Work,
    known: &'a Known,
    numbers: &'a Numbers,
    draft: Draft,
}

/// What a decision has recorded.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) facts: Vec<(Subject, Fact)>,
    pub(super) tickets: Vec<Ticket>,
    pub(super) conversations: Vec<Conversation>,
    pub(super) loads: Vec<LoadChange>,
    /// How goals ended.
    pub(super) outcomes: Vec<Outcome>,
    /// Working seconds that tickets have had by now.
    pub(super) worked: Vec<(TicketId, u64)>,
    /// What tickets tell of their services now.
    pub(super) outages: Vec<(TicketId, Told)>,
    /// How goals ended, as histories give it, in the place of what stands there.
    pub(super) mended: Vec<Outcome>,
    /// So many tickets these agents may have in the end.
    pub(super) limits: Vec<(String, u32)>,
    /// Places among `facts` of which something follows for other tickets.
    pub(super) consequences: Vec<usize>,
    /// Tickets of other partitions that must be as they were read.
    pub(super) unchanged: Vec<(TicketId, u64)>,
    pub(super) absences: Vec<(String, Away)>,
    pub(super) leavers: Vec<(String, Left)>,
    pub(super) people: Vec<Profile>,
    /// Revisions of articles, and the words that those in sight are found by.
    pub(super) articles: Vec<(Article, Words)>,
    pub(super) uses: Vec<Used>,
    pub(super) assets: Vec<Asset>,
    pub(super) waves: Vec<Wave>,
    pub(super) improvements: Vec<Improvement>,
    pub(super) involved: Vec<Involved>,
    pub(super) catalog: Option<Files>,
    /// Numbers used, by prefix.
    pub(super) numbers: Vec<(&'static str, u64)>,
    /// The prefix that numbers ran out for: take another block and decide again.
    pub(super) short: Option<&'static str>,
    /// What the decision should not have done; it is not stored then.
    pub(super) fault: Option<&'static str>,
}

/// Whether what happened to a ticket may end one of its times: until somebody took it, answered or resolved it.
pub(super) fn ends_times(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::TicketOpened(_) | Fact::TicketAssigned(_) | Fact::TicketCommented(_) | Fact::TicketMoved(_)
    )
}

/// The words that an article's texts are found by, as `Unit::write_article` takes them.
pub(super) type Words = Vec<(Language, String)>;

/// What came of an article for a reader, and what had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) article: ArticleId,
    pub(super) reader: String,
    pub(super) before: Option<Use>,
    pub(super) now: Use,
}

/// A new version of the catalogue with the names and contents of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) version: u64,
    pub(super) files: Vec<(String, String)>,
    pub(super) taken: Option<String>,
}

/// What an event is about: the bytes that it is found by, and the text in the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) key: Vec<u8>,
    pub(super) text: String,
}

impl Subject {
    fn of<K: Kind>(id: Id<K>) -> Self {
        Self { key: id.bytes().to_vec(), text: id.to_string() }
    }

    fn agent(id: &str) -> Self {
        Self { key: format!("agent/{id}").into_bytes(), text: id.to_owned() }
    }

    fn catalog() -> Self {
        Self { key: b"catalog".to_vec(), text: "catalog".to_owned() }
    }
}

impl<'a> Unit<'a> {
    pub(super) fn new(work: &'a Work, known: &'a Known, numbers: &'a Numbers) -> Self {
        Self { work, known, numbers, draft: Draft::default() }
    }

    pub(super) fn into_draft(self) -> Draft {
        self.draft
    }

    /// A wanted ticket as it stands now.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        let own = self.draft.tickets.iter().find(|it| it.id == id);
        own.or_else(|| self.known.ticket(&self.work.tenant, id))
    }

    /// The tenant's changes that have their place in the calendar: all that do in the time that was wanted and all that are
    /// under way, and others that are at hand.
    pub fn in_calendar(&self) -> impl Iterator<Item = &Ticket> {
        let own = &self.draft.tickets;
        let known = self.known.tickets(&self.work.tenant);
        let all = own.iter().chain(known.filter(|it| own.iter().all(|mine| mine.id != it.id)));
        all.filter(|it| it.is_in_calendar())
    }

    /// The wanted conversation as it stands now.
    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        let own = self.draft.conversations.iter().find(|it| it.id == id);
        own.or_else(|| self.known.conversation(&self.work.tenant, id))
    }

    /// A wanted agent's load as it is now.
    pub fn load(&self, agent: &str) -> Load {
        let known = self.known.load(&self.work.tenant, agent);
        let changes = self.draft.loads.iter().filter(|it| it.holder == agent);
        let load = changes.fold(known, |load, change| changed(load, change.delta, self.work.at));
        let away = self.draft.absences.iter().rfind(|it| it.0 == agent).map_or(load.away, |it| it.1);
        let left = self.draft.leavers.iter().rfind(|it| it.0 == agent).map_or(load.left, |it| it.1);
        Load { away, left, ..load }
    }

    /// The loads of those in a list as they are now, by where they stand in it. Without a look at their names if the
    /// work wants this very list.
    pub fn loads<'s>(&'s self, of: &'s Arc<[String]>) -> impl Fn(usize) -> Load + use<'s, 'a> {
        let found = self.known.loads.board(&self.work.tenant).and_then(|it| Some((it, it.list(of)?)));
        let absent = self.draft.absences.iter().map(|it| &it.0);
        let left = self.draft.leavers.iter().map(|it| &it.0);
        let all = self.draft.loads.iter().map(|it| &it.holder).chain(absent).chain(left);
        let changed: Vec<usize> = all.filter_map(|it| found?.0.place(it)).collect();
        move |at| match found.and_then(|(board, places)| Some((board, *places.get(at)?))) {
            Some((board, place)) if !changed.contains(&place) => board.at(place),
            Some(_) | None => of.get(at).map_or_else(Load::default, |it| self.load(it)),
        }
    }

    /// The decision holds only if the agent has no more tickets than so many in the end, whatever other writers do at
    /// the same moment; else it is made again.
    pub fn limit(&mut self, agent: &str, most: u32) {
        self.draft.limits.push((agent.to_owned(), most));
    }

    /// The decision holds only if a ticket is as `ticket` shows it, whatever other writers do at the same moment; else
    /// it is made again.
    pub fn rely_on(&mut self, id: TicketId) {
        if let Some(ticket) = self.ticket(id).filter(|_| !self.known.holds(id.slot())) {
            self.draft.unchanged.push((id, ticket.version));
        }
    }

    /// Records that an agent went away, or came back.
    pub fn set_away(&mut self, agent: &str, away: Away) {
        let until = (away != Away::OPEN && away.at(self.work.at)).then(|| time_to(away.0));
        let fact = v1::AgentPresenceChanged {
            agent: agent.to_owned(),
            away: away.at(self.work.at),
            until_time: until,
        };
        self.draft.facts.push((Subject::agent(agent), Fact::AgentPresenceChanged(fact)));
        self.draft.absences.push((agent.to_owned(), away));
    }

    /// Keeps whether an agent has left. That is no event: it follows from the directory and the catalogue.
    pub fn set_left(&mut self, agent: &str, left: Left) {
        self.draft.leavers.push((agent.to_owned(), left));
    }

    /// A wanted entry of the directory as it is now.
    pub fn profile(&self, id: ProfileId) -> Option<&Profile> {
        let own = self.draft.people.iter().find(|it| it.id == id);
        own.or_else(|| self.known.profile(&self.work.tenant, id))
    }

    /// Whose a wanted user name is now, in lower case.
    pub fn owner(&self, user_name: &str) -> Option<ProfileId> {
        let is_it = |it: &&Profile| !it.removed && it.details.user_key() == user_name;
        let own = self.draft.people.iter().find(is_it).map(|it| it.id);
        let known = self.known.owner(&self.work.tenant, user_name);
        // It may have been given up in this very decision.
        own.or_else(|| known.filter(|id| !self.draft.people.iter().any(|it| it.id == *id)))
    }

    /// Records how an entry of the directory is from now on, and what of it changed.
    pub fn enter(&mut self, profile: Profile, changed: &[&str]) {
        if !self.known.holds(profile.id.slot()) {
            return self.fail("touched a person of another partition");
        }
        let fact = v1::PersonChanged {
            person: Some(profile_to(&profile)),
            changed: changed.iter().map(|it| (*it).to_owned()).collect(),
        };
        let id = profile.id;
        self.draft.facts.push((Subject::of(id), Fact::PersonChanged(fact)));
        put(&mut self.draft.people, profile, |it| it.id == id);
    }

    /// When the register of assets last changed, as `Store::assets_since` says it: whoever has seen all up to there knows
    /// it as it is now.
    pub fn register(&self) -> u64 {
        self.known.register(&self.work.tenant)
    }

    /// Records how an asset is from now on, and what of it changed. Once for each asset.
    pub fn put_asset(&mut self, asset: Asset, changed: &[&str]) {
        if !self.known.holds(asset.id.slot()) {
            return self.fail("touched an asset of another partition");
        }
        let fact = v1::AssetChanged {
            asset: Some(asset_to(&asset)),
            changed: changed.iter().map(|it| (*it).to_owned()).collect(),
        };
        self.draft.facts.push((Subject::of(asset.id), Fact::AssetChanged(fact)));
        self.draft.assets.push(asset);
    }

    /// A wanted improvement as it is now.
    pub fn improvement(&self, id: ImprovementId) -> Option<&Improvement> {
        let own = self.draft.improvements.iter().rfind(|it| it.id == id);
        own.or_else(|| behind(&self.work.tenant, self.known.improvements.get(&id)?))
    }

    /// A number that no improvement has or had, as tickets get theirs.
    pub fn improvement_number(&mut self) -> String {
        lookup::number(improvement::PREFIX, self.count(improvement::PREFIX))
    }

    /// Records how an improvement is from now on.
    pub fn put_improvement(&mut self, it: Improvement) {
        if !self.known.holds(it.id.slot()) {
            return self.fail("touched an improvement of another partition");
        }
        let fact = v1::ImprovementChanged { improvement: Some(improvement_to(&it)) };
        self.draft.facts.push((Subject::of(it.id), Fact::ImprovementChanged(fact)));
        self.draft.improvements.push(it);
    }

    /// Version of the tenant's catalogue; 0 while it has none of its own.
    pub fn catalog_version(&self) -> u64 {
        let own = self.draft.catalog.as_ref().map(|it| it.version);
        own.unwrap_or_else(|| self.known.catalog_version(&self.work.tenant))
    }

    /// A number that no ticket has or had. One that is not used in the end may be given out again.
    pub fn number(&mut self, kind: TicketKind) -> String {
        lookup::number(kind.prefix(), self.count(kind.prefix()))
    }

    /// A number that no article has or had, in the same way.
    pub fn article_number(&mut self) -> String {
        article::number(self.count(article::PREFIX))
    }

    fn count(&mut self, prefix: &'static str) -> u64 {
        let place = self.draft.numbers.iter().position(|(it, _)| *it == prefix);
        let used = place.map_or(0, |it| self.draft.numbers[it].1);
        let Some(count) = self.numbers.peek(&self.work.tenant, prefix, used) else {
            self.draft.short = Some(prefix);
            return 0;
        };
        match place {
            Some(it) => self.draft.numbers[it].1 += 1,
            None => self.draft.numbers.push((prefix, 1)),
        }
        count
    }

    /// The latest revision of a wanted article.
    pub fn article(&self, id: ArticleId) -> Option<&Article> {
        let own = self.draft.articles.iter().rfind(|it| it.0.id == id).map(|it| &it.0);
        own.or_else(|| self.known.article(&self.work.tenant, id))
    }

    /// Records the next revision of an article. If it is one that readers see, they find it by these words: texts of
    /// small Latin letters, digits and blanks.
    pub fn write_article(&mut self, article: Article, words: Vec<(Language, String)>) {
        if !self.known.holds(article.id.slot()) {
            return self.fail("touched an article of another partition");
        }
        let fact = v1::ArticleChanged { article: Some(article_to(&article)) };
        self.draft.facts.push((Subject::of(article.id), Fact::ArticleChanged(fact)));
        self.draft.articles.push((article, words));
    }

    /// What came of an article for a wanted reader so far.
    pub fn use_of(&self, article: ArticleId, reader: &str) -> Option<Use> {
        let own = self.draft.uses.iter().rfind(|it| it.article == article && it.reader == reader);
        own.map(|it| it.now).or_else(|| self.known.use_of(&self.work.tenant, article, reader))
    }

    /// Records what came of an article for a reader, of whom nobody else writes at the same moment, and what had before.
    /// The article may be of another partition.
    pub fn use_article(&mut self, article: ArticleId, reader: &str, before: Option<Use>, now: Use) {
        if before == Some(now) {
            return;
        }
        let fact = v1::ArticleUsed {
            article: article.to_string(),
            reader: reader.to_owned(),
            r#use: words::use_to(now),
            before: before.map_or(0, words::use_to),
        };
        self.draft.facts.push((Subject::of(article), Fact::ArticleUsed(fact)));
        self.draft.uses.push(Used { article, reader: reader.to_owned(), before, now });
    }

    /// Records what follows on a ticket of another one's event; nothing follows of it in turn.
    pub fn follow(&mut self, id: TicketId, event: Event) {
        let known = self.draft.consequences.len();
        self.record(id, event);
        self.draft.consequences.truncate(known);
    }

    /// Records what happened to a ticket; `ticket` shows it at once.
    pub fn record(&mut self, id: TicketId, event: Event) {
        let before = self.ticket(id);
        let after = match (before, Ticket::opened(&event)) {
            (None, Some(opened)) => opened,
            (Some(ticket), None) => ticket.clone().apply(&event, self.work.at),
            (Some(_), Some(_)) => return self.fail("opened a ticket that is there already"),
            (None, None) => return self.fail("changed a ticket that it did not want"),
        };
        if after.id != id {
            return self.fail("opened a ticket under another identity");
        }
        if !self.known.holds(id.slot()) {
            return self.fail("touched a ticket of another partition");
        }
        let loads = Ticket::load_changes(before, &after);
        let outages = Outage::told(before, &after, self.work.at);
        let outcomes = before.map(|it| sla::outcomes(it, &event, &after, self.work.at));
        if after.reaches_others(&event) {
            self.draft.consequences.push(self.draft.facts.len());
        }
        self.draft.loads.extend(loads);
        self.draft.outages.extend(outages.into_iter().map(|it| (id, it)));
        self.draft.outcomes.extend(outcomes.unwrap_or_default());
        self.draft.facts.push((Subject::of(id), event::fact_to(&event)));
        put(&mut self.draft.tickets, after, |it| it.id == id);
    }

    /// Since when a ticket is open and the time of this decision, if anything was recorded of it that may end one of its
    /// times.
    pub fn is_timed(&self, id: TicketId) -> Option<(&Ticket, Timestamp)> {
        let is_timed = self.draft.facts.iter().any(|(of, fact)| of.key == id.bytes() && ends_times(fact));
        self.ticket(id).filter(|_| is_timed).map(|it| (it, self.work.at))
    }

    /// Notes on what was recorded of a ticket how many working seconds it has had by now; the catalogue knows its hours.
    pub fn note_worked(&mut self, id: TicketId, seconds: u64) {
        self.draft.worked.push((id, seconds));
    }

    /// Keeps how those goals ended that tickets had. Events alone do not tell: a ticket that leaves a group ends that
    /// group's agreement only if there was one, and the catalogue knows.
    pub fn keep_outcomes(&mut self, has: impl Fn(&Ticket, &Outcome) -> bool) {
        let mut outcomes = std::mem::take(&mut self.draft.outcomes);
        outcomes.retain(|it| self.ticket(it.ticket).is_some_and(|ticket| has(ticket, it)));
        self.draft.outcomes = outcomes;
    }

    /// Puts how goals of a ticket ended, as its history gives it, in the place of what stands there.
    pub fn mend_outcomes(&mut self, of: TicketId, outcomes: Vec<Outcome>) {
        if !self.known.holds(of.slot()) {
            return self.fail("touched a ticket of another partition");
        }
        self.draft.mended.extend(outcomes.into_iter().filter(|it| it.ticket == of));
    }

    /// Keeps when the desk is to look at a ticket by itself. That is no event: it follows from the ticket and the
    /// catalogue.
    pub fn look(&mut self, id: TicketId, at: Option<Timestamp>) {
        let Some(ticket) = self.ticket(id).filter(|it| it.due.look != at) else { return };
        let mut ticket = ticket.clone();
        ticket.due.look = at;
        put(&mut self.draft.tickets, ticket, |it| it.id == id);
    }

    /// Puts a ticket as its history gives it in the place of a row that an older program has written.
    pub fn refold(&mut self, derived: Ticket) {
        if self.ticket(derived.id).is_some_and(|it| it.version == derived.version) {
            let id = derived.id;
            put(&mut self.draft.tickets, derived, |it| it.id == id);
        }
    }

    /// Records a message and its answer, and the conversation after it.
    pub fn take_turn(&mut self, turn: v1::TurnTaken, conversation: Conversation) {
        let id = conversation.id;
        if !self.known.holds(id.slot()) {
            return self.fail("touched a conversation of another partition");
        }
        self.draft.facts.push((Subject::of(id), Fact::TurnTaken(turn)));
        put(&mut self.draft.conversations, conversation, |it| it.id == id);
    }

    /// Records a new catalogue and gives its version. If a start took it from the owner's folder, `taken` stands for
    /// what was there.
    pub fn apply_catalog(&mut self, files: Vec<(String, String)>, taken: Option<String>) -> u64 {
        let version = self.catalog_version() + 1;
        if self.draft.catalog.is_some() {
            self.fail("applied two catalogues at once");
        }
        self.draft.facts.push((Subject::catalog(), Fact::CatalogApplied(v1::CatalogApplied { version })));
        self.draft.catalog = Some(Files { version, files, taken });
        version
    }

    fn fail(&mut self, fault: &'static str) {
        self.draft.fault = Some(fault);
    }
}

/// A load after one ticket more or less.
pub(super) fn changed(load: Load, delta: i32, at: Timestamp) -> Load {
    Load {
        open: load.open.saturating_add_signed(delta),
        last: if delta > 0 { load.last.max(at) } else { load.last },
        ..load
    }
}

fn put<T>(all: &mut Vec<T>, new: T, is_it: impl Fn(&T) -> bool) {
    match all.iter_mut().find(|it| is_it(it)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

/// A tenant's wall: what belongs to another one is not there.
pub(super) fn behind<'t, T>(tenant: &Tenant, owned: &'t (Tenant, T)) -> Option<&'t T> {
    (owned.0 == *tenant).then_some(&owned.1)
}
