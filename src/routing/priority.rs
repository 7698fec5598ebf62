//! Impact and urgency of a ticket in the making. An employee is never asked for a priority, and a
//! text alone never makes a ticket critical.

use crate::domain::{
    assignment::Understanding,
    catalog::Catalog,
    field::FieldValue,
    priority::{Impact, Priority, Urgency},
    template::Template,
};

/// A reading of the text counts from this confidence on; below it the template's default does.
const SURE: f32 = 0.6;

/// Impact, urgency and the priority that follows.
pub type Rating = (Impact, Urgency, Priority);

/// The rating by the text alone, before anything is known of the template's fields.
pub fn from_text(catalog: &Catalog, template: &Template, it: &Understanding) -> Rating {
    rated(catalog, template, &[], it)
}

/// Impact and urgency as read from the text where the model is sure and the text says anything of them, else the
/// template's; at least what the chosen options ask for.
pub fn rated(
    catalog: &Catalog,
    template: &Template,
    fields: &[(String, FieldValue)],
    it: &Understanding,
) -> Rating {
    let sure = |(word, confidence): &(String, f32)| Some(word.clone()).filter(|_| *confidence >= SURE);
    let impact = sure(&it.impact).and_then(|it| Impact::parse(&it)).unwrap_or(template.impact);
    // A text of medium urgency says nothing of it; the template's owner has.
    let read = sure(&it.urgency).and_then(|it| Urgency::parse(&it)).filter(|it| *it != Urgency::Medium);
    let urgency = read.unwrap_or(template.urgency);
    let least = template.least(fields);
    let impact = least.0.map_or(impact, |it| it.max(impact));
    let urgency = least.1.map_or(urgency, |it| it.max(urgency));
    // What the catalogue's owner wrote into the template and its options is no mere text: it may reach P1.
    let stated = template.stated(fields);
    let matrix = &catalog.matrix;
    let priority = if impact <= stated.0 && urgency <= stated.1 {
        matrix.priority(impact, urgency)
    } else {
        matrix.priority_from_text(impact, urgency)
    };
    (impact, urgency, priority)
}
