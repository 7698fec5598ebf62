//! Tickets that are opened of others: a problem of the incidents that it causes, a change of what it is to put an end to.

use super::{
    Desk,
    command::{Change, NewTicket, What, Wish},
    fault::{Fault, Violation},
};
use crate::{
    domain::{
        approval::agent_person,
        id::TicketId,
        lookup::TicketRef,
        people::Caller,
        template::Values,
        ticket::{AssetLink, Relation, Ticket, TicketKind},
    },
    proto::v1,
};

/// What is opened of others, and how it is told of them.
pub(super) struct Way {
    /// Which kind is opened.
    pub(super) kind: TicketKind,
    /// Kinds that it is not opened of.
    pub(super) not_of: &'static [TicketKind],
    /// What it is opened of, in words.
    pub(super) of: &'static str,
    /// The field of the request that names them.
    pub(super) field: &'static str,
    /// What the new one is to them.
    pub(super) relation: Relation,
}

/// A ticket to open of others.
pub(super) struct Founding {
    /// Request id.
    pub(super) request: String,
    /// Hash of the request.
    pub(super) content: [u8; 32],
    /// Id of a template; the one that is called as the kind, if not said.
    pub(super) template: Option<String>,
    /// What it is opened of: open tickets.
    pub(super) of: Vec<TicketRef>,
    /// Assets that it is about, besides those of these tickets.
    pub(super) about: Vec<AssetLink>,
    /// One line; the first one's if empty.
    pub(super) subject: String,
    /// What there is to say; if nothing, what it is opened of.
    pub(super) description: String,
}

impl Desk {
    /// Opens a ticket of others, and links them to it: one command for each, so that whoever asks again after a failure
    /// finds done what was done.
    pub(super) async fn open_of(
        &self,
        caller: &Caller,
        way: &Way,
        new: Founding,
    ) -> Result<v1::Ticket, Fault> {
        let catalog = self.catalog(caller);
        let template = new.template.clone().unwrap_or_else(|| way.kind.as_str().to_owned());
        if catalog.template(&template).is_none_or(|it| it.kind != way.kind) {
            let kind = way.kind.as_str();
            let problem = format!("the catalogue has no template `{template}` of kind {kind}");
            return Err(Fault::field("template", problem));
        }
        let founders = self.founders(caller, way, &new).await?;
        let requester = agent_person(&catalog, &caller.subject);
        let (subject, description) = worded(&new, &founders);
        let ticket = NewTicket {
            request: new.request.clone(),
            template,
            opened_by: Some(requester.clone()),
            requester,
            subject,
            description,
            fields: Values::new(),
            impact: founders.iter().map(|it| it.said().impact).max(),
            urgency: founders.iter().map(|it| it.urgency).max(),
        };
        let mut about = new.about.clone();
        for it in founders.iter().flat_map(|it| &it.assets.links).filter(|it| it.how.is_about()) {
            if about.iter().all(|known| known.asset != it.asset) {
                about.push(AssetLink::new(it.asset, &it.tag, it.how));
            }
        }
        let opened = self.open_about(caller, ticket, about, new.content).await?;
        let which: TicketId = opened.id.parse().map_err(|_| Fault::Unavailable)?;
        for it in &founders {
            self.link_founder(caller, way, &new.request, (it.id, which)).await?;
        }
        self.draw_at_once().await;
        let opened = self.find(caller, &TicketRef::Id(which)).await?;
        Ok(crate::proto::ticket::ticket_to(&opened))
    }

    /// What it is opened of; all that is wrong with it at once.
    async fn founders(&self, caller: &Caller, way: &Way, new: &Founding) -> Result<Vec<Ticket>, Fault> {
        // A request that was done finds them as they are now.
        let is_done = self.store.is_done(&caller.tenant, &new.request).await?;
        let (mut found, mut wrong): (Vec<Ticket>, _) = (vec![], vec![]);
        for (at, which) in new.of.iter().enumerate() {
            let ticket = self.store.ticket(&caller.tenant, which).await?;
            let problem = match &ticket {
                None => Some("there is no such ticket".to_owned()),
                Some(it) if way.not_of.contains(&it.kind) => {
                    Some(format!("{} is a {} itself; name {}", it.number, it.kind.as_str(), way.of))
                }
                Some(it) if !it.state.is_open() && !is_done => {
                    Some(format!("{} is {}; only open ones are linked", it.number, it.state.as_str()))
                }
                Some(_) => None,
            };
            wrong.extend(problem.map(|it| Violation::new(format!("{}[{at}]", way.field), it)));
            let is_new = |it: &Ticket| found.iter().all(|known| known.id != it.id);
            found.extend(ticket.filter(is_new));
        }
        if found.is_empty() && wrong.is_empty() && new.description.trim().is_empty() {
            let problem = format!("is required where `{}` names nothing", way.field);
            wrong.push(Violation::new("description", problem));
        }
        if wrong.is_empty() { Ok(found) } else { Err(Fault::Malformed(wrong)) }
    }

    async fn link_founder(
        &self,
        caller: &Caller,
        way: &Way,
        request: &str,
        (of, opened): (TicketId, TicketId),
    ) -> Result<(), Fault> {
        // No caller can send such an id.
        let request = format!("\u{1}{} {request} {of}", way.kind.as_str());
        let what = What::Tie(Wish::Link { relation: way.relation, other: TicketRef::Id(opened) });
        match self.change(caller, Change { request, ticket: TicketRef::Id(of), what, expected: None }).await {
            // Somebody linked or ended it meanwhile; the answer shows which are linked.
            Ok(_) | Err(Fault::Refused(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }
}

/// The subject and the description; what is not said is taken from what it is opened of.
fn worded(new: &Founding, of: &[Ticket]) -> (String, String) {
    let first = || of.first().map(|it| it.subject.clone()).unwrap_or_default();
    let lines = of.iter().map(|it| format!("{}: {}", it.number, it.subject));
    let subject = if new.subject.is_empty() { first() } else { new.subject.clone() };
    let is_silent = new.description.trim().is_empty();
    let description = if is_silent { lines.collect::<Vec<_>>().join("\n") } else { new.description.clone() };
    (subject, description)
}
