//! SLA policies, and the matrix from which a priority follows.

use super::{
    item::Item,
    outline::Outline,
    sections::{Noun, Sections},
};
use crate::domain::{
    priority::{Impact, Matrix, Priority, Urgency},
    sla::{Escalation, Goal, SlaPolicy, Target, Whom},
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
    let calendar = map.need("calendar").and_then(|it| outline.refer(&it, Noun::Calendar));
    let targets = map.need("targets").and_then(|it| targets(&it));
    let escalations = map.get("escalations").map_or(Some(vec![]), |it| escalations(&it, outline));
    let close_after = map.optional("close_after", Item::duration);
    Some(SlaPolicy {
        id: id?,
        calendar: calendar?,
        targets: targets?,
        escalations: escalations?,
        close_after: close_after?,
    })
}

/// Escalations of one policy at most.
const ESCALATIONS: usize = 30;

fn escalations(item: &Item<'_>, outline: &Outline<'_>) -> Option<Vec<Escalation>> {
    item.list(ESCALATIONS)?.iter().map(|it| escalation(it, outline)).collect()
}

fn escalation(item: &Item<'_>, outline: &Outline<'_>) -> Option<Escalation> {
    let map = item.map(&["goal", "at", "notify", "group"])?;
    let goal = map.need("goal").and_then(|it| it.word(&Goal::ALL, Goal::as_str));
    let percent = map.need("at").and_then(|it| it.percent());
    let whom = |it: Item<'_>| it.word(&Whom::ALL, Whom::as_str);
    let notify = map.get("notify").map_or(Some(vec![]), |it| {
        it.one_or_more(Whom::ALL.len())?.into_iter().map(whom).collect::<Option<Vec<_>>>()
    });
    let group = map.optional("group", |it| outline.refer(it, Noun::Group));
    let (notify, group) = (notify?, group?);
    if notify.is_empty() && group.is_none() {
        item.fault("does nothing; say whom to `notify`, or which `group` gets the ticket");
        return None;
    }
    Some(Escalation { goal: goal?, percent: percent?, notify, group })
}

fn targets(item: &Item<'_>) -> Option<[Target; 4]> {
    let map = item.map(&Priority::ALL.map(Priority::as_str))?;
    let [p1, p2, p3, p4] =
        Priority::ALL.map(|priority| map.need(priority.as_str()).and_then(|it| target(&it)));
    Some([p1?, p2?, p3?, p4?])
}

fn target(item: &Item<'_>) -> Option<Target> {
    let map = item.map(&["response", "next_response", "resolution"])?;
    let response = map.need("response").and_then(|it| it.duration());
    let next_response = map.optional("next_response", Item::duration);
    let resolution = map.need("resolution").and_then(|it| it.duration());
    let (response, resolution, next_response) = (response?, resolution?, next_response?);
    if resolution < response {
        item.fault("must be answered before it is resolved; make `response` the shorter one");
        return None;
    }
    Some(Target { response, next_response, resolution })
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
