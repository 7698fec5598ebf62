//! What the model understood, and a decision with its reasons.

use super::{
    v1::{self, because::Reason as Why},
    words::{gate_from, gate_to, policy_from, policy_to},
};
use crate::domain::assignment::{Because, Decision, Policy, Understanding};

/// In the contract's words.
pub fn understanding_to(it: &Understanding) -> v1::Understanding {
    let scored =
        |(label, confidence): &(String, f32)| v1::Scored { label: label.clone(), confidence: *confidence };
    let reason = |(span, text, weight): &(std::ops::Range<u32>, String, f32)| v1::Reason {
        start: span.start,
        end: span.end,
        text: text.clone(),
        weight: *weight,
    };
    v1::Understanding {
        labels: it.labels.iter().map(scored).collect(),
        out_of_scope: it.out_of_scope,
        urgency: Some(scored(&it.urgency)),
        impact: Some(scored(&it.impact)),
        reasons: it.reasons.iter().map(reason).collect(),
        model: it.model.clone(),
    }
}

pub fn understanding_from(it: &v1::Understanding) -> Understanding {
    let scored = |it: &v1::Scored| (it.label.clone(), it.confidence);
    Understanding {
        labels: it.labels.iter().map(scored).collect(),
        out_of_scope: it.out_of_scope,
        urgency: it.urgency.as_ref().map(scored).unwrap_or_default(),
        impact: it.impact.as_ref().map(scored).unwrap_or_default(),
        reasons: it.reasons.iter().map(|it| (it.start..it.end, it.text.clone(), it.weight)).collect(),
        model: it.model.clone(),
    }
}

/// In the contract's words.
pub fn because_to(it: &Because) -> v1::Because {
    let reason = match it {
        Because::Template(group) => Why::TemplateGroup(group.clone()),
        Because::Rule(id) => Why::Rule(id.clone()),
        Because::Policy { policy: Policy::LeastLoaded, agent, open } => {
            Why::LeastLoaded(v1::LeastLoaded { agent: agent.clone(), open_tickets: *open })
        }
        Because::Policy { policy, agent, open } => Why::Policy(v1::ChosenByPolicy {
            policy: policy_to(*policy),
            agent: agent.clone(),
            open_tickets: *open,
        }),
        Because::NobodyPresent(group) => Why::NobodyPresent(group.clone()),
        Because::NobodyFits(group) => Why::NobodyFits(group.clone()),
        Because::InLine(group) => Why::InLine(group.clone()),
        Because::StandsIn { agent, stands_for } => {
            Why::StandsIn(v1::StandsIn { agent: agent.clone(), stands_for: stands_for.clone() })
        }
        Because::Absent(agent) => Why::Absent(agent.clone()),
        Because::Left(agent) => Why::Left(agent.clone()),
        Because::Accepted(agent) => Why::Accepted(agent.clone()),
        Because::ChosenBy(subject) => Why::ChosenBy(subject.clone()),
    };
    v1::Because { reason: Some(reason) }
}

pub fn because_from(it: &v1::Because) -> Option<Because> {
    Some(match it.reason.as_ref()? {
        Why::TemplateGroup(group) => Because::Template(group.clone()),
        Why::Rule(id) => Because::Rule(id.clone()),
        Why::LeastLoaded(it) => {
            Because::Policy { policy: Policy::LeastLoaded, agent: it.agent.clone(), open: it.open_tickets }
        }
        Why::Policy(it) => Because::Policy {
            policy: policy_from(it.policy)?,
            agent: it.agent.clone(),
            open: it.open_tickets,
        },
        Why::NobodyPresent(group) => Because::NobodyPresent(group.clone()),
        Why::NobodyFits(group) => Because::NobodyFits(group.clone()),
        Why::InLine(group) => Because::InLine(group.clone()),
        Why::StandsIn(it) => Because::StandsIn { agent: it.agent.clone(), stands_for: it.stands_for.clone() },
        Why::Absent(agent) => Because::Absent(agent.clone()),
        Why::Left(agent) => Because::Left(agent.clone()),
        Why::Accepted(agent) => Because::Accepted(agent.clone()),
        Why::ChosenBy(subject) => Because::ChosenBy(subject.clone()),
    })
}

pub fn decision_to(it: &Decision) -> v1::Decision {
    v1::Decision {
        group: it.group.clone(),
        agent: it.agent.clone().unwrap_or_default(),
        because: it.because.iter().map(because_to).collect(),
        gate: it.gate.map_or(0, gate_to),
        understanding: it.understanding.as_ref().map(understanding_to),
        catalog_version: it.catalog,
        load_seen: it.load_seen,
    }
}

pub fn decision_from(it: &v1::Decision) -> Decision {
    Decision {
        group: it.group.clone(),
        agent: Some(it.agent.clone()).filter(|it| !it.is_empty()),
        because: it.because.iter().filter_map(because_from).collect(),
        gate: gate_from(it.gate),
        understanding: it.understanding.as_ref().map(understanding_from),
        catalog: it.catalog_version,
        load_seen: it.load_seen,
    }
}
