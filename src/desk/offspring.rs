//! Tickets that come of tickets: a part that becomes one of its own, and one that goes on where another ended. Both are
//! the same requester's, so both sides of the link are one transaction.

use std::sync::Arc;

use super::{
    Desk,
    approvals::Approvals,
    assets::Weighed,
    catalogs::InUse,
    command::{FollowUp, Part, Split},
    content,
    fault::Fault,
    hear::told,
    open::Opening,
    tickets::{bad_values, encoded, to_open, work},
};
use crate::{
    clock,
    domain::{
        catalog::{Catalog, FALLBACK},
        id::TicketId,
        people::Caller,
        template::{Template, Values, set},
        ticket::{AssetLink, Event, Relation, Ticket, TicketAssets, TicketKind, Tied},
        time::Timestamp,
    },
    proto::v1::{self, event::Fact},
    store::{Unit, Work},
};

/// A ticket to open from another one.
struct Offspring<'a> {
    id: TicketId,
    /// What the other one is to it.
    relation: Relation,
    template: &'a Template,
    subject: &'a str,
    text: &'a str,
    fields: Values,
    /// Assets that it is about.
    assets: TicketAssets,
    at: Timestamp,
}

impl Desk {
    /// Makes a ticket of a part of another one.
    pub async fn split(&self, caller: &Caller, split: Split) -> Result<v1::Ticket, Fault> {
        let found = self.find(caller, &split.ticket).await?;
        let text = match &split.part {
            Part::Text(text) => text.clone(),
            Part::Comment(position) => self.said(caller, &found, *position).await?,
        };
        let weighed = self.split_assets(caller, &found, &split).await?;
        let (old, content) = (found.id, content::of_split(found.id, &split));
        let (work, id) = self.birth(caller, old, &split.request, content);
        let (at, InUse { catalog, .. }) = (work.at, self.in_use(caller));
        let (phrases, assets) = (Arc::clone(&self.phrases), weighed.assets.clone());
        let decide = move |unit: &mut Unit<'_>| {
            let ticket = unit.ticket(old).ok_or(Fault::NotFound("ticket"))?.clone();
            if let Some(expected) = split.expected.filter(|it| *it != ticket.version) {
                return Err(Fault::Stale { what: "ticket", expected, current: ticket.version });
            }
            ticket.may_have(Relation::SplitInto)?;
            let template = template(&catalog, &ticket, split.template.as_deref())?;
            let fields = fields(template, &ticket, &split)?;
            let (relation, subject) = (Relation::SplitFrom, split.subject.as_str());
            let assets = assets.clone();
            Offspring { id, relation, template, subject, text: &text, fields, assets, at }
                .record(&ticket, &catalog, unit);
            Approvals { catalog: &catalog, phrases: &phrases, at }.open(unit, id);
            encoded(unit, id)
        };
        let ticket = self.commit(work, decide).await?;
        self.keep_since(caller, id, weighed.seen).await?;
        Ok(ticket)
    }

    /// The assets of a part: of what stands in its fields what the other ticket is about, as it came there, and what the
    /// split names anew.
    async fn split_assets(&self, caller: &Caller, old: &Ticket, split: &Split) -> Result<Weighed, Fault> {
        let is_alike = split.template.as_ref().is_none_or(|it| *it == old.template);
        let mut known = if is_alike { old.fields.clone() } else { Values::new() };
        for (id, value) in &split.fields {
            set(&mut known, id, value.clone());
        }
        let register = self.register(caller);
        let anew = |field: &str| split.fields.iter().any(|(id, _)| id == field);
        let mut links = vec![];
        for link in register.links_of(&known).await? {
            let there = old.assets.links.iter().find(|it| it.asset == link.asset && it.how.is_about());
            let how = there.map(|it| it.how).or(anew(&link.because).then_some(link.how));
            links.extend(how.map(|how| AssetLink { how, ..link }));
        }
        register.weigh(links).await
    }

    /// Opens a ticket that goes on where another one ended.
    pub async fn follow_up(&self, caller: &Caller, it: FollowUp) -> Result<v1::Ticket, Fault> {
        let found = self.find(caller, &it.ticket).await?;
        let about = found.assets.links.iter().filter(|it| it.how.is_about()).cloned().collect();
        let weighed = self.register(caller).weigh(about).await?;
        let (old, content) = (found.id, content::of_follow_up(found.id, &it));
        let (work, id) = self.birth(caller, old, &it.request, content);
        let (at, InUse { catalog, .. }) = (work.at, self.in_use(caller));
        let (phrases, assets) = (Arc::clone(&self.phrases), weighed.assets.clone());
        let decide = move |unit: &mut Unit<'_>| {
            let ticket = unit.ticket(old).ok_or(Fault::NotFound("ticket"))?.clone();
            ticket.may_have(Relation::FollowedBy)?;
            let template = template(&catalog, &ticket, None)?;
            let (relation, fields) = (Relation::Follows, taken_along(template, &ticket));
            let assets = assets.clone();
            Offspring { id, relation, template, subject: "", text: &it.text, fields, assets, at }
                .record(&ticket, &catalog, unit);
            Approvals { catalog: &catalog, phrases: &phrases, at }.open(unit, id);
            encoded(unit, id)
        };
        let ticket = self.commit(work, decide).await?;
        self.keep_since(caller, id, weighed.seen).await?;
        Ok(ticket)
    }

    /// Work that opens a ticket beside another one, and the new one's identity.
    fn birth(&self, caller: &Caller, old: TicketId, request: &str, content: [u8; 32]) -> (Work, TicketId) {
        let InUse { holders, .. } = self.in_use(caller);
        let work = Work { slot: old.slot(), ..work(caller, holders, request, vec![old], content) };
        (work, TicketId::new(clock::new_bytes(), old.slot()))
    }

    /// What was said on a ticket by the event at a position.
    async fn said(&self, caller: &Caller, ticket: &Ticket, position: u64) -> Result<String, Fault> {
        let before = position.saturating_sub(1);
        let events = self.store.history(&caller.tenant, ticket.id, before, 1).await?;
        let event = events.into_iter().next().filter(|it| it.position == position);
        let wrong = |problem: &str| Err(Fault::field("comment_position", problem));
        match event.and_then(|it| it.fact) {
            // The requester reads what their ticket is about.
            Some(Fact::TicketCommented(it)) if it.internal => {
                wrong("is a note among agents, which the requester must not read; say it in `text`")
            }
            Some(Fact::TicketCommented(it)) => Ok(it.text),
            Some(_) | None => {
                wrong("is not the position of a comment of this ticket; ListTicketEvents tells them")
            }
        }
    }
}

impl Offspring<'_> {
    /// Opens it, and links the two.
    fn record(self, old: &Ticket, catalog: &Catalog, unit: &mut Unit<'_>) {
        let (impact, urgency) = self.template.stated(&self.fields);
        // What the assets of the other one give it gets by its own.
        let said = old.said();
        let (impact, urgency) = if self.template.id == old.template {
            (said.impact.max(impact), said.urgency.max(urgency))
        } else {
            (impact, urgency)
        };
        let is_as_said = (impact, urgency) == (said.impact, said.urgency);
        let priority = if is_as_said { said.priority } else { catalog.matrix.priority(impact, urgency) };
        Opening {
            id: self.id,
            template: self.template,
            requester: &old.requester,
            language: told(self.text).unwrap_or(old.language),
            subject: self.subject,
            description: self.text,
            fields: self.fields,
            rating: (impact, urgency, priority),
            gate: None,
            understanding: None,
            conversation: None,
            asked: old.asked.clone(),
            at: self.at,
            links: vec![old.as_link(self.relation)],
            assets: self.assets,
        }
        .record(catalog, unit);
        link_back(unit, old.id, self.id, self.relation.inverse());
    }
}

/// Lets the ticket that a new one comes from show it.
pub(super) fn link_back(unit: &mut Unit<'_>, old: TicketId, new: TicketId, relation: Relation) {
    if let Some(link) = unit.ticket(new).map(|it| it.as_link(relation)) {
        unit.record(old, Event::Tied(Tied::Linked(link)));
    }
}

/// The template that is named, or else the ticket's own; one that has left the catalogue has a successor for what fits
/// no other.
fn template<'a>(catalog: &'a Catalog, ticket: &Ticket, named: Option<&str>) -> Result<&'a Template, Fault> {
    if let Some(named) = named {
        let template = to_open(catalog, named)?;
        if template.kind == TicketKind::Change && ticket.kind != TicketKind::Change {
            return Err(Fault::field("template", "is one for changes; open a change with OpenChange"));
        }
        return Ok(template);
    }
    let own = catalog.template(&ticket.template).filter(|it| !catalog.is_retired(it));
    let own = own.or_else(|| catalog.template(FALLBACK));
    own.ok_or(Fault::NotFound("template"))
}

/// The values of a ticket that fit a template.
fn taken_along(template: &Template, ticket: &Ticket) -> Values {
    if template.id != ticket.template {
        return Values::new();
    }
    let fits = |(id, value): &&(String, _)| template.check_one(id, Clone::clone(value)).is_ok();
    ticket.fields.iter().filter(fits).cloned().collect()
}

/// The values of a split. What the requester could not tell of the ticket is not asked for again; another template
/// needs all of its own.
fn fields(template: &Template, ticket: &Ticket, split: &Split) -> Result<Values, Fault> {
    if template.id != ticket.template {
        return template.check(split.fields.clone()).map_err(bad_values);
    }
    let (mut values, mut bad) = (taken_along(template, ticket), vec![]);
    for (id, value) in &split.fields {
        match template.check_one(id, value.clone()) {
            Ok(value) => set(&mut values, id, value),
            Err(why) => bad.push((id.clone(), why)),
        }
    }
    if bad.is_empty() { Ok(values) } else { Err(bad_values(bad)) }
}
