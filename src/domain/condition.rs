//! Whether the conditions of a rule hold for what is known of a ticket: one small language for the rules that route
//! and for those that choose an SLA policy.

use super::{
    assignment::{AssetCondition, Condition},
    people::Language,
    priority::{Impact, Priority, Urgency},
    template::{Template, Values},
    ticket::{Asked, AssetFacts, AssetLink, Ticket},
};

/// What conditions look at.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Id of the template.
    pub template: &'a str,
    /// Id of the service.
    pub service: &'a str,
    /// Values of the template's fields.
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
    /// What the directory of people says of who asks.
    pub asked: &'a Asked,
    /// The assets that it is about, and what hangs on them.
    pub assets: &'a [AssetLink],
}

impl Ticket {
    /// What conditions look at.
    pub fn known(&self) -> Known<'_> {
        Known {
            template: &self.template,
            service: &self.service,
            fields: &self.fields,
            text: &self.description,
            language: self.language,
            impact: self.impact,
            urgency: self.promised().urgency,
            priority: self.promised().priority,
            asked: &self.asked,
            assets: &self.assets.links,
        }
    }
}

impl<'a> Known<'a> {
    /// What is known of a ticket of a template before anything is said of it.
    pub fn of(template: &'a Template, priority: Priority, fields: &'a Values, asked: &'a Asked) -> Self {
        Self {
            template: &template.id,
            service: &template.service,
            fields,
            text: "",
            language: Language::default(),
            impact: template.impact,
            urgency: template.urgency,
            priority,
            asked,
            assets: &[],
        }
    }
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, known: &Known<'_>) -> bool {
        let is_one = |any: &[String], id: &str| any.iter().any(|it| it == id);
        match self {
            Self::Template(any) => is_one(any, known.template),
            Self::Service(any) => is_one(any, known.service),
            Self::Field { field, any } => known
                .fields
                .iter()
                .filter(|(id, _)| id == field)
                .any(|(_, value)| any.iter().any(|it| it.to_lowercase() == value.plain().to_lowercase())),
            Self::Language(language) => known.language == *language,
            Self::Impact(least) => known.impact >= *least,
            Self::Urgency(least) => known.urgency >= *least,
            Self::Priority(least) => known.priority <= *least,
            Self::Vip(vip) => known.asked.vip == *vip,
            Self::Department(any) => is_one_of(&known.asked.department, any),
            Self::Location(any) => is_one_of(&known.asked.location, any),
            Self::Asset(it) => {
                let mut linked = known.assets.iter().filter(|it| it.how.is_about());
                linked.any(|asset| it.holds(&asset.facts))
            }
            Self::Says(any) => {
                let text = known.text.to_lowercase();
                any.iter().any(|it| says(&text, &it.to_lowercase()))
            }
        }
    }
}

impl AssetCondition {
    /// Whether it holds for an asset.
    fn holds(&self, facts: &AssetFacts) -> bool {
        match self {
            Self::Type(any) => any.contains(&facts.kind),
            // Of one that is not in the register nothing is known.
            Self::Criticality(least) => !facts.kind.is_empty() && *least <= facts.criticality,
            Self::Location(any) => is_one_of(&facts.location, any),
            Self::Field { field, any } => {
                facts.fields.iter().any(|(id, value)| id == field && is_one_of(&value.plain(), any))
            }
        }
    }
}

fn is_one_of(value: &str, any: &[String]) -> bool {
    let value = value.to_lowercase();
    any.iter().any(|it| it.to_lowercase() == value)
}

/// Whether a text has a word or phrase; a Latin one must stand as whole words.
fn says(text: &str, phrase: &str) -> bool {
    let word = |it: char| it.is_ascii_alphanumeric();
    text.match_indices(phrase).any(|(at, _)| {
        let glued = |a: Option<char>, b: Option<char>| a.is_some_and(word) && b.is_some_and(word);
        !glued(text[..at].chars().next_back(), phrase.chars().next())
            && !glued(phrase.chars().next_back(), text[at + phrase.len()..].chars().next())
    })
}
