//! Impact and urgency of a ticket in the making. An employee is never asked for a priority, and a
//! text alone never makes a ticket critical.

use crate::domain::{
    assignment::Understanding,
    catalog::Catalog,
    priority::{Impact, Priority, Urgency},
    template::Template,
};

/// A reading of the text counts from this confidence on; below it the template's default does.
const SURE: f32 = 0.6;

/// Impact and urgency as read from the text where the model is sure, else the template's; and the
/// priority that follows.
pub fn from_text(catalog: &Catalog, template: &Template, it: &Understanding) -> (Impact, Urgency, Priority) {
    let sure = |(word, confidence): &(String, f32)| Some(word.clone()).filter(|_| *confidence >= SURE);
    let impact = sure(&it.impact).and_then(|it| Impact::parse(&it)).unwrap_or(template.impact);
    let urgency = sure(&it.urgency).and_then(|it| Urgency::parse(&it)).unwrap_or(template.urgency);
    // What the catalogue's owner wrote into the template is no mere text: it may reach P1.
    let stated = impact == template.impact && urgency == template.urgency;
    let matrix = &catalog.matrix;
    let priority =
        if stated { matrix.priority(impact, urgency) } else { matrix.priority_from_text(impact, urgency) };
    (impact, urgency, priority)
}
