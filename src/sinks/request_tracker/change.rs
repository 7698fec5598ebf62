//! Changes of a record: its status, queue, owner and subject, each read back; and what is said with them.

use super::{RequestTracker, record::Record, say::Audience, wording};
use crate::{
    proto::v1::{self, TicketState},
    sinks::{Delivered, Undelivered},
};

/// The owner of a record that nobody has.
const NOBODY: &str = "Nobody";

impl RequestTracker {
    /// Something was said.
    pub(super) async fn comment(
        &self,
        event: &v1::Event,
        id: &str,
        said: &v1::TicketCommented,
    ) -> Result<Delivered, Undelivered> {
        let audience = hearers(said);
        self.say(event, id, audience, &wording::commented(said), None).await?;
        Ok(Delivered::To(id.to_owned()))
    }

    /// It reached another state.
    pub(super) async fn follow(
        &self,
        event: &v1::Event,
        id: &str,
        moved: &v1::TicketMoved,
    ) -> Result<Delivered, Undelivered> {
        let status = status_of(moved.to());
        match wording::moved(moved) {
            Some(text) => {
                let resolved = moved.to() == TicketState::Resolved;
                let audience = if resolved { Audience::Everybody } else { Audience::Agents };
                self.say(event, id, audience, &text, Some(status)).await?;
            }
            None => {
                self.reach(id, status).await?;
            }
        }
        Ok(Delivered::To(id.to_owned()))
    }

    /// Brings a record to a status.
    pub(super) async fn reach(&self, id: &str, status: &str) -> Result<Record, Undelivered> {
        let record = self.read(id).await?;
        if record.status == status {
            return Ok(record);
        }
        self.change(id, &[("Status", status)]).await
    }

    /// It was given to somebody else.
    pub(super) async fn hand_over(
        &self,
        event: &v1::Event,
        id: &str,
        given: &v1::TicketAssigned,
    ) -> Result<Delivered, Undelivered> {
        let queue = self.queue_of(&given.group);
        // In a queue without the field for the key it could not be found again.
        self.check(queue).await?;
        let record = self.read(id).await?;
        let mut fields = vec![];
        if record.queue != queue {
            fields.push(("Queue", queue));
        }
        if record.status == "new" {
            fields.push(("Status", "open"));
        }
        let record = if fields.is_empty() { record } else { self.change(id, &fields).await? };
        self.own(id, &record, given).await?;
        if !given.agent.is_empty() && !self.owners.contains_key(&given.agent) {
            self.say(event, id, Audience::Agents, &wording::assigned(given), None).await?;
        }
        Ok(Delivered::To(id.to_owned()))
    }

    /// Sets the owner. One that is refused is told to the operator and stops nothing: the queue has the
    /// ticket, and an agent who has left must not hold up everybody else's.
    async fn own(&self, id: &str, record: &Record, given: &v1::TicketAssigned) -> Result<(), Undelivered> {
        let owner = match self.owners.get(&given.agent) {
            Some(owner) => owner,
            None if given.agent.is_empty() => NOBODY,
            None => return Ok(()),
        };
        if record.owner == owner {
            return Ok(());
        }
        match self.change(id, &[("Owner", owner)]).await {
            Ok(_) => Ok(()),
            Err(Undelivered::Never { why } | Undelivered::Blocked { why })
                if !why.contains("answered 401") =>
            {
                tracing::warn!(sink.name = %self.name, why, "an owner was refused; the queue keeps the ticket");
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    /// Values changed.
    pub(super) async fn update(
        &self,
        event: &v1::Event,
        id: &str,
        changed: &v1::TicketUpdated,
    ) -> Result<Delivered, Undelivered> {
        if let Some(subject) = &changed.subject {
            self.change(id, &[("Subject", subject)]).await?;
        }
        if let Some(text) = wording::updated(changed) {
            self.say(event, id, Audience::Agents, &text, None).await?;
        }
        Ok(Delivered::To(id.to_owned()))
    }

    /// A clock came to a step.
    pub(super) async fn warn(
        &self,
        event: &v1::Event,
        id: &str,
        step: &v1::TicketEscalated,
    ) -> Result<Delivered, Undelivered> {
        self.say(event, id, Audience::Agents, &wording::escalated(step), None).await?;
        Ok(Delivered::To(id.to_owned()))
    }

    /// Something happened to a task. Of what is only on the way nobody need read there.
    pub(super) async fn note_task(
        &self,
        event: &v1::Event,
        id: &str,
        changed: &v1::TicketTaskChanged,
    ) -> Result<Delivered, Undelivered> {
        let Some(text) = wording::task(changed) else { return Ok(Delivered::Skipped) };
        self.say(event, id, Audience::Agents, &text, None).await?;
        Ok(Delivered::To(id.to_owned()))
    }
}

/// Who hears what was said. A note is for agents, and what was said on another ticket was said to another requester.
fn hearers(said: &v1::TicketCommented) -> Audience {
    if said.internal || !said.carried_from.is_empty() { Audience::Agents } else { Audience::Everybody }
}

/// A state in Request Tracker's default life cycle.
pub(super) fn status_of(state: TicketState) -> &'static str {
    match state {
        TicketState::Unspecified | TicketState::New | TicketState::WaitingApproval => "new",
        TicketState::Assigned | TicketState::Analysing | TicketState::InProgress => "open",
        TicketState::Scheduled | TicketState::OnHold => "stalled",
        TicketState::Resolved | TicketState::Closed => "resolved",
        TicketState::Cancelled => "rejected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_among_agents_and_what_was_said_elsewhere_are_mailed_to_no_requester() {
        let said = v1::TicketCommented::default();
        assert_eq!(hearers(&said), Audience::Everybody);
        assert_eq!(hearers(&v1::TicketCommented { internal: true, ..said.clone() }), Audience::Agents);
        let carried = v1::TicketCommented { carried_from: "INC-000007".to_owned(), ..said };
        assert_eq!(hearers(&carried), Audience::Agents);
    }
}
