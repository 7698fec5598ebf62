//! The approval that a template asks for: steps, who must agree in each, and what happens when nobody does.

use super::{
    approvers::{MANAGER, OWNER},
    fault::quoted,
    item::{Item, Map},
    outline::Outline,
    sections::{Noun, Sections},
    services::money,
    yaml::{Node, Value},
};
use crate::domain::{
    approval::{Expiry, Need, OwnRequest, Plan, Quorum, StepPlan, Who},
    assignment::Agent,
    change::RiskLevel,
    field::{Choice, Field, FieldKind, Required},
    money::Prices,
    people::Bilingual,
    template::Template,
    ticket::{RISK, TicketKind},
};

/// Steps of one approval.
const STEPS: usize = 10;
/// Approvers named in one step.
const WHO: usize = 50;
/// Longest name of a step, in characters.
const LABEL: usize = 80;
/// Places that must agree.
const QUORUM: u32 = 1_000;
/// Values that a condition may list.
const VALUES: usize = 200;
/// Longest value.
const VALUE: usize = 120;

const KEYS: [&str; 13] = [
    "id",
    "label",
    "approvers",
    "quorum",
    "veto",
    "when",
    "self_approval",
    "fallback",
    "calendar",
    "due",
    "remind",
    "on_expiry",
    "escalate_to",
];

/// What a condition may look at; nothing where that is in doubt.
#[derive(Debug, Clone, Copy)]
struct Of<'a> {
    fields: Option<&'a [Field]>,
    prices: Option<&'a Prices>,
}

/// The approval of a template, if it has one; nothing at all if that is wrong.
pub(super) fn approval(
    map: &Map<'_>,
    kind: Option<TicketKind>,
    fields: Option<&[Field]>,
    prices: Option<&Prices>,
    outline: &Outline<'_>,
) -> Option<Option<Plan>> {
    let Some(item) = map.get("approval") else { return Some(None) };
    if let Some(kind @ (TicketKind::Incident | TicketKind::Problem)) = kind {
        let kind = kind.as_str();
        item.fault(format!(
            "an {kind} does not wait for consent; take it out, or make the template a request"
        ));
        return None;
    }
    let map = item.map(&["steps", "restart_on"])?;
    // A change is agreed to by its risk as well.
    let with_risk = fields.map(|it| it.iter().cloned().chain((kind == Some(TicketKind::Change)).then(risk)));
    let with_risk = with_risk.map(Iterator::collect::<Vec<_>>);
    let fields = with_risk.as_deref();
    // Where the fields are in doubt, none is unknown.
    let known = |it: &Item<'_>| field(it, fields);
    let restart = map
        .get("restart_on")
        .map_or(Some(vec![]), |it| it.one_or_more(VALUES)?.iter().map(known).collect::<Option<Vec<_>>>());
    let items = map.need("steps")?.one_or_more(STEPS)?;
    super::outline::ids(&items, "step of this approval");
    let of = Of { fields, prices };
    let steps: Option<Vec<StepPlan>> = items.iter().map(|it| step(it, of, outline)).collect();
    // What decides whether a step is needed is material, whether the owner says so or not; what the price hangs on too.
    let (steps, mut restart, prices) = (steps?, restart?, prices?);
    if !restart.is_empty() {
        for it in steps.iter().filter_map(|it| it.when.as_ref()).flat_map(|it| it.fields(prices)) {
            if !restart.iter().any(|known| known == it) {
                restart.push(it.to_owned());
            }
        }
    }
    Some(Some(Plan { steps, restart }).filter(|it| !it.steps.is_empty()))
}

/// The risk of a change as a field that conditions may name.
fn risk() -> Field {
    let options = RiskLevel::ALL.map(|it| {
        let name = it.as_str().to_owned();
        Choice::new(name.clone(), Bilingual { en: name.clone(), zh: name }, vec![])
    });
    Field {
        id: RISK.to_owned(),
        kind: FieldKind::Choice(options.to_vec()),
        label: Bilingual::default(),
        ask: Bilingual::default(),
        required: Required::No,
        default: None,
        cues: vec![],
        from: None,
    }
}

fn field(item: &Item<'_>, fields: Option<&[Field]>) -> Option<String> {
    let id = item.id()?;
    let fields = fields?;
    if !fields.iter().any(|it| it.id == id) {
        item.unknown("the template has no field", &id, fields.iter().map(|it| it.id.as_str()));
        return None;
    }
    Some(id)
}

fn step(item: &Item<'_>, of: Of<'_>, outline: &Outline<'_>) -> Option<StepPlan> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let who = map.need("approvers").and_then(|it| whos(&it, outline));
    let quorum = map.get("quorum").map_or(Some(Quorum::Percent(100)), |it| quorum(&it));
    let veto = map.get("veto").map_or(Some(false), |it| it.flag());
    let when = map.optional("when", |it| need(it, of));
    let own = map.get("self_approval");
    let own = own.map_or(Some(OwnRequest::default()), |it| it.word(&OwnRequest::ALL, OwnRequest::as_str));
    let fallback = map.get("fallback").map_or(Some(vec![]), |it| whos(&it, outline));
    let calendar = map.optional("calendar", |it| outline.refer(it, Noun::Calendar));
    let (due, remind) = (map.optional("due", Item::duration), map.optional("remind", Item::duration));
    let expiry =
        map.get("on_expiry").map_or(Some(Expiry::default()), |it| it.word(&Expiry::ALL, Expiry::as_str));
    let escalate_to = map.get("escalate_to").map_or(Some(vec![]), |it| whos(&it, outline));
    let step = StepPlan {
        id: id?,
        label: label?,
        who: who?,
        quorum: quorum?,
        veto: veto?,
        when: when?,
        own: own?,
        fallback: fallback?,
        calendar: calendar?,
        due: due?,
        remind: remind?,
        expiry: expiry?,
        escalate_to: escalate_to?,
    };
    is_sound(&map, &step).then_some(step)
}

/// Whether what happens at the end of the time fits together.
fn is_sound(map: &Map<'_>, step: &StepPlan) -> bool {
    let fault = |key: &str, problem: &str| {
        if let Some(item) = map.get(key) {
            item.fault(problem);
        }
        false
    };
    if step.due.is_none() && map.get("on_expiry").is_some() {
        return fault(
            "on_expiry",
            "there is no time that could be up; say in `due` how long the approvers have",
        );
    }
    match (step.expiry, step.escalate_to.is_empty()) {
        (Expiry::Escalate, true) => {
            fault("on_expiry", "there is nobody to escalate to; name somebody in `escalate_to`")
        }
        (Expiry::Remind | Expiry::Reject | Expiry::Approve, false) => {
            fault("escalate_to", "is never used; say `on_expiry: escalate`, or take it out")
        }
        (_, _) => true,
    }
}

fn whos(item: &Item<'_>, outline: &Outline<'_>) -> Option<Vec<Who>> {
    let items = if item.is_map() { vec![item.clone()] } else { item.one_or_more(WHO)? };
    if items.is_empty() {
        return None;
    }
    let all: Vec<Option<Who>> = items.iter().map(|it| who(it, outline)).collect();
    let all: Vec<Who> = all.into_iter().collect::<Option<_>>()?;
    let twice = (1..all.len()).find(|at| all[..*at].contains(&all[*at]));
    if let Some(at) = twice {
        items[at].fault("is named already; nobody has two votes");
        return None;
    }
    Some(all)
}

fn who(item: &Item<'_>, outline: &Outline<'_>) -> Option<Who> {
    if !item.is_map() {
        return match item.node().text() {
            Some(MANAGER) => Some(Who::Manager),
            Some(OWNER) => Some(Who::Owner),
            Some(_) => outline.refer(item, Noun::Approver).map(Who::Approver),
            None => {
                item.expected("manager, owner, the id of an approver, { agent: … } or { group: … }");
                None
            }
        };
    }
    let map = item.map(&["approver", "agent", "group", "each"])?;
    let refer = |key: &str, noun| map.get(key).map(|it| outline.refer(&it, noun));
    let each = map.get("each").map_or(Some(false), |it| it.flag());
    let found = [
        refer("approver", Noun::Approver).map(|it| it.map(Who::Approver)),
        refer("agent", Noun::Agent).map(|it| it.map(Who::Agent)),
        refer("group", Noun::Group).map(|it| Some(Who::Group { id: it?, each: each? })),
    ];
    let mut found = found.into_iter().flatten();
    match (found.next(), found.next()) {
        (Some(one), None) => {
            if map.get("each").is_some() && map.get("group").is_none() {
                item.fault("`each` goes with `group` only");
                return None;
            }
            one
        }
        (_, _) => {
            item.fault("names one of `approver`, `agent` and `group`");
            None
        }
    }
}

/// A number of places, or a share of them.
fn quorum(item: &Item<'_>) -> Option<Quorum> {
    if let Value::Number(_) = item.node().value {
        let count = u32::try_from(item.count(QUORUM)?).ok()?;
        if count == 0 {
            item.fault("0 must agree: a step is never satisfied by nobody; give 1 or more");
            return None;
        }
        return Some(Quorum::Count(count));
    }
    let percent = item.node().text().and_then(|it| it.strip_suffix('%')?.trim().parse().ok());
    let percent = percent.filter(|it| *it <= 100);
    if percent.is_none() {
        item.expected(
            "how many must agree, such as 2, or a share such as 50%, from 0% (one is enough) to 100%",
        );
    }
    percent.map(Quorum::Percent)
}

fn need(item: &Item<'_>, Of { fields, prices }: Of<'_>) -> Option<Need> {
    let map = item.map(&["field", "is", "above", "price_above"])?;
    if let Some(bound) = map.get("price_above") {
        if map.each().count() > 1 {
            item.fault("looks either at the price or at a field; give the step two conditions by two steps");
            return None;
        }
        return price(&bound, prices?);
    }
    let at = map.need("field")?;
    let id = field(&at, fields)?;
    let kind = fields?.iter().find(|it| it.id == id).map(|it| &it.kind)?;
    match (map.get("is"), map.get("above")) {
        (Some(is), None) => {
            let values = is.one_or_more(VALUES)?;
            let any: Option<Vec<String>> = values.iter().map(|it| value(it, &id, kind)).collect();
            Some(Need::Is { field: id, any: any? })
        }
        (None, Some(above)) => {
            if !matches!(kind, FieldKind::Number { .. }) {
                above.fault(format!("{} is no number; compare it with `is`", quoted(&id)));
                return None;
            }
            Some(Need::Above { field: id, number: above.number()? })
        }
        (_, _) => {
            item.fault("says what of the field: either `is`, a list of values, or `above`, a number");
            None
        }
    }
}

fn price(item: &Item<'_>, prices: &Prices) -> Option<Need> {
    let bound = money(item)?;
    match prices.all().next() {
        None => {
            item.fault(
                "the template has no price, so no step ever hangs on it; give it or its options a `price`",
            );
            None
        }
        Some(it) if it.currency != bound.currency => {
            item.fault(format!(
                "the prices of the template are in {}; write the bound in it, too",
                it.currency
            ));
            None
        }
        Some(_) => Some(Need::Price(bound)),
    }
}

fn value(item: &Item<'_>, field: &str, kind: &FieldKind) -> Option<String> {
    let value = item.text(VALUE)?;
    if let FieldKind::Choice(options) = kind
        && !options.iter().any(|it| it.id == value)
    {
        let known = options.iter().map(|it| it.id.as_str());
        item.unknown(&format!("{} has no option", quoted(field)), &value, known);
        return None;
    }
    Some(value)
}

/// What only the templates and the agents together show: a step asks for as many as there are places, and every group
/// that is asked has somebody.
pub(super) fn together(sections: &Sections<'_>, agents: &[Agent], templates: &[Template]) {
    let members = |group: &str| agents.iter().filter(|it| it.groups.iter().any(|id| id == group)).count();
    let plans = templates.iter().filter_map(|it| Some((it, it.approval.as_ref()?)));
    for (template, plan) in plans {
        for (at, step) in plan.steps.iter().enumerate() {
            let all = step.who.iter().chain(&step.fallback).chain(&step.escalate_to);
            let empty = all.filter_map(group).find(|it| members(it) == 0);
            if let Some(group) = empty {
                let problem = format!("no agent is in group {}; nobody could be asked", quoted(group));
                fault_at(sections, template, at, "approvers", problem);
            }
            let places: usize = step.who.iter().map(|it| places(it, members)).sum();
            if let Quorum::Count(count) = step.quorum
                && places < count as usize
            {
                let problem = format!(
                    "{count} must agree, and there are {places} places; name more approvers, or ask fewer"
                );
                fault_at(sections, template, at, "quorum", problem);
            }
        }
    }
}

fn group(who: &Who) -> Option<&str> {
    match who {
        Who::Group { id, .. } => Some(id),
        Who::Approver(_) | Who::Agent(_) | Who::Manager | Who::Owner => None,
    }
}

fn places(who: &Who, members: impl Fn(&str) -> usize) -> usize {
    match who {
        Who::Group { id, each: true } => members(id),
        Who::Group { each: false, .. } | Who::Approver(_) | Who::Agent(_) | Who::Manager | Who::Owner => 1,
    }
}

fn fault_at(sections: &Sections<'_>, template: &Template, step: usize, key: &str, problem: String) {
    let is_it = |it: &&Item<'_>| it.node().get("id").and_then(Node::text) == Some(template.id.as_str());
    let Some(item) = sections.items(Noun::Template).iter().find(is_it) else { return };
    let steps = item.peek("approval").and_then(|it| it.peek("steps")).and_then(|it| it.one_or_list(STEPS));
    let place = steps.unwrap_or_default().into_iter().nth(step);
    let place = place.as_ref().unwrap_or(item);
    place.peek(key).as_ref().unwrap_or(place).fault(problem);
}
