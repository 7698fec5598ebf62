//! What a catalogue promises for a ticket: which policy, in which hours, what its group and its supplier have agreed
//! to, and what is due therefore.

use super::Catalog;
use crate::domain::{
    approval,
    calendar::Calendar,
    condition::Known,
    lifecycle::State,
    sla::{self, Due, Goal, Outcome, SlaChoice, SlaPolicy, Supplier, Terms},
    template::Template,
    ticket::Ticket,
};

impl Catalog {
    /// The policy for what is known of a ticket: that of the first rule that holds, else that of the template that it
    /// is opened from. `None` if that is not known.
    pub fn choose_sla(&self, known: &Known<'_>, template: Option<&Template>) -> Option<SlaChoice> {
        let rule = self.sla_rules.iter().find(|rule| rule.when.iter().all(|it| it.holds(known)));
        match rule {
            Some(rule) => Some(SlaChoice { policy: rule.policy.clone(), rule: Some(rule.id.clone()) }),
            None => template.map(|it| SlaChoice { policy: it.sla.clone(), rule: None }),
        }
    }

    /// The policy that a ticket is to fall under from now on, if that is another one or chosen by another rule. Work
    /// that is done stays under the one that it was done under.
    pub fn another_sla(&self, ticket: &Ticket) -> Option<SlaChoice> {
        let chosen = self.choose_sla(&ticket.known(), self.template_of(ticket));
        let chosen = chosen.filter(|_| ticket.state.is_open())?;
        let is_same = chosen.policy == ticket.sla && chosen.rule == ticket.clocks.rule;
        (!is_same).then_some(chosen)
    }

    /// An SLA policy.
    pub fn policy(&self, id: &str) -> Option<&SlaPolicy> {
        self.policies.iter().find(|it| it.id == id)
    }

    /// The supplier behind a template, else the one behind a service.
    pub fn supplier(&self, template: &str, service: &str) -> Option<&Supplier> {
        let behind = |ids: &[String], id: &str| ids.iter().any(|it| it == id);
        let of_template = self.suppliers.iter().find(|it| behind(&it.templates, template));
        of_template.or_else(|| self.suppliers.iter().find(|it| behind(&it.services, service)))
    }

    /// What is agreed for a ticket.
    pub fn terms(&self, ticket: &Ticket) -> Terms<'_> {
        let ola = self.group(&ticket.group).and_then(|it| it.ola.as_ref());
        let contract = self.supplier(&ticket.template, &ticket.service);
        Terms {
            policy: self
                .sla(&ticket.sla)
                .map(|(policy, usual)| (policy, self.hours_for(policy, ticket, usual))),
            ola: ola.and_then(|it| Some((it, self.hours(&it.calendar)?))),
            contract: contract.and_then(|it| Some((it, self.hours(&it.contract.calendar)?))),
        }
    }

    fn hours_for<'a>(&'a self, policy: &SlaPolicy, ticket: &Ticket, usual: &'a Calendar) -> &'a Calendar {
        policy.calendar_at(&ticket.fields).and_then(|it| self.hours(it)).unwrap_or(usual)
    }

    /// Whether a ticket had a goal that ended: its group may have no agreement, its policy no such target.
    pub fn measures(&self, ticket: &Ticket, ended: &Outcome) -> bool {
        let target = self.policy(&ended.policy).map(|it| it.targets[ended.priority as usize]);
        match ended.goal {
            Goal::Response | Goal::Resolution => target.is_some(),
            Goal::NextResponse => target.is_some_and(|it| it.next_response.is_some()),
            Goal::Update => target.is_some_and(|it| it.update.is_some()),
            Goal::Ola => self.group(&ended.group).is_some_and(|it| it.ola.is_some()),
            Goal::Contract => self.supplier(&ticket.template, &ticket.service).is_some(),
        }
    }

    /// The due times of a ticket as it stands, and when the desk must look at it: for its clocks, because an offer
    /// ends, or because it goes on after it was on hold.
    pub fn due(&self, ticket: &Ticket) -> Due {
        let due = self.promised(ticket);
        let offered = ticket.offering.to.as_ref().map(|it| it.until);
        let approval = approval::look(ticket, self);
        Due {
            look: due.look.into_iter().chain(offered).chain(approval).chain(ticket.course.resume).min(),
            ..due
        }
    }

    /// Those of work that is done stay as they were, whatever becomes of the catalogue. A policy that has left it
    /// promises nothing new and takes nothing back.
    fn promised(&self, ticket: &Ticket) -> Due {
        if matches!(ticket.state, State::Closed | State::Cancelled) {
            return Due { look: None, ..ticket.due };
        }
        let terms = self.terms(ticket);
        let due = sla::reckon(ticket, &terms);
        let kept = ticket.due;
        let due = if terms.policy.is_some() {
            due
        } else {
            Due {
                response: kept.response,
                next_response: kept.next_response,
                update: kept.update,
                resolution: kept.resolution,
                ..due
            }
        };
        // The first answer keeps the promise that held when it was given, whatever priority comes later.
        let due = match ticket.responded {
            Some(_) => Due { response: kept.response.or(due.response), ..due },
            None => due,
        };
        if ticket.state.is_open() {
            return due;
        }
        Due {
            response: kept.response.or(due.response),
            resolution: kept.resolution.or(due.resolution),
            ola: kept.ola.or(due.ola),
            contract: kept.contract.or(due.contract),
            ..due
        }
    }
}
