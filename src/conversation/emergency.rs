//! Emergencies: what the catalogue's owner marked as the gravest is heard whatever the text model makes of the
//! words around it. "The office is on fire" asks for no office program.

use super::{heard::Heard, slots::choice};
use crate::domain::{
    field::Choice,
    priority::{Impact, Urgency},
    template::Template,
};

/// The template with an option of the highest impact and urgency that a message names, unless the model is
/// sure of another template with an advice of its own for it: a burning laptop is no burning house.
pub(super) fn emergency<'a>(heard: &Heard<'a>) -> Option<&'a Template> {
    if !heard.numbers.is_empty() {
        return None;
    }
    let offered = || heard.catalog.templates.iter().filter(|it| heard.catalog.is_offered(it));
    let gravest = offered().flat_map(Template::options).filter(|it| is_gravest(it));
    let named = choice::find_among(heard.phrases, gravest, heard.text)?;
    let has = |it: &&Template| it.options().any(|option| std::ptr::eq(option, named));
    let template = offered().find(has)?;
    let best = heard.templates().next().filter(|(_, it)| *it >= heard.policy.sure);
    let own = best.and_then(|(id, _)| heard.catalog.template(id)).filter(|it| it.id != template.id);
    (!own.is_some_and(|it| advises(heard, it))).then_some(template)
}

/// Whether a template has an advice for what a message names.
pub(super) fn advises(heard: &Heard<'_>, template: &Template) -> bool {
    let advised = template.options().filter(|it| it.advice.is_some());
    choice::find_among(heard.phrases, advised, heard.text).is_some()
}

fn is_gravest(option: &Choice) -> bool {
    option.urgency == Some(Urgency::High) && option.impact == Some(Impact::Site)
}
