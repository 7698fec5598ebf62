//! From what is known of a ticket to the group and the agent that get it, with the reasons. Pure: the
//! agents' loads come in as they are, and stand in the decision, so that it can be derived again.

pub mod dispatch;
pub mod priority;
mod rules;

use crate::domain::{
    assignment::{Because, Decision, Gate, Load, Understanding},
    catalog::{Catalog, FALLBACK},
    people::Language,
    priority::{Impact, Urgency},
    template::{Template, Values},
};

/// What routing looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The template.
    pub template: &'a Template,
    /// Values of its fields.
    pub fields: &'a Values,
    /// What was said.
    pub text: &'a str,
    /// Language of the requester.
    pub language: Language,
    /// Effect on the business.
    pub impact: Impact,
    /// How long it can wait.
    pub urgency: Urgency,
    /// What the gate said, if a message was read.
    pub gate: Option<Gate>,
    /// What the model understood, if a message was read.
    pub understanding: Option<&'a Understanding>,
}

/// The group that gets the ticket: the fallback template's when a person must look first, else that of
/// the first rule that holds, else the template's own.
pub fn group(catalog: &Catalog, facts: &Facts<'_>) -> (String, Because) {
    if facts.gate == Some(Gate::Person) {
        let first_line = catalog.template(FALLBACK).unwrap_or(facts.template);
        return (first_line.group.clone(), Because::Template(first_line.group.clone()));
    }
    match catalog.rules.iter().find(|rule| rule.when.iter().all(|it| rules::holds(it, facts))) {
        Some(rule) => (rule.group.clone(), Because::Rule(rule.id.clone())),
        None => (facts.template.group.clone(), Because::Template(facts.template.group.clone())),
    }
}

/// The agent of a group with the fewest open tickets; among equals, the one who waited longest for
/// work. `None` if nobody of the group takes work now.
pub fn least_loaded(
    catalog: &Catalog,
    group: &str,
    load: impl Fn(&str) -> Load,
) -> (Option<String>, Because, u32) {
    let present = catalog.members(group).filter(|it| it.present);
    match present.map(|it| (load(&it.id), &it.id)).min() {
        Some((load, agent)) => {
            let because = Because::LeastLoaded { agent: agent.clone(), open: load.open };
            (Some(agent.clone()), because, load.open)
        }
        None => (None, Because::NobodyPresent(group.to_owned()), 0),
    }
}

/// Where a ticket goes, and why.
pub fn route(catalog: &Catalog, facts: &Facts<'_>, load: impl Fn(&str) -> Load) -> Decision {
    let (group, why_group) = group(catalog, facts);
    let (agent, why_agent, load_seen) = least_loaded(catalog, &group, load);
    Decision {
        group,
        agent,
        because: vec![why_group, why_agent],
        gate: facts.gate,
        understanding: facts.understanding.cloned(),
        catalog: catalog.version,
        load_seen,
    }
}

#[cfg(test)]
mod tests;
