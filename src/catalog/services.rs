//! Services: what they are worth and cost, where they are in their life, what they hang on, and what is promised of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    item::{Item, Map},
    outline::Outline,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    asset::AssetState,
    catalog::FALLBACK,
    money::Money,
    priority::Impact,
    service::{Bound, Capacity, Promise, Service, Stage},
    template::Template,
};

/// Longest name, in characters.
const NAME: usize = 120;
/// Longest sentence on what it is good for.
const VALUE: usize = 500;
/// Departments of one service.
const USERS: usize = 500;
/// Services that one hangs on.
const NEEDS: usize = 100;
/// What there must be enough of, for one service.
const CAPACITY: usize = 20;
/// Longest amount of money.
const AMOUNT: usize = 40;
/// Assets that a bound may count.
const ASSETS: u32 = 10_000_000;

const KEYS: [&str; 12] = [
    "id",
    "name",
    "owner",
    "stage",
    "users",
    "cost_centre",
    "value",
    "ticket_cost",
    "sla",
    "needs",
    "availability",
    "capacity",
];

pub(super) fn services(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<Service> {
    sections.items(Noun::Service).iter().filter_map(|it| service(it, outline)).collect()
}

fn service(item: &Item<'_>, outline: &Outline<'_>) -> Option<Service> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| it.id());
    let name = map.need("name").and_then(|it| it.text(NAME));
    let owner = map.need("owner").and_then(|it| outline.refer(&it, Noun::Group));
    let stage = map.optional("stage", |it| it.word(&Stage::ALL, Stage::as_str));
    let text = |key: &str, most| map.optional(key, |it| it.text(most)).map(Option::unwrap_or_default);
    let (cost_centre, value) = (text("cost_centre", NAME), text("value", VALUE));
    let users = map.optional("users", |it| {
        it.one_or_more(USERS)?.iter().map(|it| it.text(NAME)).collect::<Option<Vec<_>>>()
    });
    let needs = map.optional("needs", |it| {
        it.one_or_more(NEEDS)?.iter().map(|it| outline.refer(it, Noun::Service)).collect::<Option<Vec<_>>>()
    });
    let ticket_cost = map.optional("ticket_cost", money);
    let sla = map.optional("sla", |it| outline.refer(it, Noun::Policy));
    let availability = map.optional("availability", |it| promise(it, outline));
    let capacity = map.optional("capacity", |it| {
        it.one_or_more(CAPACITY)?.iter().map(|it| capacity(it, outline)).collect::<Option<Vec<_>>>()
    });
    Some(Service {
        id: id?,
        name: name?,
        owner: owner?,
        stage: stage?.unwrap_or_default(),
        users: users?.unwrap_or_default(),
        cost_centre: cost_centre?,
        value: value?,
        ticket_cost: ticket_cost?,
        sla: sla?,
        needs: needs?.unwrap_or_default(),
        availability: availability?,
        capacity: capacity?.unwrap_or_default(),
    })
}

/// An amount of money.
pub(super) fn money(item: &Item<'_>) -> Option<Money> {
    let read = item.text(AMOUNT).as_deref().and_then(Money::parse);
    if read.is_none() {
        item.expected("an amount and its currency, such as 1200 EUR or 18.50 EUR");
    }
    read
}

fn promise(item: &Item<'_>, outline: &Outline<'_>) -> Option<Promise> {
    let map = item.map(&["target", "calendar", "down_from"])?;
    let target = map.need("target").and_then(|it| percent(&it));
    let calendar = map.optional("calendar", |it| outline.refer(it, Noun::Calendar));
    let impact = map.optional("down_from", |it| {
        let impact = it.word(&Impact::ALL, Impact::as_str)?;
        if impact == Impact::Person {
            it.fault("what does not work for one person is no failure of the service; write team or site");
            return None;
        }
        Some(impact)
    });
    Some(Promise { target: target?, calendar: calendar?, impact: impact?.unwrap_or(Impact::Site) })
}

/// A share such as `99.5%`, in hundredths of a percent.
fn percent(item: &Item<'_>) -> Option<u32> {
    let number = item.node().text().and_then(|it| it.strip_suffix('%')).unwrap_or_default();
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let is_short = matches!(rest.len(), 1 | 2) && rest.bytes().all(|it| it.is_ascii_digit());
    let parts = whole.parse::<u32>().ok().zip(format!("{rest:0<2}").parse::<u32>().ok()).filter(|_| is_short);
    let share = parts.and_then(|(whole, rest)| whole.checked_mul(100)?.checked_add(rest));
    let share = share.filter(|it| (1..=10_000).contains(it));
    if share.is_none() {
        item.expected("a share of the hours, such as 99.5%, above 0% and up to 100%");
    }
    share
}

fn capacity(item: &Item<'_>, outline: &Outline<'_>) -> Option<Capacity> {
    let map = item.map(&["label", "asset_type", "states", "at_least", "at_most"])?;
    let label = map.need("label").and_then(|it| it.bilingual(NAME));
    let asset_type = map.need("asset_type").and_then(|it| outline.refer(&it, Noun::AssetType));
    let states = map.need("states").and_then(|it| {
        let states = it.one_or_more(AssetState::ALL.len())?;
        states.iter().map(|it| it.word(&AssetState::ALL, AssetState::as_str)).collect::<Option<Vec<_>>>()
    });
    let bound = bound(&map);
    Some(Capacity { label: label?, asset_type: asset_type?, states: states?, bound: bound? })
}

fn bound(map: &Map<'_>) -> Option<Bound> {
    let count = |it: &Item<'_>| u32::try_from(it.count(ASSETS)?).ok();
    match (map.get("at_least"), map.get("at_most")) {
        (Some(least), None) => count(&least).map(Bound::Least),
        (None, Some(most)) => count(&most).map(Bound::Most),
        (_, _) => {
            map.item().fault("says how many there should be: either `at_least` or `at_most`");
            None
        }
    }
}

/// What only the services and the templates together show: nothing hangs on itself, what works hangs on nothing that is
/// gone, and there is something to open where nothing else fits.
pub(super) fn together(sections: &Sections<'_>, services: &[Service], templates: &[Template]) {
    for (service, needed) in circles(services) {
        let problem =
            format!("stands in a circle: it hangs on `{needed}`, which hangs on it in turn; take one out");
        fault_at(sections, service, "needs", &problem);
    }
    let gone = |id: &str| services.iter().any(|it| it.id == id && it.stage == Stage::Retired);
    for service in services.iter().filter(|it| it.stage == Stage::Live) {
        for needed in service.needs.iter().filter(|it| gone(it)) {
            let problem = format!("names `{needed}`, which is retired; a live service cannot hang on it");
            fault_at(sections, &service.id, "needs", &problem);
        }
    }
    let fallback = templates.iter().find(|it| it.id == FALLBACK);
    let service = fallback.and_then(|it| services.iter().find(|one| one.id == it.service));
    if let Some(service) = service.filter(|it| it.stage != Stage::Live) {
        let problem = format!(
            "must be live: the template `{FALLBACK}` is its, which is opened where nothing else fits"
        );
        fault_at(sections, &service.id, "stage", &problem);
    }
}

/// Services that stand in a circle, each with one that it hangs on there: what is left when those are taken away, again and
/// again, that hang on nothing or on which nothing hangs.
fn circles(services: &[Service]) -> Vec<(&str, &str)> {
    let mut left: BTreeMap<&str, Vec<&str>> =
        services.iter().map(|it| (it.id.as_str(), it.needs.iter().map(String::as_str).collect())).collect();
    loop {
        let known: BTreeSet<&str> = left.keys().copied().collect();
        let needed: BTreeSet<&str> = left.values().flatten().copied().collect();
        for needs in left.values_mut() {
            needs.retain(|it| known.contains(it));
        }
        let before = left.len();
        left.retain(|id, needs| !needs.is_empty() && needed.contains(id));
        if left.len() == before {
            return left.into_iter().filter_map(|(id, needs)| Some((id, *needs.first()?))).collect();
        }
    }
}

fn fault_at(sections: &Sections<'_>, service: &str, key: &str, problem: &str) {
    let is_it = |it: &&Item<'_>| it.node().get("id").and_then(Node::text) == Some(service);
    if let Some(item) = sections.items(Noun::Service).iter().find(is_it) {
        item.peek(key).as_ref().unwrap_or(item).fault(problem);
    }
}
