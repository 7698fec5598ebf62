//! SLA policies, and the matrix from which a priority follows.

use super::{
    item::{Item, Map},
    outline::Outline,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    priority::{Impact, Matrix, Priority, Urgency},
    sla::{Escalation, Goal, Sites, SlaPolicy, Step, Target, Whom},
};

pub(super) fn policies(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<SlaPolicy> {
    sections.items(Noun::Policy).iter().filter_map(|it| policy(it, outline)).collect()
}

/// The matrix of the catalogue, or the usual one.
pub(super) fn matrix(sections: &Sections<'_>) -> Matrix {
    sections.matrix().and_then(written_matrix).unwrap_or_default()
}

fn policy(item: &Item<'_>, outline: &Outline<'_>) -> Option<SlaPolicy> {
    let map = item.map(&["id", "calendar", "targets", "escalations", "close_after"])?;
    let id = map.need("id").and_then(|it| it.id());
    let calendar = map.need("calendar").and_then(|it| hours(&it, outline));
    let targets = map.need("targets").and_then(|it| targets(&it));
    let escalations = map.get("escalations").map_or(Some(vec![]), |it| escalations(&it, None, outline));
    let close_after = map.optional("close_after", Item::duration);
    let (calendar, sites) = calendar?;
    Some(SlaPolicy {
        id: id?,
        calendar,
        sites,
        targets: targets?,
        escalations: escalations?,
        close_after: close_after?,
    })
}

/// Sites of one policy at most.
const SITES: usize = 500;
/// Longest name of a site, in characters.
const SITE: usize = 120;

/// A calendar, or one for each site: `{ by_field: site, sites: { berlin: office, pune: pune }, else: office }`.
fn hours(item: &Item<'_>, outline: &Outline<'_>) -> Option<(String, Option<Sites>)> {
    if !item.is_map() {
        return outline.refer(item, Noun::Calendar).map(|it| (it, None));
    }
    let map = item.map(&["by_field", "sites", "else"])?;
    let field = map.need("by_field").and_then(|it| site_field(&it, outline));
    let calendars = map.need("sites").and_then(|it| sites(&it, outline));
    let usual = map.need("else").and_then(|it| outline.refer(&it, Noun::Calendar));
    Some((usual?, Some(Sites { field: field?, calendars: calendars? })))
}

/// A field that some template has.
fn site_field(item: &Item<'_>, outline: &Outline<'_>) -> Option<String> {
    let id = item.id()?;
    let fields = outline.templates().values().flat_map(|it| it.get("fields").map_or(&[][..], Node::list));
    let mut known: Vec<&str> = fields.filter_map(|it| it.get("id")?.text()).collect();
    known.sort_unstable();
    known.dedup();
    if outline.is_whole() && !known.contains(&id.as_str()) {
        item.unknown("no template has a field", &id, known.into_iter());
        return None;
    }
    Some(id)
}

fn sites(item: &Item<'_>, outline: &Outline<'_>) -> Option<Vec<(String, String)>> {
    let map = item.open_map()?;
    let count = map.each().count();
    if count == 0 || SITES < count {
        item.fault(format!("has {count} sites; name 1 to {SITES}, each with its calendar"));
        return None;
    }
    let mut seen = std::collections::BTreeSet::new();
    let site = |(name, calendar): (&str, Item<'_>)| {
        if name.trim().is_empty() || SITE < name.chars().count() || !seen.insert(name.to_lowercase()) {
            calendar.fault(format!("each site has a name of its own, of 1 to {SITE} characters"));
            return None;
        }
        Some((name.to_owned(), outline.refer(&calendar, Noun::Calendar)?))
    };
    map.each().map(site).collect()
}

/// Escalations of one policy at most.
const ESCALATIONS: usize = 30;
/// Longest note, in characters.
const NOTE: usize = 500;

/// What happens while time runs out: of the goals of a policy, or of the one goal of an agreement.
pub(super) fn escalations(
    item: &Item<'_>,
    goal: Option<Goal>,
    outline: &Outline<'_>,
) -> Option<Vec<Escalation>> {
    let items = item.list(ESCALATIONS)?;
    let all: Vec<Escalation> = items.iter().map(|it| escalation(it, goal, outline)).collect::<Option<_>>()?;
    for (place, it) in all.iter().enumerate().filter(|(_, it)| it.step.group.is_some()) {
        let is_same = |before: &&Escalation| {
            (before.goal, before.percent) == (it.goal, it.percent) && before.step.group.is_some()
        };
        if all[..place].iter().find(is_same).is_some_and(|before| before.step.group != it.step.group) {
            items[place]
                .fault("hands the ticket to another group at the same moment as a step before; keep one");
            return None;
        }
    }
    Some(all)
}

fn escalation(item: &Item<'_>, goal: Option<Goal>, outline: &Outline<'_>) -> Option<Escalation> {
    const KEYS: [&str; 7] = ["at", "notify", "group", "reassign", "raise_urgency", "note", "goal"];
    let map = item.map(if goal.is_some() { &KEYS[..6] } else { &KEYS })?;
    let of_policy = || map.need("goal").and_then(|it| it.word(&Goal::OF_POLICIES, Goal::as_str));
    let goal = goal.or_else(of_policy);
    let percent = map.need("at").and_then(|it| it.percent());
    let step = step(item, &map, outline);
    Some(Escalation { goal: goal?, percent: percent?, step: step? })
}

/// What happens at one step.
fn step(item: &Item<'_>, map: &Map<'_>, outline: &Outline<'_>) -> Option<Step> {
    let whom = |it: Item<'_>| it.word(&Whom::ALL, Whom::as_str);
    let notify = map.get("notify").map_or(Some(vec![]), |it| {
        it.one_or_more(Whom::ALL.len())?.into_iter().map(whom).collect::<Option<Vec<_>>>()
    });
    let group = map.optional("group", |it| outline.refer(it, Noun::Group));
    let reassign = map.get("reassign").map_or(Some(false), |it| it.flag());
    let raise_urgency = map.get("raise_urgency").map_or(Some(false), |it| it.flag());
    let note = map.optional("note", |it| it.text(NOTE));
    let step = Step {
        notify: notify?,
        group: group?,
        reassign: reassign?,
        raise_urgency: raise_urgency?,
        notes: note?.into_iter().collect(),
    };
    if step == Step::default() {
        item.fault(
            "does nothing; say whom to `notify`, which `group` gets the ticket, or to `reassign`, \
             `raise_urgency` or `note`",
        );
        return None;
    }
    if step.group.is_some() && step.reassign {
        item.fault("hands it to a group, which chooses its agent anew; leave `reassign` out");
        return None;
    }
    Some(step)
}

fn targets(item: &Item<'_>) -> Option<[Target; 4]> {
    let map = item.map(&Priority::ALL.map(Priority::as_str))?;
    let [p1, p2, p3, p4] =
        Priority::ALL.map(|priority| map.need(priority.as_str()).and_then(|it| target(&it)));
    Some([p1?, p2?, p3?, p4?])
}

fn target(item: &Item<'_>) -> Option<Target> {
    let map = item.map(&["response", "next_response", "update", "resolution"])?;
    let response = map.need("response").and_then(|it| it.duration());
    let next_response = map.optional("next_response", Item::duration);
    let update = map.optional("update", Item::duration);
    let resolution = map.need("resolution").and_then(|it| it.duration());
    let (response, resolution, next_response, update) = (response?, resolution?, next_response?, update?);
    if resolution < response {
        item.fault("must be answered before it is resolved; make `response` the shorter one");
        return None;
    }
    Some(Target { response, next_response, update, resolution })
}

fn written_matrix(item: &Item<'_>) -> Option<Matrix> {
    let map = item.map(&Impact::ALL.map(Impact::as_str))?;
    let [person, team, site] = Impact::ALL.map(|impact| map.need(impact.as_str()).and_then(|it| row(&it)));
    match Matrix::new([person?, team?, site?]) {
        Ok(matrix) => Some(matrix),
        Err(bad) => {
            item.fault(bad.to_string());
            None
        }
    }
}

fn row(item: &Item<'_>) -> Option<[Priority; 3]> {
    let map = item.map(&Urgency::ALL.map(Urgency::as_str))?;
    let priority = |urgency: Urgency| {
        map.need(urgency.as_str()).and_then(|it| it.word(&Priority::ALL, Priority::as_str))
    };
    let [low, medium, high] = Urgency::ALL.map(priority);
    Some([low?, medium?, high?])
}
