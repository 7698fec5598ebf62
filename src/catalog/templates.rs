//! Ticket templates, and their versions.

use super::{
    approvals, duties, fields,
    item::Item,
    outline::Outline,
    sections::{Noun, Sections},
};
use crate::domain::{
    catalog::{Catalog, INTENTS},
    priority::{Impact, Urgency},
    template::Template,
    ticket::TicketKind,
};

/// Longest name, in characters: it is shown in a list to choose from.
const LABEL: usize = 80;

/// What work takes unless the template says otherwise, in seconds.
const HANDLING: u32 = 30 * 60;

const KEYS: [&str; 12] = [
    "id", "kind", "label", "service", "group", "impact", "urgency", "sla", "skills", "handling", "fields",
    "approval",
];

pub(super) fn templates(
    sections: &Sections<'_>,
    outline: &Outline<'_>,
    version: u64,
    previous: Option<&Catalog>,
) -> Vec<Template> {
    let read = |it: &Item<'_>| template(it, outline).map(|it| with_version(it, version, previous));
    sections.items(Noun::Template).iter().filter_map(read).collect()
}

fn template(item: &Item<'_>, outline: &Outline<'_>) -> Option<Template> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| template_id(&it));
    let kind = map.need("kind").and_then(|it| it.word(&[TicketKind::Incident, TicketKind::Request], kind));
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let service = map.need("service").and_then(|it| outline.refer(&it, Noun::Service));
    let group = map.need("group").and_then(|it| outline.refer(&it, Noun::Group));
    let impact = map.need("impact").and_then(|it| it.word(&Impact::ALL, Impact::as_str));
    let urgency = map.need("urgency").and_then(|it| it.word(&Urgency::ALL, Urgency::as_str));
    let sla = map.need("sla").and_then(|it| outline.refer(&it, Noun::Policy));
    let (skills, handling) =
        (duties::skills(&map), map.get("handling").map_or(Some(HANDLING), |it| it.duration()));
    let fields = map.get("fields").map_or_else(|| Some(Vec::new()), |it| fields::fields(&it));
    let approval = approvals::approval(&map, kind, fields.as_deref(), outline);
    Some(Template {
        id: id?,
        version: 1,
        kind: kind?,
        label: label?,
        service: service?,
        group: group?,
        impact: impact?,
        urgency: urgency?,
        sla: sla?,
        skills: skills?,
        handling: handling?,
        fields: fields?,
        approval: approval?,
    })
}

fn template_id(item: &Item<'_>) -> Option<String> {
    let id = item.id()?;
    if INTENTS.contains(&id.as_str()) {
        let reserved = INTENTS.join(", ");
        item.fault(format!(
            "`{id}` is what an employee may want of a chat; templates may not use {reserved}"
        ));
        return None;
    }
    Some(id)
}

fn kind(kind: TicketKind) -> &'static str {
    match kind {
        TicketKind::Incident => "incident",
        TicketKind::Request => "request",
    }
}

/// A ticket keeps the version that it was opened from, so the number must rise with a change.
fn with_version(template: Template, catalog: u64, previous: Option<&Catalog>) -> Template {
    // The starter catalogue is version 0, and the versions of templates begin at 1.
    let own = u32::try_from(catalog).unwrap_or(u32::MAX).saturating_add(1);
    let Some(old) = previous.and_then(|it| it.template(&template.id)) else {
        return Template { version: own, ..template };
    };
    let unchanged = Template { version: old.version, ..template };
    if unchanged == *old {
        return unchanged;
    }
    Template { version: own.max(old.version.saturating_add(1)), ..unchanged }
}
