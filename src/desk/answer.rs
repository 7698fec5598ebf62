//! The answer to a message in the contract's words.

use super::command::Message;
use crate::{
    conversation::reply::{Expecting, Reply},
    domain::{assignment::Understanding, id::ConversationId, ticket::Ticket},
    model::verdict::{Scored, Verdict},
    proto::{v1, words},
};

/// What an employee should see of a ticket.
pub(super) fn summary(ticket: &Ticket) -> v1::TicketSummary {
    v1::TicketSummary {
        id: ticket.id.to_string(),
        number: ticket.number.clone(),
        template: ticket.template.clone(),
        group: ticket.group.clone(),
        agent: ticket.agent.clone().unwrap_or_default(),
        priority: words::priority_to(ticket.priority),
        state: words::state_to(ticket.state),
        resolution_due: ticket.due.resolution.map(|it| it.rfc3339()).unwrap_or_default(),
        subject: ticket.subject.clone(),
    }
}

/// The whole answer.
pub(super) fn response(
    message: &Message,
    conversation: ConversationId,
    reply: Reply,
    ticket: Option<v1::TicketSummary>,
    understanding: v1::Understanding,
) -> v1::SendMessageResponse {
    let expecting = match reply.expecting {
        Expecting::Nothing => v1::Expecting::Unspecified,
        Expecting::Choice => v1::Expecting::Choice,
        Expecting::Field => v1::Expecting::Field,
        Expecting::Confirmation => v1::Expecting::Confirmation,
        Expecting::Ticket => v1::Expecting::Ticket,
        Expecting::Reason => v1::Expecting::Reason,
        Expecting::Asset => v1::Expecting::Asset,
    };
    v1::SendMessageResponse {
        message_id: message.request.clone(),
        conversation_id: conversation.to_string(),
        text: reply.text,
        choices: reply.choices.into_iter().map(button).collect(),
        ticket,
        expecting: expecting.into(),
        understanding: Some(understanding),
    }
}

/// A verdict as it is kept with a decision.
pub(super) fn understanding(verdict: &Verdict) -> Understanding {
    let scored = |it: &Scored| (it.label.to_string(), it.confidence);
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Understanding {
        labels: verdict.ranked.iter().map(scored).collect(),
        out_of_scope: verdict.out_of_scope,
        urgency: scored(&verdict.urgency),
        impact: scored(&verdict.impact),
        reasons: verdict
            .reasons
            .iter()
            .map(|it| (byte(it.start)..byte(it.end), it.text.clone(), it.weight))
            .collect(),
        model: verdict.model.to_string(),
    }
}

fn button((value, label): (String, String)) -> v1::Choice {
    v1::Choice { value, label, ..v1::Choice::default() }
}
