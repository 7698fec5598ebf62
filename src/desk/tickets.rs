//! Opening and changing tickets for people and programs that know what they want.

use std::sync::Arc;

use prost::Message as _;

use super::{
    Desk,
    approvals::Approvals,
    assets::{self, Weighed},
    catalogs::InUse,
    changes, clocks,
    command::{Change, NewTicket, What, Wish},
    content, dispatch, escalations,
    fault::{Fault, Violation, refused, undone},
    hear::told,
    open::Opening,
    slot, tasks, ties,
};
use crate::{
    clock,
    domain::{
        approval::agent_person,
        assignment::Because,
        catalog::Catalog,
        change::ChangeType,
        id::TicketId,
        people::{Caller, Person},
        profile::{self, Details},
        template::{Template, Values},
        ticket::{AssetLink, Command, Diagnosis, Refusal, Said, Ticket, TicketKind, Update},
        time::Timestamp,
    },
    proto::{ticket::ticket_to, v1},
    store::{Unit, Wants, Work},
};

/// How often a change is made again because somebody else was faster.
const TRIES: usize = 8;

impl Desk {
    /// Opens a ticket from a template.
    pub async fn open(&self, caller: &Caller, new: NewTicket) -> Result<v1::Ticket, Fault> {
        let content = content::of_new(&new);
        self.open_about(caller, new, vec![], content).await
    }

    /// Opens a ticket about these assets and those of its fields, for a request with this content.
    pub(super) async fn open_about(
        &self,
        caller: &Caller,
        new: NewTicket,
        about: Vec<AssetLink>,
        content: [u8; 32],
    ) -> Result<v1::Ticket, Fault> {
        let (work, decide, weighed) = self.opening(caller, new, about).await?;
        let work = Work { content, ..work };
        let ticket = self.commit(work, decide).await?;
        if let Ok(id) = ticket.id.parse() {
            self.keep_since(caller, id, weighed.seen).await?;
        }
        Ok(ticket)
    }

    /// Decides whether a ticket could be opened, as it would be opened, and writes nothing. What was opened already under
    /// its request id could be.
    pub async fn would_open(&self, caller: &Caller, new: NewTicket) -> Result<(), Fault> {
        let (work, mut decide, _) = self.opening(caller, new, vec![]).await?;
        let request = work.request.clone();
        // Nothing is stored of what is refused.
        let decide = move |unit: &mut Unit<'_>| Err::<Vec<u8>, _>(decide(unit).err());
        match self.store.execute(work, decide).await {
            Ok(_) => Ok(()),
            Err(it) => refused(it, &request)?.map_or(Ok(()), Err),
        }
    }

    /// The work of opening a ticket, and the decision about it.
    async fn opening(
        &self,
        caller: &Caller,
        new: NewTicket,
        mut about: Vec<AssetLink>,
    ) -> Result<(Work, impl FnMut(&mut Unit<'_>) -> Result<Vec<u8>, Fault> + Send + 'static, Weighed), Fault>
    {
        let InUse { catalog, holders } = self.in_use(caller);
        let asking = self.asking(caller, &catalog, &new).await?;
        let mut filled = new.fields.clone();
        if let (Some(template), Some(profile)) = (catalog.template(&new.template), &asking.profile) {
            profile::fill(template, &profile.details, &mut filled);
        }
        let register = self.register(caller);
        for it in register.links_of(&filled).await? {
            about.retain(|known| known.asset != it.asset);
            about.push(it);
        }
        let weighed = register.weigh(about).await?;
        let assets = weighed.assets.clone();
        let is_change = catalog.template(&new.template).is_some_and(|it| it.kind == TicketKind::Change);
        let slot =
            if is_change { changes::slot(&caller.tenant) } else { slot(&caller.tenant, &new.requester) };
        let (at, id) = (clock::now(), TicketId::new(clock::new_bytes(), slot));
        let phrases = Arc::clone(&self.phrases);
        let work = Work { slot, ..work(caller, holders, &new.request, vec![], content::of_new(&new)) };
        // Checked in here, so that a request that is done already gets its first reply even if the
        // catalogue has changed since.
        let decide = move |unit: &mut Unit<'_>| {
            let template = to_open(&catalog, &new.template)?;
            if let Some(refusal) = &asking.refusal {
                return Err(refusal.clone());
            }
            let details = asking.profile.as_ref().map(|it| &it.details);
            let fields = template.check(filled.clone()).map_err(bad_values)?;
            let name = details.map_or_else(String::new, Details::name);
            let requester = named(&new.requester, name);
            let (impact, urgency) = template.stated(&fields);
            let least = template.least(&fields);
            // What an option asks for at least, no caller takes back.
            let impact = new.impact.map_or(impact, |it| least.0.map_or(it, |least| it.max(least)));
            let urgency = new.urgency.map_or(urgency, |it| least.1.map_or(it, |least| it.max(least)));
            Opening {
                id,
                template,
                requester: &requester,
                language: told(&new.description)
                    .or_else(|| told(&new.subject))
                    .or(details.and_then(Details::speaks))
                    .unwrap_or_default(),
                subject: &new.subject,
                description: &new.description,
                fields,
                rating: (impact, urgency, catalog.matrix.priority(impact, urgency)),
                gate: None,
                understanding: None,
                conversation: None,
                asked: asking.asked.clone(),
                at,
                links: vec![],
                assets: assets.clone(),
            }
            .record(&catalog, unit);
            Approvals { catalog: &catalog, phrases: &phrases, at }.open(unit, id);
            encoded(unit, id)
        };
        Ok((work, decide, weighed))
    }

    /// Changes a ticket that stands.
    pub async fn change(&self, caller: &Caller, change: Change) -> Result<v1::Ticket, Fault> {
        match changes::begins(&change.what).cloned() {
            Some(wanted) => self.begin(caller, change, wanted).await,
            None => self.change_as_said(caller, change).await,
        }
    }

    /// The same, whether or not somebody begins to work with it.
    pub(super) async fn change_as_said(&self, caller: &Caller, change: Change) -> Result<v1::Ticket, Fault> {
        // What its fields name is linked by the assets that it has.
        for _ in 0..TRIES {
            match self.change_once(caller, change.clone()).await {
                Err(Fault::Stale { what: assets::ASSETS, .. })
                    if matches!(change.what, What::Update { .. }) => {}
                Ok((ticket, id, Some(weighed))) => {
                    self.keep_since(caller, id, weighed.seen).await?;
                    return Ok(ticket);
                }
                settled => return settled.map(|it| it.0),
            }
        }
        Err(Fault::Busy)
    }

    /// Changes a ticket that stands, and says which it was and what was weighed for its assets.
    pub(super) async fn change_once(
        &self,
        caller: &Caller,
        change: Change,
    ) -> Result<(v1::Ticket, TicketId, Option<Weighed>), Fault> {
        let InUse { catalog, holders } = self.in_use(caller);
        let found =
            self.store.ticket(&caller.tenant, &change.ticket).await?.ok_or(Fault::NotFound("ticket"))?;
        let id = found.id;
        let other = self.other(caller, id, &change.what).await?;
        let (relinked, weighed) = self.renamed(caller, &found, &change.what).await?.unzip();
        // A file that is removed may be on tickets that were merged with this one.
        let reaches_others = other.is_some() || matches!(change.what, What::Tie(Wish::Detach { .. }));
        let content = content::of_change(id, other, &change);
        let wanted = [id].into_iter().chain(other).collect();
        let mut work = Work { slot: id.slot(), ..work(caller, holders, &change.request, wanted, content) };
        work.wants.changes = changes::time_of(&change.what);
        work.wants.register = work.wants.changes.is_some();
        let (actor, at) = (caller.subject.clone(), work.at);
        let (phrases, by) = (Arc::clone(&self.phrases), agent_person(&catalog, &actor));
        let decide = move |unit: &mut Unit<'_>| {
            let ticket = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?;
            if let Some(expected) = change.expected.filter(|it| *it != ticket.version) {
                return Err(Fault::Stale { what: "ticket", expected, current: ticket.version });
            }
            escalations::escalate(&catalog, unit, id, at);
            let before = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?.clone();
            if let What::Assign { group, agent: None } = &change.what {
                assign(&before, group, &catalog, &actor, unit, at)?;
            } else if let What::Tie(wish) = &change.what {
                let tie = ties::tie(wish, other, unit)?;
                for event in before.decide(Command::Tie(tie), &actor)? {
                    unit.record(id, event);
                }
            } else if let What::Schedule(it) = &change.what {
                it.record(&catalog, unit, &before, (&actor, at))?;
            } else if let What::Begin(it) = &change.what {
                it.record(&catalog, unit, &before, (&actor, at))?;
            } else if let What::Assets(it) = &change.what {
                it.record(&catalog, unit, &before, &actor)?;
            } else {
                if let What::Update { impact: Some(impact), urgency, .. } = &change.what {
                    assets::say(&catalog, unit, &before, (*impact, *urgency));
                }
                let command = command(&change.what, &before, &catalog, &actor, unit, at)?;
                for event in before.decide(command, &actor)? {
                    unit.record(id, event);
                }
            }
            if let Some(it) = &relinked {
                let updated = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?.clone();
                it.record(&catalog, unit, &updated, &actor)?;
            }
            dispatch::go_on(&catalog, unit, id, &before, at);
            tasks::follow(&catalog, unit, id, &before, at);
            changes::rate(&catalog, unit, id);
            Approvals { catalog: &catalog, phrases: &phrases, at }.keep_up(unit, id, &before, &by)?;
            clocks::settle(&catalog, unit, id);
            encoded(unit, id)
        };
        let ticket = self.commit(work, decide).await?;
        if reaches_others {
            self.draw_at_once().await;
        }
        Ok((ticket, id, weighed))
    }

    pub(super) async fn commit(
        &self,
        work: Work,
        decide: impl FnMut(&mut Unit<'_>) -> Result<Vec<u8>, Fault> + Send + 'static,
    ) -> Result<v1::Ticket, Fault> {
        let request = work.request.clone();
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        v1::Ticket::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)
    }
}

/// Somebody by the name that their caller gives them, else by the one in the directory.
pub(super) fn named(who: &Person, name: String) -> Person {
    if who.name.is_empty() { Person { name, ..who.clone() } } else { who.clone() }
}

pub(super) fn work(
    caller: &Caller,
    agents: Arc<[String]>,
    request: &str,
    tickets: Vec<TicketId>,
    content: [u8; 32],
) -> Work {
    Work {
        tenant: caller.tenant.clone(),
        request: request.to_owned(),
        content,
        actor: caller.subject.clone(),
        at: clock::now(),
        slot: crate::domain::id::Slot(0),
        wants: Wants { tickets, agents, ..Wants::default() },
    }
}

pub(super) fn encoded(unit: &Unit<'_>, id: TicketId) -> Result<Vec<u8>, Fault> {
    unit.ticket(id).map(|it| ticket_to(it).encode_to_vec()).ok_or(Fault::NotFound("ticket"))
}

/// What is asked for, as the ticket's rules understand it.
fn command(
    what: &What,
    ticket: &Ticket,
    catalog: &Catalog,
    actor: &str,
    unit: &Unit<'_>,
    now: Timestamp,
) -> Result<Command, Fault> {
    Ok(match what.clone() {
        What::Comment { text, internal } => Command::Comment { text, internal, by_requester: false },
        What::Move(it) if it.until.is_some_and(|until| until <= now) => {
            return Err(Fault::field("hold_until_time", "must be in the future"));
        }
        What::Move(it) => Command::Move(Box::new(it)),
        What::Diagnose(it) => {
            // The article is the desk's to name.
            let article = ticket.diagnosis.as_ref().and_then(|it| it.article);
            Command::Diagnose(Box::new(Diagnosis { article, ..*it }))
        }
        What::Tell(article) => {
            let known = ticket.diagnosis.as_deref().cloned().unwrap_or_default();
            Command::Diagnose(Box::new(Diagnosis { article: Some(article), ..known }))
        }
        What::Plan(it) => Command::Plan(Box::new(changes::planned(&it, ticket, catalog, actor)?)),
        What::Submit => {
            changes::complete(catalog, ticket)?;
            // Nobody is asked about what could not be scheduled; an emergency is agreed to first.
            if let Some(plan) = ticket.change.as_ref().map(|it| &it.plan)
                && let (ChangeType::Normal, Some(window)) = (plan.kind, &plan.window)
            {
                changes::is_ahead(plan.kind, window, now)?;
            }
            Command::Submit
        }
        What::Review(it) => Command::Review(Box::new(changes::reviewed(&it, actor))),
        What::Tie(_) | What::Assets(_) | What::Schedule(_) | What::Begin(_) => {
            return Err(Fault::NotFound("ticket"));
        }
        What::Assign { group, agent } => {
            let agent = agent.ok_or(Fault::NotFound("agent"))?;
            assign_to(group, &agent, (catalog, unit), actor, now)?
        }
        What::Accept { agent } if unit.load(&agent).left.is_gone() => {
            return Err(Fault::field("agent", format!("`{agent}` has left, says the directory of people")));
        }
        What::Accept { agent } => Command::Accept { agent },
        What::Decline { agent, reason } => Command::Decline { agent, reason },
        What::Task { task, act } => tasks::command(task, act, ticket, catalog, now)?,
        What::Update { subject, impact, urgency, fields } => {
            let fields = checked(ticket, catalog, fields)?;
            let (was, now) = (ticket.said(), urgency.unwrap_or(ticket.urgency));
            let said = match impact {
                Some(impact) => Said { impact, urgency: now, priority: catalog.matrix.priority(impact, now) },
                None => was,
            };
            // What the assets give nobody takes back but with them.
            let (pressing, priority) = ticket.assets.pressing(&said, now, &catalog.matrix);
            let is_said = impact.is_some() || urgency.is_some();
            let (impact, priority) = (impact.map(|_| pressing), is_said.then_some(priority));
            let mut update = Update { subject, impact, urgency, priority, fields, ..Update::default() };
            if update != Update::default() {
                clocks::promise(catalog, ticket, &mut update);
            }
            Command::Update(update)
        }
    })
}

/// Hands a ticket to a group, whose policy chooses the agent.
fn assign(
    ticket: &Ticket,
    group: &str,
    catalog: &Catalog,
    actor: &str,
    unit: &mut Unit<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    known(catalog, group)?;
    if !ticket.state.is_open() {
        return Err(Refusal::Over(ticket.state).into());
    }
    let because = vec![Because::ChosenBy(actor.to_owned())];
    dispatch::hand_to(catalog, unit, ticket.id, group, because, now);
    let is_same = unit.ticket(ticket.id).is_some_and(|it| it.version == ticket.version);
    if is_same { Err(Refusal::AlreadyThere.into()) } else { Ok(()) }
}

/// Gives a ticket to an agent, or to who stands in for them.
fn assign_to(
    group: String,
    agent: &str,
    (catalog, unit): (&Catalog, &Unit<'_>),
    actor: &str,
    now: Timestamp,
) -> Result<Command, Fault> {
    known(catalog, &group)?;
    members_only(catalog, &group, agent)?;
    let (agent, stands_in) = dispatch::stand_in(catalog, agent, |it| unit.load(it), now)?;
    let because = [Because::ChosenBy(actor.to_owned())].into_iter().chain(stands_in).collect();
    Ok(Command::Assign { group, agent: Some(agent), because })
}

pub(super) fn members_only(catalog: &Catalog, group: &str, agent: &str) -> Result<(), Fault> {
    if catalog.members(group).any(|it| it.id == agent) {
        return Ok(());
    }
    let members: Vec<_> = catalog.members(group).map(|it| it.id.as_str()).collect();
    let problem = format!("`{agent}` is not in group `{group}`; its agents are {}", members.join(", "));
    Err(Fault::field("agent", problem))
}

pub(super) fn known(catalog: &Catalog, group: &str) -> Result<(), Fault> {
    let unknown = || Fault::field("group", format!("no group `{group}` in the catalogue"));
    catalog.group(group).map(drop).ok_or_else(unknown)
}

fn checked(ticket: &Ticket, catalog: &Catalog, fields: Values) -> Result<Values, Fault> {
    let Some(template) = catalog.template_of(ticket) else { return Ok(fields) };
    let checked: Vec<_> =
        fields.into_iter().map(|(id, value)| (template.check_one(&id, value), id)).collect();
    let (good, bad): (Vec<_>, Vec<_>) = checked.into_iter().partition(|(it, _)| it.is_ok());
    if bad.is_empty() {
        return Ok(good.into_iter().filter_map(|(it, id)| Some((id, it.ok()?))).collect());
    }
    Err(bad_values(bad.into_iter().filter_map(|(it, id)| Some((id, it.err()?))).collect()))
}

pub(super) fn bad_values(bad: Vec<(String, crate::domain::field::BadValue)>) -> Fault {
    Fault::Malformed(
        bad.into_iter().map(|(id, why)| Violation::new(format!("fields.{id}"), why.to_string())).collect(),
    )
}

/// A template of which a ticket may be opened.
pub(super) fn to_open<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a Template, Fault> {
    let problem = match catalog.template(id) {
        Some(it) if !catalog.is_retired(it) => return Ok(it),
        Some(it) => format!("`{id}` is of the service `{}`, which is retired; name another one", it.service),
        None => format!("no template `{id}` in the catalogue"),
    };
    Err(Fault::field("template", problem))
}
