//! An answer as one line of JSON, for scripts.

use std::io::{self, Write};

use serde::Serialize;

use crate::proto::{
    v1::{self, Expecting},
    words::{priority_from, state_from},
};

/// What a script may rely on; nothing is renamed or removed, only added.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    text: &'a str,
    message_id: &'a str,
    conversation: &'a str,
    /// Absent when the bot waits for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    expecting: Option<&'static str>,
    choices: Vec<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<Ticket<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    understood: Option<Understood<'a>>,
}

#[derive(Debug, Serialize)]
struct Choice<'a> {
    value: &'a str,
    label: &'a str,
}

#[derive(Debug, Serialize)]
struct Ticket<'a> {
    number: &'a str,
    id: &'a str,
    template: &'a str,
    state: &'static str,
    group: &'a str,
    agent: &'a str,
    priority: &'static str,
    resolution_due: &'a str,
    subject: &'a str,
}

#[derive(Debug, Serialize)]
struct Understood<'a> {
    label: &'a str,
    confidence: f32,
}

impl<'a> Line<'a> {
    pub(super) fn of(reply: &'a v1::SendMessageResponse) -> Self {
        let best = reply.understanding.as_ref().and_then(|it| it.labels.first());
        Self {
            text: &reply.text,
            message_id: &reply.message_id,
            conversation: &reply.conversation_id,
            expecting: expecting(reply.expecting()),
            choices: reply.choices.iter().map(|it| Choice { value: &it.value, label: &it.label }).collect(),
            ticket: reply.ticket.as_ref().map(ticket),
            understood: best.map(|it| Understood { label: &it.label, confidence: it.confidence }),
        }
    }

    pub(super) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)?;
        out.flush()
    }
}

fn ticket(it: &v1::TicketSummary) -> Ticket<'_> {
    Ticket {
        number: &it.number,
        id: &it.id,
        template: &it.template,
        state: state_from(it.state).map_or("", |state| state.as_str()),
        group: &it.group,
        agent: &it.agent,
        priority: priority_from(it.priority).map_or("", |priority| priority.as_str()),
        resolution_due: &it.resolution_due,
        subject: &it.subject,
    }
}

fn expecting(what: Expecting) -> Option<&'static str> {
    match what {
        Expecting::Unspecified => None,
        Expecting::Choice => Some("choice"),
        Expecting::Field => Some("field"),
        Expecting::Confirmation => Some("confirmation"),
        Expecting::Ticket => Some("ticket"),
        Expecting::Reason => Some("reason"),
        Expecting::Asset => Some("asset"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_finds_the_ticket_in_the_line() {
        let ticket = v1::TicketSummary {
            number: "INC-000123".to_owned(),
            template: "vpn_fault".to_owned(),
            group: "network".to_owned(),
            priority: v1::Priority::P3.into(),
            state: v1::TicketState::Assigned.into(),
            resolution_due: "2026-03-01T09:00:00Z".to_owned(),
            ..v1::TicketSummary::default()
        };
        let reply = v1::SendMessageResponse {
            text: "Done.".to_owned(),
            ticket: Some(ticket),
            expecting: Expecting::Confirmation.into(),
            ..v1::SendMessageResponse::default()
        };
        let mut out = Vec::new();
        Line::of(&reply).print(&mut out).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(line["text"], "Done.");
        assert_eq!(line["expecting"], "confirmation");
        assert_eq!(line["ticket"]["number"], "INC-000123");
        assert_eq!(line["ticket"]["priority"], "P3");
        assert_eq!(line["ticket"]["state"], "assigned");
        assert_eq!(out.iter().filter(|it| **it == b'\n').count(), 1);
    }
}
