//! Ticket templates, and their versions.

use super::{
    approvals, changes, duties, fields,
    item::{Item, Map},
    outline::Outline,
    sections::{Noun, Sections},
    services::money,
    steps,
};
use crate::domain::{
    catalog::{Catalog, FALLBACK, INTENTS},
    field::{Choice, Field, FieldKind, Required},
    money::Prices,
    priority::{Impact, Urgency},
    service::Service,
    template::{Audience, Knowledge, Template, Waves},
    ticket::TicketKind,
};

/// Longest name, in characters: it is shown in a list to choose from.
const LABEL: usize = 80;

/// What work takes unless the template says otherwise, in seconds.
const HANDLING: u32 = 30 * 60;

const KEYS: [&str; 19] = [
    "id",
    "kind",
    "label",
    "service",
    "group",
    "impact",
    "urgency",
    "sla",
    "skills",
    "handling",
    "audience",
    "fields",
    "steps",
    "approval",
    "knowledge",
    "price",
    "quantity",
    "change",
    "waves",
];

pub(super) fn templates(
    sections: &Sections<'_>,
    outline: &Outline<'_>,
    services: &[Service],
    (version, previous): (u64, Option<&Catalog>),
) -> Vec<Template> {
    let read = |it: &Item<'_>| template(it, outline, services).map(|it| with_version(it, version, previous));
    sections.items(Noun::Template).iter().filter_map(read).collect()
}

fn template(item: &Item<'_>, outline: &Outline<'_>, services: &[Service]) -> Option<Template> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| template_id(&it));
    let kind = map.need("kind").and_then(|it| it.word(&TicketKind::ALL, TicketKind::as_str));
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let service = map.need("service").and_then(|it| outline.refer(&it, Noun::Service));
    let group = map.need("group").and_then(|it| outline.refer(&it, Noun::Group));
    let impact = map.need("impact").and_then(|it| it.word(&Impact::ALL, Impact::as_str));
    let urgency = map.need("urgency").and_then(|it| it.word(&Urgency::ALL, Urgency::as_str));
    let of_service =
        services.iter().find(|it| Some(&it.id) == service.as_ref()).and_then(|it| it.sla.clone());
    let sla = match (map.get("sla"), of_service) {
        (None, Some(policy)) => Some(policy),
        (_, _) => map.need("sla").and_then(|it| outline.refer(&it, Noun::Policy)),
    };
    let (skills, handling) =
        (duties::skills(&map), map.get("handling").map_or(Some(HANDLING), |it| it.duration()));
    let audience = map.optional("audience", |it| audience(it, id.as_deref()));
    if let Some(kind) = kind.filter(|it| it.is_the_desks_own())
        && audience != Some(Some(Audience::Desk))
    {
        let kind = kind.as_str();
        item.fault(format!(
            "a {kind} is opened by the desk and never offered to employees; write `audience: desk`"
        ));
    }
    let knowledge = map.optional("knowledge", |it| it.word(&Knowledge::ALL, Knowledge::as_str));
    let waves = map.optional("waves", |it| it.word(&Waves::ALL, Waves::as_str));
    let fields = map.optional("fields", |it| fields::fields(it, outline)).map(Option::unwrap_or_default);
    let prices = prices(&map, fields.as_deref().unwrap_or_default());
    let approval = approvals::approval(&map, kind, fields.as_deref(), prices.as_ref(), outline);
    let change = changes::practice(&map, kind);
    let steps = map.optional("steps", |it| steps::steps(it, &fields::siblings(item), outline));
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
        audience: audience?.unwrap_or_default(),
        fields: fields?,
        steps: steps?.unwrap_or_default(),
        approval: approval?,
        change: change?,
        knowledge: knowledge?.unwrap_or_default(),
        prices: prices?,
        waves: waves?.unwrap_or_default(),
    })
}

/// What a template costs. Amounts are added up, so all are in one currency.
fn prices(map: &Map<'_>, fields: &[Field]) -> Option<Prices> {
    let base = map.optional("price", money)?;
    let priced = |field: &Field, it: &Choice| Some((field.id.clone(), it.id.clone(), it.price.clone()?));
    let options = fields.iter().flat_map(|field| field.options().iter().filter_map(|it| priced(field, it)));
    let quantity = map.optional("quantity", |it| quantity(it, fields))?;
    let prices = Prices { base, options: options.collect(), quantity };
    if prices.quantity.is_some() && prices.all().next().is_none() {
        map.item().fault("has a quantity and no price; write `price`, or a price of an option");
        return None;
    }
    let mut currencies: Vec<_> = prices.all().map(|it| it.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    if currencies.len() > 1 {
        map.item().fault(format!(
            "has prices in {}; write all of one template in one currency",
            currencies.join(" and ")
        ));
        return None;
    }
    Some(prices)
}

/// The field that says how many are asked for.
fn quantity(item: &Item<'_>, fields: &[Field]) -> Option<String> {
    let id = item.id()?;
    let Some(field) = fields.iter().find(|it| it.id == id) else {
        item.fault(format!("`{id}` is no field of this template; name a field of type number"));
        return None;
    };
    let FieldKind::Number { min, .. } = &field.kind else {
        item.fault(format!("`{id}` is no number; name a field of type number"));
        return None;
    };
    if *min <= 0.0 {
        item.fault(format!("`{id}` may be nothing or less; write `min: 1` there"));
        return None;
    }
    // Nobody agrees to a price for one who has said that they want three, and was not asked.
    if field.required != Required::Yes {
        item.fault(format!("`{id}` is not always asked for; write `required: true` there"));
        return None;
    }
    Some(id)
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

fn audience(item: &Item<'_>, template: Option<&str>) -> Option<Audience> {
    let audience = item.word(&Audience::ALL, Audience::as_str)?;
    if audience == Audience::Desk && template == Some(FALLBACK) {
        item.fault(format!("`{FALLBACK}` is what the bot opens where nothing else fits; it is for everyone"));
        return None;
    }
    Some(audience)
}

/// Templates as they were before: tickets that were opened from them keep to them.
pub(super) fn earlier(templates: &[Template], previous: Option<&Catalog>) -> Vec<Template> {
    let Some(previous) = previous else { return vec![] };
    let stands = |it: &&Template| templates.iter().any(|new| (&new.id, new.version) == (&it.id, it.version));
    let replaced = previous.templates.iter().filter(|it| !stands(it));
    previous.earlier.iter().chain(replaced).cloned().collect()
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
