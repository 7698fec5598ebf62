//! Events of tickets, to and from the `fact` of a stored event.

use super::{
    approvals::{self, approval_fact_to},
    change::{plan_from, plan_to, review_from, review_to, schedule_from, schedule_to},
    clocks::{escalation_from, escalation_to, promised_from},
    diagnosis::{diagnosis_from, diagnosis_to},
    life::{moved_from, moved_to, tied_from, tied_to},
    offers::{offer_from, offer_to, passed_from, passed_to},
    survey::{asked_from, rated_from, surveyed_to},
    tasks::{change_from, change_to},
    ticket::{ticket_from, ticket_to, values_from, values_to},
    ticket_assets::{changed_from, changed_to},
    time::{time_from, time_to},
    understanding::{because_from, because_to, decision_from, decision_to},
    v1::{self, event::Fact},
    words,
};
use crate::domain::{
    assignment::Because,
    sla::{Due, SlaChoice},
    ticket::{Carried, Event, Update},
};

/// Stored bytes that this program cannot have written; names what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored {0} cannot be read; the database was written by another program or a newer version")]
pub struct Malformed(pub &'static str);

/// A ticket's event as a fact.
pub fn fact_to(event: &Event) -> Fact {
    match event {
        Event::Opened { ticket, decision } => Fact::TicketOpened(v1::TicketOpened {
            ticket: Some(ticket_to(ticket)),
            decision: Some(decision_to(decision)),
        }),
        Event::Assigned { group, agent, because } => Fact::TicketAssigned(v1::TicketAssigned {
            group: group.clone(),
            agent: agent.clone().unwrap_or_default(),
            because: because.iter().map(because_to).collect(),
        }),
        Event::Offered { offer, because } => Fact::TicketOffered(v1::TicketOffered {
            offer: Some(offer_to(offer)),
            because: because.iter().map(because_to).collect(),
        }),
        Event::Passed { passed, reason } => Fact::TicketOfferPassed(v1::TicketOfferPassed {
            passed: Some(passed_to(passed)),
            reason: reason.clone(),
        }),
        Event::Commented { author, text, internal, by_requester, carried } => {
            Fact::TicketCommented(v1::TicketCommented {
                author: author.clone(),
                text: text.clone(),
                internal: *internal,
                by_requester: *by_requester,
                carried_from: carried.as_ref().map(|it| it.number.clone()).unwrap_or_default(),
                said_time: carried.as_ref().map(|it| time_to(it.at)),
            })
        }
        Event::Moved(moved) => Fact::TicketMoved(moved_to(moved)),
        Event::Tied(tied) => tied_to(tied),
        Event::AssetsChanged(assets) => Fact::TicketAssetsChanged(changed_to(assets)),
        Event::Surveyed(it) => surveyed_to(it),
        Event::Diagnosed(it) => {
            Fact::TicketDiagnosed(v1::TicketDiagnosed { diagnosis: Some(diagnosis_to(it)) })
        }
        Event::Planned(it) => Fact::TicketPlanned(v1::TicketPlanned { plan: Some(plan_to(it)) }),
        Event::Scheduled(it) => {
            Fact::TicketScheduled(v1::TicketScheduled { schedule: Some(schedule_to(it)) })
        }
        Event::Reviewed(it) => Fact::TicketReviewed(v1::TicketReviewed { review: Some(review_to(it)) }),
        Event::Updated(update) => Fact::TicketUpdated(update_to(update)),
        Event::TaskChanged { task, change } => Fact::TicketTaskChanged(change_to(task, change)),
        Event::Escalated { fired, at, notify } => Fact::TicketEscalated(v1::TicketEscalated {
            escalation: Some(escalation_to(*fired)),
            reached_time: Some(time_to(*at)),
            notify: notify.iter().map(|it| words::whom_to(*it)).collect(),
        }),
        Event::Approval { event, tell } => approval_fact_to(event, tell),
    }
}

/// A ticket's event from a fact; `None` if the fact is of something else.
pub fn fact_from(fact: &Fact) -> Result<Option<Event>, Malformed> {
    Ok(Some(match fact {
        Fact::TicketOpened(it) => Event::Opened {
            ticket: Box::new(ticket_from(it.ticket.as_ref().ok_or(Malformed("ticket_opened.ticket"))?)?),
            decision: Box::new(decision_from(
                it.decision.as_ref().ok_or(Malformed("ticket_opened.decision"))?,
            )),
        },
        Fact::TicketAssigned(it) => Event::Assigned {
            group: it.group.clone(),
            agent: Some(it.agent.clone()).filter(|it| !it.is_empty()),
            because: it.because.iter().filter_map(because_from).collect::<Vec<Because>>(),
        },
        Fact::TicketOffered(it) => Event::Offered {
            offer: offer_from(it.offer.as_ref().ok_or(Malformed("ticket_offered.offer"))?)?,
            because: it.because.iter().filter_map(because_from).collect(),
        },
        Fact::TicketOfferPassed(it) => Event::Passed {
            passed: passed_from(it.passed.as_ref().ok_or(Malformed("ticket_offer_passed.passed"))?),
            reason: it.reason.clone(),
        },
        Fact::TicketCommented(it) => Event::Commented {
            author: it.author.clone(),
            text: it.text.clone(),
            internal: it.internal,
            by_requester: it.by_requester,
            carried: it
                .said_time
                .as_ref()
                .map(|at| Carried { number: it.carried_from.clone(), at: time_from(at) }),
        },
        Fact::TicketMoved(it) => Event::Moved(moved_from(it)?),
        Fact::TicketLinked(_)
        | Fact::TicketUnlinked(_)
        | Fact::TicketWatched(_)
        | Fact::TicketAttached(_)
        | Fact::TicketDetached(_) => return tied_from(fact),
        Fact::TicketAssetsChanged(it) => Event::AssetsChanged(changed_from(it)?),
        Fact::TicketDiagnosed(it) => {
            let known = it.diagnosis.as_ref().ok_or(Malformed("ticket_diagnosed.diagnosis"))?;
            Event::Diagnosed(Box::new(diagnosis_from(known)))
        }
        Fact::TicketPlanned(it) => {
            let plan = it.plan.as_ref().ok_or(Malformed("ticket_planned.plan"))?;
            Event::Planned(Box::new(plan_from(plan)?))
        }
        Fact::TicketScheduled(it) => {
            let schedule = it.schedule.as_ref().ok_or(Malformed("ticket_scheduled.schedule"))?;
            Event::Scheduled(Box::new(schedule_from(schedule)?))
        }
        Fact::TicketReviewed(it) => {
            let review = it.review.as_ref().ok_or(Malformed("ticket_reviewed.review"))?;
            Event::Reviewed(Box::new(review_from(review)?))
        }
        Fact::TicketSurveyAsked(it) => asked_from(it)?,
        Fact::TicketRated(it) => rated_from(it)?,
        Fact::TicketUpdated(it) => Event::Updated(update_from(it)),
        Fact::TicketTaskChanged(it) => Event::TaskChanged { task: it.task.clone(), change: change_from(it)? },
        Fact::TicketEscalated(it) => Event::Escalated {
            fired: escalation_from(it.escalation.as_ref().ok_or(Malformed("ticket_escalated.escalation"))?)?,
            at: it.reached_time.as_ref().map(time_from).ok_or(Malformed("ticket_escalated.reached_time"))?,
            notify: it.notify.iter().filter_map(|it| words::whom_from(*it)).collect(),
        },
        Fact::ApprovalAsked(it) => approvals::asked(it)?,
        Fact::ApprovalVoted(it) => approvals::voted(it)?,
        Fact::ApprovalHanded(it) => approvals::handed(it)?,
        Fact::ApprovalReminded(it) => approvals::reminded(it),
        Fact::ApprovalExpired(it) => approvals::expired(it),
        Fact::ApprovalStepEnded(it) => approvals::step_ended(it)?,
        Fact::ApprovalRestarted(it) => approvals::restarted(it)?,
        Fact::ApprovalEnded(it) => approvals::ended(it)?,
        Fact::TurnTaken(_)
        | Fact::CatalogApplied(_)
        | Fact::AgentPresenceChanged(_)
        | Fact::PersonChanged(_)
        | Fact::ArticleChanged(_)
        | Fact::ArticleUsed(_)
        | Fact::WaveChanged(_)
        | Fact::WaveJoined(_)
        | Fact::ImprovementChanged(_)
        | Fact::WaveLeft(_)
        | Fact::AssetChanged(_) => return Ok(None),
    }))
}

fn update_to(it: &Update) -> v1::TicketUpdated {
    v1::TicketUpdated {
        subject: it.subject.clone(),
        impact: it.impact.map_or(0, words::impact_to),
        urgency: it.urgency.map_or(0, words::urgency_to),
        priority: it.priority.map_or(0, words::priority_to),
        promised_priority: it.promised.map_or(0, |it| words::priority_to(it.priority)),
        promised_urgency: it.promised.map_or(0, |it| words::urgency_to(it.urgency)),
        fields: values_to(&it.fields),
        response_due: it.due.and_then(|it| it.response).map(time_to),
        resolution_due: it.due.and_then(|it| it.resolution).map(time_to),
        due_changed: it.due.is_some(),
        next_response_due: it.due.and_then(|it| it.next_response).map(time_to),
        next_look_time: it.due.and_then(|it| it.look).map(time_to),
        catalog_version: it.catalog,
        sla_policy: it.sla.as_ref().map(|it| it.policy.clone()).unwrap_or_default(),
        sla_rule: it.sla.as_ref().and_then(|it| it.rule.clone()).unwrap_or_default(),
        update_due: it.due.and_then(|it| it.update).map(time_to),
        ola_due: it.due.and_then(|it| it.ola).map(time_to),
        contract_due: it.due.and_then(|it| it.contract).map(time_to),
    }
}

fn update_from(it: &v1::TicketUpdated) -> Update {
    let due = Due {
        response: it.response_due.as_ref().map(time_from),
        next_response: it.next_response_due.as_ref().map(time_from),
        resolution: it.resolution_due.as_ref().map(time_from),
        update: it.update_due.as_ref().map(time_from),
        ola: it.ola_due.as_ref().map(time_from),
        contract: it.contract_due.as_ref().map(time_from),
        look: it.next_look_time.as_ref().map(time_from),
    };
    Update {
        subject: it.subject.clone(),
        impact: words::impact_from(it.impact),
        urgency: words::urgency_from(it.urgency),
        priority: words::priority_from(it.priority),
        promised: promised_from(it.promised_urgency, it.promised_priority),
        fields: values_from(&it.fields),
        // Events from before there was the mark have a due time if it changed.
        due: Some(due).filter(|due| it.due_changed || *due != Due::default()),
        sla: Some(&it.sla_policy).filter(|it| !it.is_empty()).map(|policy| SlaChoice {
            policy: policy.clone(),
            rule: Some(it.sla_rule.clone()).filter(|it| !it.is_empty()),
        }),
        catalog: it.catalog_version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn due_times_that_vanish_are_told_from_those_that_stay() {
        let some = Due { resolution: Some(Timestamp(7000)), ..Due::default() };
        for due in [None, Some(Due::default()), Some(some)] {
            let event = Event::Updated(Update { due, ..Update::default() });
            assert_eq!(fact_from(&fact_to(&event)).unwrap(), Some(event));
        }
        let old = v1::TicketUpdated { resolution_due: some.resolution.map(time_to), ..Default::default() };
        assert_eq!(update_from(&old).due, Some(some));
    }
}
