//! From what is known of a ticket to the group and the agent that get it, with the reasons. Pure: the
//! agents' loads come in as they are, and stand in the decision, so that it can be derived again.

pub mod dispatch;
pub mod priority;
mod rules;
mod team;
pub mod waves;

use crate::domain::{
    assignment::{Because, Gate, Understanding},
    catalog::{Catalog, FALLBACK},
    people::Language,
    priority::{Impact, Priority, Urgency},
    template::{Template, Values},
    ticket::{Asked, AssetLink},
};

pub use dispatch::Candidate;
pub use team::{Chosen, Team, duty, has_line};

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
    /// From the two.
    pub priority: Priority,
    /// What the gate said, if a message was read.
    pub gate: Option<Gate>,
    /// What the model understood, if a message was read.
    pub understanding: Option<&'a Understanding>,
    /// What the directory of people says of the requester.
    pub asked: &'a Asked,
    /// The assets that it is about, and what hangs on them.
    pub assets: &'a [AssetLink],
}

/// The group that gets the ticket: the fallback template's when a person must look first, else that of
/// the first rule that holds, else the template's own.
pub fn group(catalog: &Catalog, facts: &Facts<'_>) -> (String, Because) {
    if facts.gate == Some(Gate::Person) {
        let first_line = catalog.template(FALLBACK).unwrap_or(facts.template);
        return (first_line.group.clone(), Because::Template(first_line.group.clone()));
    }
    match catalog.rules.iter().find(|rule| rules::hold(&rule.when, facts)) {
        Some(rule) => (rule.group.clone(), Because::Rule(rule.id.clone())),
        None => (facts.template.group.clone(), Because::Template(facts.template.group.clone())),
    }
}

#[cfg(test)]
mod tests;
