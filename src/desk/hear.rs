//! The walk of one message, from the bot to its durable answer; and the same reading without any
//! effect, as a suggestion.

use std::{borrow::Cow, sync::Arc};

use prost::Message as _;
use tracing::Instrument as _;

use super::{
    Desk, answer,
    approvals::Voice,
    assets::Weighed,
    catalogs::InUse,
    command::Message,
    digest,
    fault::{Fault, refused},
    intake::{Held, Intake},
    models::InUse as InUseModels,
    new_ticket_id, slot,
};
use crate::{
    clock,
    conversation::{
        heard::Policy, lexicon::Answer, phrases::Phrases, pointing::Pointed, reading, slots::choice,
        state::TicketIntent,
    },
    domain::{
        assignment::{Gate, Understanding},
        catalog::Catalog,
        id::{ConversationId, TicketId},
        lifecycle::State,
        lookup::{TicketFilter, TicketRef},
        people::{Caller, Language},
        template::Values,
        ticket::{Asked, AssetLink, LinkedHow, Said, TicketAssets},
    },
    proto::{
        understanding::{because_to, understanding_to},
        v1, words,
    },
    routing::{self, Facts, priority},
    store::{Wants, Work},
    text::{found, language, redact::without_secrets, token, visible::visible},
};

/// How many of the requester's open tickets a message can be about without naming one.
const OPEN: u32 = 100;
/// And how many of the others, the newest.
const DONE: u32 = 20;
/// How often a message is taken in until what it opens is weighed.
const TRIES: usize = 8;
/// From this confidence on a message may be about a ticket that stands.
const MAYBE: f32 = 0.1;
/// So few letters show no language.
const FEW: usize = 8;

impl Desk {
    /// Takes one message of an employee, and answers once everything that follows is durable.
    pub async fn hear(&self, caller: &Caller, message: Message) -> Result<v1::SendMessageResponse, Fault> {
        let request = message.request.clone();
        let span = tracing::debug_span!("hear", message.id = request);
        let (mut work, mut intake) = self.read(caller, message).instrument(span.clone()).await?;
        self.hear_consent(caller, &mut work, &mut intake).instrument(span.clone()).await?;
        let commit = tracing::debug_span!(parent: &span, "commit", conversation.id = %intake.id);
        let reply = self.take(caller, work, Arc::new(intake)).instrument(commit).await?;
        v1::SendMessageResponse::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)
    }

    /// Takes a message in. Only the conversation tells which assets a ticket is opened with; what hangs on them is looked
    /// up then, and the message taken in once more.
    async fn take(&self, caller: &Caller, work: Work, intake: Arc<Intake>) -> Result<Vec<u8>, Fault> {
        let mut weighed = Weighed::default();
        for _ in 0..TRIES {
            let (decider, with) = (Arc::clone(&intake), weighed.clone());
            let done = self.store.execute(work.clone(), move |unit| decider.take(unit, &with)).await;
            let links = match done {
                Ok(reply) => {
                    self.keep_since(caller, intake.new_id, weighed.seen).await?;
                    return Ok(reply);
                }
                Err(it) => match refused(it, &work.request)? {
                    Held::Unweighed(links) => links,
                    Held::Fault(fault) => return Err(fault),
                },
            };
            weighed = self.register(caller).weigh(links).await?;
        }
        Err(Fault::Busy)
    }

    async fn read(&self, caller: &Caller, mut message: Message) -> Result<(Work, Intake), Fault> {
        let content = content(&message);
        let seen = visible(&message.text);
        // Wide letters or hidden characters must not hide a password from us alone.
        let hidden = match without_secrets(&seen) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(text),
        };
        let masked = hidden.is_some();
        let visible = hidden.unwrap_or_else(|| seen.into_owned());
        if masked {
            message.text.clone_from(&visible);
        }
        let models = self.models_of(caller);
        let understanding = self.understand(&models, &message.text, true);
        let Named { numbers, assets, hosts } = Named::of(&visible);
        let InUse { catalog, holders } = self.in_use(caller);
        let slot = slot(&caller.tenant, &message.requester);
        let id = conversation_id(caller, &message);
        let tickets = self.tickets_meant(caller, &message, &understanding, &numbers).await?;
        let profile = self.profile_of(caller, &message.requester).await?;
        let asked = self.asked(caller, &catalog, profile.as_ref()).await?;
        let shown = self.shown(caller, &catalog, (&visible, &hosts), profile.as_ref()).await?;
        let asks = may_ask(&understanding, &message, &numbers, &self.phrases);
        let asking = self.waves_to_ask_about(&caller.tenant, &catalog, &message.requester, asks).await?;
        let at = clock::now();
        let work = Work {
            tenant: caller.tenant.clone(),
            request: message.request.clone(),
            content,
            actor: caller.subject.clone(),
            at,
            slot,
            wants: Wants {
                conversation: Some(id),
                tickets: tickets.iter().copied().chain(asking.tickets()).collect(),
                agents: holders,
                ..Wants::default()
            },
        };
        let intake = Intake {
            actor: message.requester.subject.clone(),
            id,
            new_id: new_ticket_id(&caller.tenant, &message.requester),
            tickets,
            understanding,
            numbers,
            assets,
            shown,
            language: message.language.or_else(|| told(&message.text)),
            at,
            catalog,
            phrases: Arc::clone(&self.phrases),
            policy: self.policy,
            model: models.current,
            visible,
            masked,
            profile,
            asked,
            message,
            voice: Voice::default(),
            index: self.knowledge.of(&self.store, &caller.tenant).await?,
            asking,
        };
        Ok((work, intake))
    }

    /// The requester's tickets, if the message may be about one: it says so, names one, or is a short
    /// answer to "which one?". Reading them costs, and most messages are about something new.
    async fn tickets_meant(
        &self,
        caller: &Caller,
        message: &Message,
        understanding: &Understanding,
        numbers: &[String],
    ) -> Result<Vec<TicketId>, Fault> {
        if !may_ask(understanding, message, numbers, &self.phrases) {
            return Ok(vec![]);
        }
        let of = |states: &[State]| TicketFilter {
            requester: Some(message.requester.clone()),
            states: states.to_vec(),
            ..TicketFilter::default()
        };
        let (open, done): (Vec<State>, Vec<State>) = State::ALL.into_iter().partition(|it| it.is_open());
        let mut tickets = self.store.tickets(&caller.tenant, &of(&open), None, OPEN).await?;
        tickets.extend(self.store.tickets(&caller.tenant, &of(&done), None, DONE).await?);
        for number in numbers.iter().filter_map(|it| TicketRef::parse(it)) {
            let named = self.store.ticket(&caller.tenant, &number).await?;
            tickets.extend(named.filter(|it| it.requester.key() == message.requester.key()));
        }
        // What the desk opens for itself is no matter of a chat.
        tickets.retain(|it| !it.kind.is_the_desks_own());
        tickets.sort_by_key(|it| std::cmp::Reverse(it.id));
        tickets.dedup_by_key(|it| it.id);
        Ok(tickets.into_iter().map(|it| it.id).collect())
    }

    fn understand(&self, models: &InUseModels, text: &str, explain: bool) -> Understanding {
        let _span = tracing::debug_span!("understand", text.bytes = text.len()).entered();
        let verdict = models.current.understand(text, explain);
        self.read_along(models, text, &verdict);
        let understanding = answer::understanding(&verdict);
        let (label, confidence) = understanding.labels.first().map_or(("", 0.0), |(it, sure)| (it, *sure));
        tracing::debug!(label, confidence, "understood");
        understanding
    }

    /// Where a text would go, and why. Nothing is stored.
    pub async fn suggest(&self, caller: &Caller, text: &str, explain: bool) -> Result<v1::Suggestion, Fault> {
        let models = self.models_of(caller);
        let understanding = self.understand(&models, text, explain);
        let policy = self.policy.with(models.current.gate());
        let catalog = self.catalog(caller);
        let assets = self.named_in(caller, &catalog, text).await?;
        let routed = would_go(&catalog, policy, text, (&understanding, &assets));
        let understanding = Some(understanding_to(&understanding));
        Ok(v1::Suggestion { understanding, ..routed.unwrap_or_default() })
    }

    /// The assets that a text names, and what hangs on them.
    async fn named_in(&self, caller: &Caller, catalog: &Catalog, text: &str) -> Result<TicketAssets, Fault> {
        let hosts = Named::of(text).hosts;
        let shown = self.shown(caller, catalog, (text, &hosts), None).await?;
        let told = shown.stock().told(&self.phrases, text);
        let link = |(_, it): &(String, Pointed)| AssetLink::new(it.asset, &it.tag, LinkedHow::Named);
        Ok(self.register(caller).weigh(told.map(link).collect()).await?.assets)
    }
}

/// Whether a message may be about a ticket that stands.
fn may_ask(understanding: &Understanding, message: &Message, numbers: &[String], phrases: &Phrases) -> bool {
    let may = |(label, it): &(String, f32)| TicketIntent::parse(label).is_some() && *it >= MAYBE;
    let short = message.text.split_whitespace().nth(4).is_none() && message.text.len() < 48;
    !numbers.is_empty()
        || short
        || reading::adds_to_ticket(phrases, &message.text)
        || understanding.labels.iter().any(may)
        || choice::says(phrases, Answer::Leaving, &message.text)
}

fn would_go(
    catalog: &Catalog,
    policy: Policy<'_>,
    text: &str,
    (it, assets): (&Understanding, &TicketAssets),
) -> Option<v1::Suggestion> {
    let (label, confidence) = it.labels.first()?;
    let template = catalog.template(label)?;
    let (impact, urgency, priority) = priority::from_text(catalog, template, it);
    let (impact, priority) = assets.pressing(&Said { impact, urgency, priority }, urgency, &catalog.matrix);
    let gate = if policy.acts(label, it) {
        Gate::Auto
    } else if *confidence >= policy.floor {
        Gate::Confirmed
    } else {
        Gate::Person
    };
    let facts = Facts {
        template,
        fields: &Values::new(),
        text,
        language: told(text).unwrap_or_default(),
        impact,
        urgency,
        priority,
        gate: None,
        understanding: None,
        asked: &Asked::default(),
        assets: &assets.links,
    };
    let (group, because) = routing::group(catalog, &facts);
    Some(v1::Suggestion {
        template: template.id.clone(),
        group,
        because: vec![because_to(&because)],
        priority: words::priority_to(priority),
        gate: words::gate_to(gate),
        ..v1::Suggestion::default()
    })
}

/// What a message names by its form.
#[derive(Default)]
struct Named {
    /// Numbers of tickets.
    numbers: Vec<String>,
    /// Tags of assets.
    assets: Vec<String>,
    /// Names in the network.
    hosts: Vec<String>,
}

impl Named {
    fn of(text: &str) -> Self {
        let mut named = Self::default();
        // All of them have digits or dots, and many messages have none.
        if !text.contains(|it: char| it.is_numeric() || it == '.' || it == '\\') {
            return named;
        }
        for it in found::found(text) {
            match it.kind {
                found::Kind::Ticket(number) => named.numbers.push(number.to_string()),
                found::Kind::AssetTag(tag) => named.assets.push(tag),
                found::Kind::Host(host) => named.hosts.push(host),
                found::Kind::ErrorCode(_) | found::Kind::Date(_) | found::Kind::Time(_) => {}
            }
        }
        named
    }
}

/// The language that a message shows: Chinese by its characters, English by at least two words. A number, a
/// tag or an "ok thx" shows none, and the conversation keeps its language.
pub(super) fn told(text: &str) -> Option<Language> {
    if text.chars().any(token::is_cjk) {
        return Some(if language::is_chinese(text) { Language::Zh } else { Language::En });
    }
    let word = |it: &&str| it.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let letters = text.chars().filter(|it| it.is_alphabetic()).count();
    (text.split_whitespace().filter(word).count() > 1 && letters > FEW).then_some(Language::En)
}

fn conversation_id(caller: &Caller, message: &Message) -> ConversationId {
    let hash = digest(&[caller.tenant.as_str(), &message.requester.key(), &message.key]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    ConversationId::new(bytes, slot(&caller.tenant, &message.requester))
}

fn content(message: &Message) -> [u8; 32] {
    let language = match message.language {
        None => "",
        Some(Language::En) => "en",
        Some(Language::Zh) => "zh",
    };
    digest(&["hear", &message.key, &message.requester.key(), &message.text, language])
}
