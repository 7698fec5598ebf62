//! Whether a routing rule's condition holds.

use super::Facts;
use crate::domain::assignment::Condition;

/// Whether a condition holds for what is known of a ticket.
pub(super) fn holds(condition: &Condition, facts: &Facts<'_>) -> bool {
    match condition {
        Condition::Template(any) => any.contains(&facts.template.id),
        Condition::Service(any) => any.contains(&facts.template.service),
        Condition::Field { field, any } => facts
            .fields
            .iter()
            .filter(|(id, _)| id == field)
            .any(|(_, value)| any.iter().any(|it| it.to_lowercase() == value.plain().to_lowercase())),
        Condition::Language(language) => facts.language == *language,
        Condition::Impact(least) => facts.impact >= *least,
        Condition::Urgency(least) => facts.urgency >= *least,
        Condition::Vip(vip) => facts.asked.vip == *vip,
        Condition::Department(any) => is_one_of(&facts.asked.department, any),
        Condition::Location(any) => is_one_of(&facts.asked.location, any),
        Condition::Says(any) => {
            let text = facts.text.to_lowercase();
            any.iter().any(|it| says(&text, &it.to_lowercase()))
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
