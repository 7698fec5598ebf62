//! Emergencies: what the catalogue's owner marked as the gravest is heard whatever the text model makes of the
//! words around it. "The office is on fire" asks for no office program.

use super::{heard::Heard, slots::choice};
use crate::domain::{
    field::{Choice, Field, FieldKind},
    priority::{Impact, Urgency},
    template::Template,
};

/// The template with an option of the highest impact and urgency that a message names, unless the model is
/// sure of another template with an advice of its own for it: a burning laptop is no burning house.
pub(super) fn emergency<'a>(heard: &Heard<'a>) -> Option<&'a Template> {
    let named = |template: &&Template| options(template).any(|it| is_gravest(it) && names(heard, it));
    let template = heard.catalog.templates.iter().find(named).filter(|_| heard.numbers.is_empty())?;
    let best = heard.templates().next().filter(|(_, it)| *it >= heard.policy.sure);
    let own = best.and_then(|(id, _)| heard.catalog.template(id)).filter(|it| it.id != template.id);
    (!own.is_some_and(|it| advises(heard, it))).then_some(template)
}

/// Whether a template has an advice for what a message names.
pub(super) fn advises(heard: &Heard<'_>, template: &Template) -> bool {
    options(template).any(|it| it.advice.is_some() && names(heard, it))
}

fn options(template: &Template) -> impl Iterator<Item = &Choice> {
    template.fields.iter().flat_map(choices)
}

fn choices(field: &Field) -> &[Choice] {
    if let FieldKind::Choice(all) = &field.kind { all } else { &[] }
}

fn is_gravest(option: &Choice) -> bool {
    option.urgency == Some(Urgency::High) && option.impact == Some(Impact::Site)
}

fn names(heard: &Heard<'_>, option: &Choice) -> bool {
    choice::find(heard.phrases, std::slice::from_ref(option), heard.text).is_some()
}
