//! Making a ticket out of what is known: priority, route, due times, number, all in one event.

use super::{
    clocks,
    dispatch::{self, Line},
};
use crate::{
    domain::{
        approval,
        assignment::{Because, Decision, Gate, Understanding},
        catalog::Catalog,
        change::Record,
        id::{ConversationId, TicketId},
        lifecycle::State,
        people::{Language, Person},
        sla::{ClockState, Due, SlaChoice},
        task,
        template::{Template, Values},
        ticket::{Asked, Course, Event, Link, Offering, Said, Ticket, TicketAssets, Ties, subject_of},
        time::Timestamp,
    },
    routing::{self, Facts, priority::Rating},
    store::Unit,
};

/// What a ticket is made of.
pub(super) struct Opening<'a> {
    pub(super) id: TicketId,
    pub(super) template: &'a Template,
    pub(super) requester: &'a Person,
    pub(super) language: Language,
    pub(super) subject: &'a str,
    pub(super) description: &'a str,
    pub(super) fields: Values,
    pub(super) rating: Rating,
    pub(super) gate: Option<Gate>,
    pub(super) understanding: Option<&'a Understanding>,
    pub(super) conversation: Option<ConversationId>,
    pub(super) asked: Asked,
    pub(super) at: Timestamp,
    /// Tickets that it comes from.
    pub(super) links: Vec<Link>,
    /// Assets that it is about, and what hangs on them.
    pub(super) assets: TicketAssets,
}

impl Opening<'_> {
    /// Records the opening.
    pub(super) fn record(self, catalog: &Catalog, unit: &mut Unit<'_>) {
        let (impact, urgency, priority) = self.rating;
        let said = Said { impact, urgency, priority };
        let (impact, priority) = self.assets.pressing(&said, urgency, &catalog.matrix);
        let facts = Facts {
            template: self.template,
            fields: &self.fields,
            text: self.description,
            language: self.language,
            impact,
            urgency,
            priority,
            gate: self.gate,
            understanding: self.understanding,
            asked: &self.asked,
            assets: &self.assets.links,
        };
        let (group, why_group) = routing::group(catalog, &facts);
        let line =
            [self.subject, self.description, &self.template.label.en].into_iter().find(|it| !it.is_empty());
        let plan = self.template.change.as_ref().map(|it| it.plan(&self.assets, &catalog.changes.risk));
        let change = plan.map(|plan| Box::new(Record { plan, ..Record::default() }));
        let mut ticket = Ticket {
            id: self.id,
            number: unit.number(self.template.kind),
            kind: self.template.kind,
            // A person must look first: nobody has taken it yet.
            state: if self.gate == Some(Gate::Person) { State::New } else { State::Assigned },
            template: self.template.id.clone(),
            template_version: self.template.version,
            service: self.template.service.clone(),
            subject: subject_of(line.unwrap_or_default()),
            description: self.description.to_owned(),
            requester: self.requester.clone(),
            language: self.language,
            tasks: task::tasks(&self.template.steps, &self.fields),
            fields: self.fields,
            impact,
            urgency,
            priority,
            group,
            agent: None,
            offering: Offering::default(),
            hold: None,
            resolution: String::new(),
            opened: self.at,
            updated: self.at,
            sla: self.template.sla.clone(),
            due: Due::default(),
            clocks: ClockState::default(),
            responded: None,
            resolved: None,
            version: 1,
            conversation: self.conversation,
            comments: 0,
            asked: self.asked,
            course: Course::default(),
            ties: Ties { links: self.links, ..Ties::default() },
            approval: None,
            assets: self.assets.saying(said),
            diagnosis: None,
            change,
            survey: None,
        };
        if let Some(SlaChoice { policy, rule }) = catalog.another_sla(&ticket) {
            ticket.sla = policy;
            ticket.clocks.rule = rule;
        }
        // Consent to a change is asked for when it is planned.
        let plan = self.template.approval.as_ref().filter(|_| ticket.change.is_none());
        let approval =
            plan.and_then(|it| approval::begin(it, &self.template.prices, &ticket.fields, catalog.version));
        let decision = |ticket: &Ticket, because: Vec<Because>, load_seen| Decision {
            group: ticket.group.clone(),
            agent: ticket.agent.clone(),
            because,
            gate: self.gate,
            understanding: self.understanding.cloned(),
            catalog: catalog.version,
            load_seen,
        };
        if let Some(approval) = approval {
            // Nobody gets it before it is granted.
            let mut ticket = ticket.awaiting(approval);
            ticket.due = catalog.due(&ticket);
            let decision = Box::new(decision(&ticket, vec![why_group], 0));
            return unit.record(self.id, Event::Opened { ticket: Box::new(ticket), decision });
        }
        ticket.due = catalog.due(&ticket);
        let chosen = dispatch::choose(catalog, unit, &ticket, Line::Last, self.at);
        let because = vec![why_group, chosen.because];
        if let Some(agent) = &chosen.agent {
            dispatch::hold_to(unit, agent, chosen.capacity);
        }
        let offer = dispatch::offers(catalog, &ticket.group)
            .zip(chosen.agent.clone())
            .map(|(seconds, agent)| dispatch::offer(agent, seconds, self.at));
        ticket.agent = chosen.agent.filter(|_| offer.is_none());
        let decision = decision(&ticket, because.clone(), chosen.load);
        unit.record(self.id, Event::Opened { ticket: Box::new(ticket), decision: Box::new(decision) });
        if let Some(offer) = offer {
            unit.record(self.id, Event::Offered { offer, because });
            clocks::settle(catalog, unit, self.id);
        }
    }
}
