//! Changes: opened, planned, submitted, scheduled ([`scheduling`]) and reviewed; and what they have to do with what goes
//! wrong ([`around`]). A change is a ticket; all else of its life is as of any ticket.
//!
//! All changes of a tenant lie in one partition, and a change is scheduled only if the calendar, as the writer of that
//! partition sees it, is the one that collisions were looked for in. So two that are scheduled at the same moment do not slip
//! past each other: the second one is looked at again, and finds the first.

mod around;
mod scheduling;

use std::sync::Arc;

use super::{
    Desk,
    assets::{AssetRef, Register},
    command::{Change, NewTicket, What, Wish},
    content, digest,
    fault::{Fault, Violation},
};
use crate::{
    domain::{
        approval::agent_person,
        catalog::Catalog,
        change::{ChangeType, Plan, Review, Span, assess},
        id::{Slot, TicketId},
        lookup::TicketRef,
        people::{Caller, Tenant},
        template::Values,
        ticket::{AssetLink, Event, Relation, Ticket, TicketKind},
        time::Timestamp,
    },
    proto::v1,
    store::{Store, Unit},
};
pub use around::{Check, Collision, Near, Shown};
pub(super) use scheduling::complete;
pub use scheduling::{Placing, Wanted};

/// The template of changes of which nothing else is said.
const TEMPLATE: &str = "change";

/// A change to open.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// Request id.
    pub request: String,
    /// Id of a template of kind change; `change` if not said.
    pub template: Option<String>,
    /// Open tickets that it is to put an end to.
    pub settles: Vec<TicketRef>,
    /// Assets that it is about, besides those of these tickets.
    pub assets: Vec<AssetRef>,
    /// One line; the first ticket's if empty.
    pub subject: String,
    /// What is to be done.
    pub description: String,
}

/// What somebody wants to plan; empty texts of a standard change are its template's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewPlan {
    /// How it is carried out.
    pub implementation: String,
    /// How it is seen that it works.
    pub test: String,
    /// How it is taken back.
    pub back_out: String,
    /// When.
    pub window: Option<Span>,
    /// Ids of questions, and of the options chosen.
    pub answers: Vec<(String, String)>,
}

/// The changes of a tenant, to be looked at.
#[derive(Clone)]
pub struct Changes {
    store: Store,
    catalog: Arc<Catalog>,
    tenant: Tenant,
    register: Register,
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Changes {
    /// The changes of a tenant, as its catalogue has their rules and its register their assets.
    pub fn new(store: Store, catalog: Arc<Catalog>, tenant: Tenant, register: Register) -> Self {
        Self { store, catalog, tenant, register }
    }
}

/// Where all changes of a tenant belong.
pub(super) fn slot(tenant: &Tenant) -> Slot {
    Slot(digest(&["changes", tenant.as_str()])[0])
}

impl Desk {
    /// The changes of the caller's tenant.
    pub fn changes(&self, caller: &Caller) -> Changes {
        let (catalog, register) = (self.catalog(caller), self.register(caller));
        Changes::new(self.store.clone(), catalog, caller.tenant.clone(), register)
    }

    /// Opens a change, and links to it what it is to put an end to: one command for each, so that whoever asks again after
    /// a failure finds done what was done.
    pub async fn open_change(&self, caller: &Caller, new: NewChange) -> Result<v1::Ticket, Fault> {
        let catalog = self.catalog(caller);
        let template = new.template.clone().unwrap_or_else(|| TEMPLATE.to_owned());
        let is_change = catalog.template(&template).is_some_and(|it| it.kind == TicketKind::Change);
        if !is_change {
            let problem = format!("the catalogue has no template `{template}` of kind change");
            return Err(Fault::field("template", problem));
        }
        let settled = self.settled(caller, &new).await?;
        let mut about: Vec<AssetLink> = self.register(caller).named_links(&new.assets).await?;
        for it in settled.iter().flat_map(|it| &it.assets.links).filter(|it| it.how.is_about()) {
            if about.iter().all(|known| known.asset != it.asset) {
                about.push(AssetLink::new(it.asset, &it.tag, it.how));
            }
        }
        let requester = agent_person(&catalog, &caller.subject);
        let (subject, description) = worded(&new, &settled);
        let ticket = NewTicket {
            request: new.request.clone(),
            template,
            opened_by: Some(requester.clone()),
            requester,
            subject,
            description,
            fields: Values::new(),
            impact: settled.iter().map(|it| it.said().impact).max(),
            urgency: settled.iter().map(|it| it.urgency).max(),
        };
        let change = self.open_about(caller, ticket, about, content::of_new_change(&new)).await?;
        let which: TicketId = change.id.parse().map_err(|_| Fault::Unavailable)?;
        for ticket in &settled {
            self.settle(caller, &new.request, ticket.id, which).await?;
        }
        self.draw_at_once().await;
        let opened = self.find(caller, &TicketRef::Id(which)).await?;
        Ok(crate::proto::ticket::ticket_to(&opened))
    }

    /// What a new change is to put an end to; all that is wrong with it at once.
    async fn settled(&self, caller: &Caller, new: &NewChange) -> Result<Vec<Ticket>, Fault> {
        // A request that was done finds them as they are now.
        let is_done = self.store.is_done(&caller.tenant, &new.request).await?;
        let (mut found, mut wrong): (Vec<Ticket>, _) = (vec![], vec![]);
        for (at, which) in new.settles.iter().enumerate() {
            let ticket = self.store.ticket(&caller.tenant, which).await?;
            let problem = match &ticket {
                None => Some("there is no such ticket".to_owned()),
                Some(it) if it.kind == TicketKind::Change => {
                    Some(format!("{} is a change itself; name incidents, requests or problems", it.number))
                }
                Some(it) if !it.state.is_open() && !is_done => {
                    Some(format!("{} is {}; only open ones are linked", it.number, it.state.as_str()))
                }
                Some(_) => None,
            };
            wrong.extend(problem.map(|it| Violation::new(format!("settles[{at}]"), it)));
            let is_new = |it: &Ticket| found.iter().all(|known| known.id != it.id);
            found.extend(ticket.filter(is_new));
        }
        if found.is_empty() && wrong.is_empty() && new.description.trim().is_empty() {
            wrong.push(Violation::new("description", "is required where there are no tickets"));
        }
        if wrong.is_empty() { Ok(found) } else { Err(Fault::Malformed(wrong)) }
    }

    async fn settle(
        &self,
        caller: &Caller,
        request: &str,
        ticket: TicketId,
        change: TicketId,
    ) -> Result<(), Fault> {
        // No caller can send such an id.
        let request = format!("\u{1}change {request} {ticket}");
        let other = TicketRef::Id(change);
        let what = What::Tie(Wish::Link { relation: Relation::SettledBy, other });
        let change = Change { request, ticket: TicketRef::Id(ticket), what, expected: None };
        match self.change(caller, change).await {
            // Somebody linked or ended it meanwhile; the answer shows which are linked.
            Ok(_) | Err(Fault::Refused(_)) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Asks for consent to a change; a standard one is scheduled.
    pub async fn submit_change(&self, caller: &Caller, change: Change) -> Result<v1::Ticket, Fault> {
        let found = self.find(caller, &change.ticket).await?;
        if found.change.as_ref().is_some_and(|it| it.plan.kind == ChangeType::Standard) {
            return self.schedule_change(caller, change, Wanted::default()).await;
        }
        self.change(caller, Change { what: What::Submit, ..change }).await
    }

    /// Changes that may be behind a ticket, the latest first.
    pub async fn recent_changes(&self, caller: &Caller, which: &TicketRef) -> Result<Vec<Near>, Fault> {
        let ticket = self.find(caller, which).await?;
        self.changes(caller).recent(&ticket).await
    }

    /// Says how a change went, and closes it.
    pub async fn review_change(&self, caller: &Caller, change: Change) -> Result<v1::Ticket, Fault> {
        let ticket = self.change(caller, change).await?;
        self.draw_at_once().await;
        Ok(ticket)
    }
}

/// The subject and the description of a new change; what is not said is taken from what it is to put an end to.
fn worded(new: &NewChange, settled: &[Ticket]) -> (String, String) {
    let first = || settled.first().map(|it| it.subject.clone()).unwrap_or_default();
    let lines = settled.iter().map(|it| format!("{}: {}", it.number, it.subject));
    let subject = if new.subject.is_empty() { first() } else { new.subject.clone() };
    let is_silent = new.description.trim().is_empty();
    let description = if is_silent { lines.collect::<Vec<_>>().join("\n") } else { new.description.clone() };
    (subject, description)
}

/// A plan as a change has it: checked against its template, and rated.
pub(super) fn planned(new: &NewPlan, change: &Ticket, catalog: &Catalog) -> Result<Plan, Fault> {
    let kind = change.as_change()?;
    let practice = catalog.template_of(change).and_then(|it| it.change.clone()).unwrap_or_default();
    let mut wrong = vec![];
    for (at, (question, option)) in new.answers.iter().enumerate() {
        let Some(known) = practice.question(question) else {
            let ids: Vec<_> = practice.questions.iter().map(|it| it.id.as_str()).collect();
            let problem = format!("the template asks no `{question}`; it asks {}", list(&ids));
            wrong.push(Violation::new(format!("plan.answers[{at}].question"), problem));
            continue;
        };
        if !known.options.iter().any(|it| it.id == *option) {
            let ids: Vec<_> = known.options.iter().map(|it| it.id.as_str()).collect();
            let problem = format!("`{question}` has no option `{option}`; it has {}", list(&ids));
            wrong.push(Violation::new(format!("plan.answers[{at}].option"), problem));
        }
    }
    let texts = [
        ("implementation", &new.implementation, &practice.implementation),
        ("test", &new.test, &practice.test),
        ("back_out", &new.back_out, &practice.back_out),
    ];
    if kind == ChangeType::Standard {
        for (name, _, agreed) in texts.iter().filter(|it| !it.1.is_empty() && it.1 != it.2) {
            let problem = format!(
                "is not what was agreed to for a standard change: leave it empty for `{}`, or open a normal change",
                super::knowledge::shortened(agreed, 60)
            );
            wrong.push(Violation::new(format!("plan.{name}"), problem));
        }
    }
    if !wrong.is_empty() {
        return Err(Fault::Malformed(wrong));
    }
    let text = |new: &String, agreed: &String| {
        if kind == ChangeType::Standard { agreed.clone() } else { new.clone() }
    };
    let [implementation, test, back_out] = texts.map(|(_, new, agreed)| text(new, agreed));
    let (window, answers) = (new.window, new.answers.clone());
    let risk = assess(&practice.questions, &answers, &change.assets, &catalog.changes.risk);
    Ok(Plan { kind, implementation, test, back_out, window, answers, risk })
}

fn list(ids: &[&str]) -> String {
    if ids.is_empty() { "nothing".to_owned() } else { ids.join(", ") }
}

/// Rates a change anew, whose assets may be others than before.
pub(super) fn rate(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId) {
    let Some(ticket) = unit.ticket(id).filter(|it| it.state.is_open()) else { return };
    let (Some(record), Some(template)) = (&ticket.change, catalog.template_of(ticket)) else { return };
    let questions = template.change.as_ref().map_or(&[][..], |it| &it.questions);
    let risk = assess(questions, &record.plan.answers, &ticket.assets, &catalog.changes.risk);
    if risk != record.plan.risk {
        let plan = Plan { risk, ..record.plan.clone() };
        unit.record(id, Event::Planned(Box::new(plan)));
    }
}

/// What somebody says of a change that was carried out.
pub(super) fn reviewed(review: &Review, actor: &str) -> Review {
    Review { by: actor.to_owned(), ..review.clone() }
}

/// How long ago something was, in the largest unit that says enough.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    let minutes = (now.second() - then.second()).max(0) / 60;
    let (count, unit) = match minutes {
        0..=119 => (minutes, "minute"),
        120..=2_879 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}
