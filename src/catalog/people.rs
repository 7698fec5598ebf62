//! Groups, and the agents who are in them.

use super::{
    agreements,
    duties::{self, CAPACITY},
    item::Item,
    outline::Outline,
    sections::{Noun, Sections},
};
use crate::domain::assignment::{Agent, Group};

/// Longest name, in characters.
const NAME: usize = 120;
/// Longest description of a group.
const DESCRIPTION: usize = 500;
/// Groups that one agent may be in.
const GROUPS: usize = 50;

pub(super) fn groups(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<Group> {
    sections.items(Noun::Group).iter().filter_map(|it| group(it, outline)).collect()
}

pub(super) fn agents(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<Agent> {
    sections.items(Noun::Agent).iter().filter_map(|it| agent(it, outline)).collect()
}

fn group(item: &Item<'_>, outline: &Outline<'_>) -> Option<Group> {
    let map = item.map(&["id", "name", "description", "dispatch", "on_call", "ola"])?;
    let id = map.need("id").and_then(|it| it.id());
    let name = map.need("name").and_then(|it| it.bilingual(NAME));
    let description = map.need("description").and_then(|it| it.text(DESCRIPTION));
    let (dispatch, on_call) = (duties::dispatch(&map), duties::on_call(&map, outline));
    let ola = map.optional("ola", |it| agreements::ola(it, outline));
    let ((policy, offer), ola) = (dispatch?, ola?);
    Some(Group { id: id?, name: name?, description: description?, policy, offer, on_call: on_call?, ola })
}

fn agent(item: &Item<'_>, outline: &Outline<'_>) -> Option<Agent> {
    let map = item.map(&[
        "id",
        "name",
        "groups",
        "present",
        "skills",
        "capacity",
        "shift",
        "leave",
        "substitute",
        "user",
    ])?;
    let id = map.need("id").and_then(|it| it.id());
    let name = map.need("name").and_then(|it| it.text(NAME));
    let groups = map.need("groups").and_then(|it| it.one_or_more(GROUPS)).unwrap_or_default();
    let groups = groups.iter().filter_map(|it| outline.refer(it, Noun::Group)).collect();
    let present = map.get("present").map_or(Some(true), |it| it.flag());
    let capacity = map.optional("capacity", |it| u32::try_from(it.count(CAPACITY)?).ok());
    let shift = map.optional("shift", |it| outline.refer(it, Noun::Calendar));
    let substitute = map.optional("substitute", |it| outline.refer(it, Noun::Agent));
    let user = map.optional("user", |it| it.text(NAME));
    let (skills, leave) = (duties::skills(&map), duties::leave(&map));
    Some(Agent {
        id: id?,
        name: name?,
        groups,
        present: present?,
        skills: skills?,
        capacity: capacity?,
        shift: shift?,
        leave: leave?,
        substitute: substitute?,
        user: user?,
    })
}
