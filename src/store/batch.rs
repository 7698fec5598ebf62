//! One batch in memory: what is known at its start, what its works decide in turn, and the rows that
//! come of it. Nothing here waits.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use prost::Message as _;

use super::{
    chain::{self, Hash},
    loads::Loads,
    numbers::Numbers,
    unit::{self, Draft, Files, Unit, Used, Words},
    work::{Ending, Job, Wants, Work},
};
use crate::{
    conversation::state::Conversation,
    domain::{
        article::{Article, Audience, Use},
        asset::Asset,
        assignment::Load,
        duty::{Away, Left},
        id::{ArticleId, AssetId, ConversationId, ImprovementId, ProfileId, Slot, TicketId, WaveId},
        improvement::Improvement,
        people::Tenant,
        profile::Profile,
        service::{Outage, Told},
        sla::{Ended, Goal, Outcome},
        ticket::Ticket,
        time::Timestamp,
        wave::{Involved, Standing, Wave},
    },
    proto::{time::time_to, v1},
};

/// Where a partition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) partition: u32,
    pub(super) partitions: u32,
    pub(super) epoch: u64,
    pub(super) head: u64,
    pub(super) hash: Hash,
}

/// What is known while a batch is decided: what was loaded, and what its earlier works did.
pub(super) struct Known {
    pub(super) place: Place,
    pub(super) requests: HashMap<(Tenant, String), Stored>,
    pub(super) tickets: HashMap<TicketId, (Tenant, Held<Ticket>)>,
    pub(super) conversations: HashMap<ConversationId, (Tenant, Held<Conversation>)>,
    pub(super) loads: Loads,
    pub(super) catalogs: HashMap<Tenant, u64>,
    pub(super) people: HashMap<ProfileId, (Tenant, Held<Profile>)>,
    pub(super) user_names: HashMap<(Tenant, String), ProfileId>,
    pub(super) articles: HashMap<ArticleId, (Tenant, Held<Article>)>,
    pub(super) uses: HashMap<(Tenant, ArticleId, String), Use>,
    /// When registers of assets last changed.
    pub(super) registers: HashMap<Tenant, u64>,
    /// Waves that are current, and those that ended not long ago.
    pub(super) waves: HashMap<WaveId, (Tenant, Wave)>,
    pub(super) improvements: HashMap<ImprovementId, (Tenant, Improvement)>,
    /// Identities of rows that are there and cannot be read.
    pub(super) unreadable: HashSet<[u8; 16]>,
}

/// A request that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) content: Vec<u8>,
    pub(super) reply: Vec<u8>,
}

/// A row as it is now, and as it was loaded.
pub(super) struct Held<T> {
    pub(super) now: T,
    /// Version of the row in the database; `None` if it is new.
    pub(super) loaded: Option<u64>,
    pub(super) is_changed: bool,
}

/// A batch under way.
pub(super) struct Batch {
    pub(super) known: Known,
    pub(super) requests: Vec<RequestRow>,
    pub(super) events: Vec<EventRow>,
    /// Changes of loads: how many more, and when the last ticket came.
    pub(super) loads: BTreeMap<(Tenant, String), (i64, Timestamp)>,
    /// How goals ended, by ticket, goal and start of its clock; the last word counts.
    pub(super) outcomes: BTreeMap<(Tenant, TicketId, Goal, Timestamp), Outcome>,
    /// Those of them that ended for the first time.
    pub(super) ended: Vec<Outcome>,
    /// What tickets tell of their services: by when each stretch began.
    pub(super) outages: BTreeMap<(Tenant, TicketId, Timestamp), Outage>,
    /// Tickets of which no stretch is left that was written before.
    pub(super) void: BTreeSet<(Tenant, TicketId)>,
    /// So many tickets these agents may have in the end.
    pub(super) limits: BTreeMap<(Tenant, String), u32>,
    /// Positions of events of which something follows for other tickets.
    pub(super) consequences: Vec<u64>,
    /// Tickets of other partitions that must have these versions in the end.
    pub(super) unchanged: BTreeMap<TicketId, u64>,
    pub(super) absences: BTreeMap<(Tenant, String), Away>,
    pub(super) leavers: BTreeMap<(Tenant, String), Left>,
    pub(super) catalogs: Vec<(Tenant, Timestamp, Files)>,
    pub(super) revisions: Vec<(Tenant, Article)>,
    /// The words that articles are found by from now on; none for those that are out of sight.
    pub(super) in_sight: BTreeMap<ArticleId, (Tenant, bool, Words)>,
    pub(super) uses: BTreeMap<(Tenant, ArticleId, String), Use>,
    /// Changes of counts: how many more were shown, helped and not helped.
    pub(super) counts: BTreeMap<(Tenant, ArticleId), [i64; 3]>,
    /// What came of articles, in order, for the figures.
    pub(super) used: Vec<Used>,
    pub(super) assets: HashMap<AssetId, (Tenant, Asset)>,
    pub(super) waves: HashMap<WaveId, (Tenant, Wave)>,
    pub(super) improvements: HashMap<ImprovementId, (Tenant, Improvement)>,
    /// Where people stand with waves, and since when.
    pub(super) involved: BTreeMap<(Tenant, WaveId, String), (Timestamp, Involved)>,
}

pub(super) struct RequestRow {
    pub(super) tenant: Tenant,
    pub(super) request: String,
    pub(super) content: [u8; 32],
    pub(super) reply: Vec<u8>,
    pub(super) at: Timestamp,
}

pub(super) struct EventRow {
    pub(super) event: Arc<v1::Event>,
    pub(super) subject: Vec<u8>,
    pub(super) at: Timestamp,
    pub(super) payload: Vec<u8>,
    pub(super) hash: Hash,
}

/// What came of one piece of work.
pub(super) enum Step {
    Ended(Ending),
    /// Numbers with this prefix ran out; decide again with more.
    Short(&'static str),
}

impl Known {
    pub(super) fn ticket(&self, tenant: &Tenant, id: TicketId) -> Option<&Ticket> {
        unit::behind(tenant, self.tickets.get(&id)?).map(|it| &it.now)
    }

    pub(super) fn tickets(&self, tenant: &Tenant) -> impl Iterator<Item = &Ticket> {
        self.tickets.values().filter_map(|it| unit::behind(tenant, it)).map(|it| &it.now)
    }

    pub(super) fn conversation(&self, tenant: &Tenant, id: ConversationId) -> Option<&Conversation> {
        unit::behind(tenant, self.conversations.get(&id)?).map(|it| &it.now)
    }

    pub(super) fn load(&self, tenant: &Tenant, agent: &str) -> Load {
        self.loads.get(tenant, agent).unwrap_or_default()
    }

    pub(super) fn profile(&self, tenant: &Tenant, id: ProfileId) -> Option<&Profile> {
        unit::behind(tenant, self.people.get(&id)?).map(|it| &it.now)
    }

    pub(super) fn owner(&self, tenant: &Tenant, user_name: &str) -> Option<ProfileId> {
        self.user_names.get(&(tenant.clone(), user_name.to_owned())).copied()
    }

    pub(super) fn article(&self, tenant: &Tenant, id: ArticleId) -> Option<&Article> {
        unit::behind(tenant, self.articles.get(&id)?).map(|it| &it.now)
    }

    pub(super) fn use_of(&self, tenant: &Tenant, article: ArticleId, reader: &str) -> Option<Use> {
        self.uses.get(&(tenant.clone(), article, reader.to_owned())).copied()
    }

    pub(super) fn register(&self, tenant: &Tenant) -> u64 {
        self.registers.get(tenant).copied().unwrap_or_default()
    }

    pub(super) fn waves(&self, tenant: &Tenant) -> impl Iterator<Item = &Wave> {
        self.waves.values().filter_map(|it| unit::behind(tenant, it))
    }

    pub(super) fn catalog_version(&self, tenant: &Tenant) -> u64 {
        self.catalogs.get(tenant).copied().unwrap_or_default()
    }

    /// Whether something that is wanted is there and cannot be read.
    fn is_unreadable(&self, wants: &Wants) -> bool {
        let tickets = wants.tickets.iter().map(|it| it.bytes());
        let people = wants.people.iter().map(|it| it.bytes());
        let articles = wants.articles.iter().map(|it| it.bytes());
        let mut all =
            tickets.chain(people).chain(articles).chain(wants.conversation.iter().map(|it| it.bytes()));
        all.any(|it| self.unreadable.contains(it))
    }

    /// Whether what has this slot belongs to the partition being written.
    pub(super) fn holds(&self, slot: Slot) -> bool {
        slot.partition(self.place.partitions) == self.place.partition
    }
}

impl Batch {
    pub(super) fn new(known: Known) -> Self {
        Self {
            known,
            requests: vec![],
            events: vec![],
            loads: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            outages: BTreeMap::new(),
            void: BTreeSet::new(),
            ended: vec![],
            limits: BTreeMap::new(),
            consequences: vec![],
            unchanged: BTreeMap::new(),
            absences: BTreeMap::new(),
            leavers: BTreeMap::new(),
            catalogs: vec![],
            revisions: vec![],
            in_sight: BTreeMap::new(),
            uses: BTreeMap::new(),
            counts: BTreeMap::new(),
            used: vec![],
            assets: HashMap::new(),
            waves: HashMap::new(),
            improvements: HashMap::new(),
            involved: BTreeMap::new(),
        }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Does one piece of work in memory.
    pub(super) fn step(&mut self, job: &mut Job, numbers: &mut Numbers) -> Step {
        let key = (job.work.tenant.clone(), job.work.request.clone());
        if let Some(stored) = self.known.requests.get(&key) {
            let is_same = stored.content == job.work.content;
            let reply = || Ending::Done(stored.reply.clone());
            return Step::Ended(if is_same { reply() } else { Ending::OtherContent });
        }
        if job.call.is_gone() {
            return Step::Ended(Ending::Skipped);
        }
        if self.known.is_unreadable(&job.work.wants) {
            return Step::Ended(Ending::Unavailable);
        }
        let mut unit = Unit::new(&job.work, &self.known, numbers);
        let reply = job.call.decide(&mut unit);
        let draft = unit.into_draft();
        if let Some(prefix) = draft.short {
            return Step::Short(prefix);
        }
        let Some(reply) = reply else { return Step::Ended(Ending::Refused) };
        if let Some(fault) = draft.fault {
            tracing::error!(request.id = %job.work.request, "a decision {fault}; it was not stored");
            return Step::Ended(Ending::Unavailable);
        }
        for (prefix, count) in &draft.numbers {
            numbers.take(&job.work.tenant, prefix, *count);
        }
        self.accept(&job.work, draft, &reply);
        Step::Ended(Ending::Done(reply))
    }

    fn accept(&mut self, work: &Work, draft: Draft, reply: &[u8]) {
        for (place, (subject, fact)) in draft.facts.into_iter().enumerate() {
            let worked = draft.worked.iter().rfind(|(id, _)| subject.key == id.bytes());
            let worked = worked.map(|it| it.1).filter(|_| unit::ends_times(&fact));
            self.append(work, (subject, fact), worked);
            if draft.consequences.contains(&place) {
                self.consequences.push(self.known.place.head);
            }
        }
        self.unchanged.extend(draft.unchanged);
        for ticket in draft.tickets {
            keep(&mut self.known.tickets, &work.tenant, ticket.id, ticket);
        }
        for conversation in draft.conversations {
            keep(&mut self.known.conversations, &work.tenant, conversation.id, conversation);
        }
        for change in draft.loads {
            let key = (work.tenant.clone(), change.holder);
            // One that nobody asked for stays unknown: counted from nothing, it would be remembered so.
            if let Some(load) = self.known.loads.get_mut(&key.0, &key.1) {
                *load = unit::changed(*load, change.delta, work.at);
            }
            let sum = self.loads.entry(key).or_default();
            sum.0 += i64::from(change.delta);
            sum.1 = if change.delta > 0 { sum.1.max(work.at) } else { sum.1 };
        }
        for it in draft.mended {
            self.outcomes.insert((work.tenant.clone(), it.ticket, it.goal, it.started), it);
        }
        for it in draft.outcomes {
            if it.result != Ended::Open && !it.is_again {
                self.ended.push(it.clone());
            }
            self.outcomes.insert((work.tenant.clone(), it.ticket, it.goal, it.started), it);
        }
        for (ticket, told) in draft.outages {
            match told {
                Told::Stretch(it) => {
                    self.outages.insert((work.tenant.clone(), ticket, it.from), it);
                }
                Told::Nothing => {
                    self.outages.retain(|(_, it, _), _| *it != ticket);
                    self.void.insert((work.tenant.clone(), ticket));
                }
            }
        }
        for (agent, most) in draft.limits {
            let limit = self.limits.entry((work.tenant.clone(), agent)).or_insert(most);
            *limit = most.min(*limit);
        }
        for (agent, away) in draft.absences {
            let key = (work.tenant.clone(), agent);
            if let Some(load) = self.known.loads.get_mut(&key.0, &key.1) {
                load.away = away;
            }
            self.absences.insert(key, away);
        }
        for (agent, left) in draft.leavers {
            let key = (work.tenant.clone(), agent);
            if let Some(load) = self.known.loads.get_mut(&key.0, &key.1) {
                load.left = left;
            }
            self.leavers.insert(key, left);
        }
        for profile in draft.people {
            self.enter(&work.tenant, profile);
        }
        for (article, words) in draft.articles {
            self.write(&work.tenant, article, words);
        }
        for used in draft.uses {
            self.note_use(&work.tenant, used);
        }
        if !draft.assets.is_empty() {
            self.known.registers.insert(work.tenant.clone(), self.known.place.head);
        }
        for asset in draft.assets {
            self.assets.insert(asset.id, (work.tenant.clone(), asset));
        }
        for wave in draft.waves {
            self.known.waves.insert(wave.id, (work.tenant.clone(), wave.clone()));
            self.waves.insert(wave.id, (work.tenant.clone(), wave));
        }
        for it in draft.improvements {
            self.known.improvements.insert(it.id, (work.tenant.clone(), it.clone()));
            self.improvements.insert(it.id, (work.tenant.clone(), it));
        }
        for it in draft.involved {
            let key = (work.tenant.clone(), it.wave, it.person.key());
            // Who has said yes in the same batch is not just asked.
            if it.standing != Standing::Asked || !self.involved.contains_key(&key) {
                self.involved.insert(key, (work.at, it));
            }
        }
        if let Some(files) = draft.catalog {
            self.known.catalogs.insert(work.tenant.clone(), files.version);
            self.catalogs.push((work.tenant.clone(), work.at, files));
        }
        self.remember(work, reply);
    }

    /// Keeps an entry of the directory, and whose its user name is now.
    fn enter(&mut self, tenant: &Tenant, profile: Profile) {
        let names = &mut self.known.user_names;
        names.retain(|(owner, _), id| owner != tenant || *id != profile.id);
        if !profile.removed {
            names.insert((tenant.clone(), profile.details.user_key()), profile.id);
        }
        keep(&mut self.known.people, tenant, profile.id, profile);
    }

    /// Keeps a revision, and what it changes of what readers see.
    fn write(&mut self, tenant: &Tenant, article: Article, words: Words) {
        let everyone = article.content.audience == Audience::Everyone;
        if article.is_in_sight() {
            self.in_sight.insert(article.id, (tenant.clone(), everyone, words));
        } else if article.published.is_none() {
            self.in_sight.insert(article.id, (tenant.clone(), everyone, vec![]));
        }
        self.revisions.push((tenant.clone(), article.clone()));
        keep(&mut self.known.articles, tenant, article.id, article);
    }

    /// Keeps what came of an article, and counts it.
    fn note_use(&mut self, tenant: &Tenant, used: Used) {
        let change = |use_: Use| i64::from(used.now == use_) - i64::from(used.before == Some(use_));
        let more = [i64::from(used.before.is_none()), change(Use::Helped), change(Use::NotHelped)];
        let counts = self.counts.entry((tenant.clone(), used.article)).or_default();
        for (count, more) in counts.iter_mut().zip(more) {
            *count += more;
        }
        let key = (tenant.clone(), used.article, used.reader.clone());
        self.known.uses.insert(key.clone(), used.now);
        self.uses.insert(key, used.now);
        self.used.push(used);
    }

    /// Gives an event its position and its place in the chain.
    fn append(
        &mut self,
        work: &Work,
        (subject, fact): (unit::Subject, v1::event::Fact),
        worked_seconds: Option<u64>,
    ) {
        let place = &mut self.known.place;
        place.head += 1;
        let event = v1::Event {
            tenant: work.tenant.as_str().to_owned(),
            partition: place.partition,
            epoch: place.epoch,
            position: place.head,
            time: Some(time_to(work.at)),
            subject: subject.text,
            actor: work.actor.clone(),
            cause: work.request.clone(),
            worked_seconds,
            fact: Some(fact),
        };
        let payload = event.encode_to_vec();
        place.hash = chain::link(&place.hash, &chain::digest(&payload));
        let (event, hash) = (Arc::new(event), place.hash);
        self.events.push(EventRow { event, subject: subject.key, at: work.at, payload, hash });
    }

    fn remember(&mut self, work: &Work, reply: &[u8]) {
        let stored = Stored { content: work.content.to_vec(), reply: reply.to_vec() };
        self.known.requests.insert((work.tenant.clone(), work.request.clone()), stored);
        self.requests.push(RequestRow {
            tenant: work.tenant.clone(),
            request: work.request.clone(),
            content: work.content,
            reply: reply.to_vec(),
            at: work.at,
        });
    }
}

fn keep<I: std::hash::Hash + Eq, T>(
    held: &mut HashMap<I, (Tenant, Held<T>)>,
    tenant: &Tenant,
    id: I,
    now: T,
) {
    let loaded = held.get(&id).and_then(|(owner, it)| it.loaded.filter(|_| owner == tenant));
    held.insert(id, (tenant.clone(), Held { now, loaded, is_changed: true }));
}
