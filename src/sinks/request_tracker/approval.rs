//! Approvals on a record: what agents read of them, and why a requester hears no.

use super::{RequestTracker, say::Audience};
use crate::{
    proto::v1::{self, ApprovalOutcome},
    sinks::{Delivered, Undelivered},
};

impl RequestTracker {
    /// A note for agents.
    pub(super) async fn tell_agents(
        &self,
        event: &v1::Event,
        id: &str,
        text: &str,
    ) -> Result<Delivered, Undelivered> {
        self.say(event, id, Audience::Agents, text, None).await?;
        Ok(Delivered::To(id.to_owned()))
    }

    /// An approval ended: a refusal is told to the requestor with its reason.
    pub(super) async fn settle(
        &self,
        event: &v1::Event,
        id: &str,
        it: &v1::ApprovalEnded,
    ) -> Result<Delivered, Undelivered> {
        let ending = it.ending.clone().unwrap_or_default();
        let rejected = ending.outcome() == ApprovalOutcome::Rejected;
        let audience = if rejected { Audience::Everybody } else { Audience::Agents };
        self.say(event, id, audience, &ended(&ending), None).await?;
        Ok(Delivered::To(id.to_owned()))
    }
}

/// Who is asked.
pub(super) fn asked(it: &v1::ApprovalAsked) -> String {
    let places: Vec<String> = it.seats.iter().map(|it| people(&it.asked)).collect();
    format!("Approval asked of:\n{}", places.join("\n"))
}

/// What somebody said.
pub(super) fn voted(it: &v1::ApprovalVoted) -> String {
    let vote = it.vote.clone().unwrap_or_default();
    let word = if vote.approves { "approves" } else { "rejects" };
    let who = vote.by.as_ref().map(name).unwrap_or_default();
    if vote.comment.is_empty() { format!("{who} {word}.") } else { format!("{who} {word}: {}", vote.comment) }
}

fn ended(it: &v1::ApprovalEnding) -> String {
    let how = match it.outcome() {
        ApprovalOutcome::Granted => "granted",
        ApprovalOutcome::Rejected => "rejected",
        ApprovalOutcome::Withdrawn => "no longer needed: the request was withdrawn",
        ApprovalOutcome::NotNeeded => "no longer needed: the request was changed",
        ApprovalOutcome::Unspecified => "over",
    };
    let by = it.by.as_ref().map(|it| format!(" by {}", name(it))).unwrap_or_default();
    let why = if it.reason.is_empty() { String::new() } else { format!(": {}", it.reason) };
    format!("Approval {how}{by}{why}")
}

fn people(asked: &[v1::AskedApprover]) -> String {
    let names: Vec<String> = asked.iter().filter_map(|it| it.person.as_ref()).map(name).collect();
    if names.is_empty() { "(nobody could be found)".to_owned() } else { names.join(" or ") }
}

fn name(it: &v1::Person) -> String {
    if it.display_name.is_empty() {
        it.subject.clone()
    } else {
        format!("{} ({})", it.display_name, it.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Option<v1::Person> {
        Some(v1::Person { issuer: "chat".into(), subject: name.into(), display_name: String::new() })
    }

    #[test]
    fn agents_read_who_is_asked_and_what_was_said() {
        let asked_of = |name: &str| v1::AskedApprover { person: person(name), ..Default::default() };
        let seats = vec![
            v1::ApprovalSeat { asked: vec![asked_of("ada"), asked_of("mei")], ..Default::default() },
            v1::ApprovalSeat::default(),
        ];
        let all = asked(&v1::ApprovalAsked { seats, ..Default::default() });
        assert_eq!(all, "Approval asked of:\nada or mei\n(nobody could be found)");
        let vote = v1::ApprovalVote { by: person("ada"), comment: "too dear".into(), ..Default::default() };
        assert_eq!(
            voted(&v1::ApprovalVoted { vote: Some(vote), ..Default::default() }),
            "ada rejects: too dear"
        );
    }
}
