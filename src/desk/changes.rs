//! Changes: opened, planned, submitted, scheduled (`scheduling`) and reviewed; and what they have to do with what goes
//! wrong (`aftermath`). A change is a ticket; all else of its life is as of any ticket.
//!
//! All changes of a tenant lie in one partition, and a change is scheduled, or begun, only if the calendar, as the writer of
//! that partition sees it, has nothing in its time that could have to do with its assets and that collisions were not looked
//! for in. So two that are scheduled at the same moment do not slip past each other: the second one is looked at again, and
//! finds the first. Those that have nothing to do with each other do not wait for each other.

mod aftermath;
mod around;
mod beginning;
mod conflicts;
mod listing;
mod look;
mod scheduling;

use std::sync::Arc;

use super::{
    Desk,
    assets::{AssetRef, Register},
    command::{Change, What},
    content, digest,
    fault::{Fault, Violation},
    founding::{Founding, Way},
};
use crate::{
    domain::{
        catalog::Catalog,
        change::{ChangeType, Plan, Review, Span, assess},
        id::{Slot, TicketId},
        lookup::TicketRef,
        people::{Caller, Tenant},
        ticket::{Event, Relation, Ticket, TicketKind},
        time::Timestamp,
    },
    proto::v1,
    store::{Store, Unit},
};
pub use aftermath::Near;
pub use around::{Check, Collision};
pub use beginning::Beginning;
pub(super) use beginning::begins;
pub use conflicts::{Conflict, ConflictKind};
pub use listing::{Listed, Shown};
pub use scheduling::{Place, Placing, Wanted, place_of};
pub(super) use scheduling::{complete, is_ahead};

/// Changes, or incidents around them, that are read at once.
const READ: u32 = 500;

/// A change is opened of what it is to put an end to.
const OF_WHAT_IT_ENDS: Way = Way {
    kind: TicketKind::Change,
    not_of: &[TicketKind::Change],
    of: "incidents, requests or problems",
    field: "settles",
    relation: Relation::SettledBy,
};

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

    /// The change of an id or a number.
    async fn one(&self, which: &TicketRef) -> Result<Ticket, Fault> {
        let change = self.store.ticket(&self.tenant, which).await?.ok_or(Fault::NotFound("ticket"))?;
        change.as_change()?;
        Ok(change)
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

    /// Opens a change, and links to it what it is to put an end to.
    pub async fn open_change(&self, caller: &Caller, new: NewChange) -> Result<v1::Ticket, Fault> {
        let content = content::of_new_change(&new);
        let about = self.register(caller).named_links(&new.assets).await?;
        let NewChange { request, template, settles, subject, description, assets: _ } = new;
        let founding = Founding { request, content, template, of: settles, about, subject, description };
        self.open_of(caller, &OF_WHAT_IT_ENDS, founding).await
    }

    /// Asks for consent to a change; a standard one is scheduled.
    pub async fn submit_change(&self, caller: &Caller, change: Change) -> Result<v1::Ticket, Fault> {
        let found = self.find(caller, &change.ticket).await?;
        if found.change.as_ref().is_some_and(|it| it.plan.kind == ChangeType::Standard) {
            return self.schedule_change(caller, change, Wanted::default()).await;
        }
        self.change(caller, Change { what: What::Submit, ..change }).await
    }

    /// Changes that may be behind a ticket, the latest first, and whether there are more than are told.
    pub async fn recent_changes(
        &self,
        caller: &Caller,
        which: &TicketRef,
    ) -> Result<(Vec<Near>, bool), Fault> {
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

/// The time that a decision must know the calendar of.
pub(super) fn time_of(what: &What) -> Option<Span> {
    if let What::Begin(it) = what {
        return Some(it.span());
    }
    if let What::Schedule(it) = what { it.span() } else { None }
}

/// A plan as a change has it: checked against its template, and rated. Who plans something else than was planned before is
/// one of those who stand for it.
pub(super) fn planned(new: &NewPlan, change: &Ticket, catalog: &Catalog, actor: &str) -> Result<Plan, Fault> {
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
    let before = change.change.as_ref().map(|it| it.plan.clone()).unwrap_or_default();
    let authors = before.authors.clone();
    let plan = Plan { kind, implementation, test, back_out, window, answers, risk, authors };
    Ok(if plan.is_like(&before) { plan } else { plan.by(actor) })
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
