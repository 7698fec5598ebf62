//! Who may be asked to agree to requests: how the bot knows them, who decides in their place, whose manager they are.

use std::collections::BTreeMap;

use super::{
    duties::{self, circles},
    fault::quoted,
    item::Item,
    outline::Outline,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    approval::{Approver, DESK},
    people::{Language, Person},
};

/// Longest name, in characters.
const NAME: usize = 120;
/// Longest issuer or subject.
const PART: usize = 128;
/// People that one may manage.
const REPORTS: usize = 2_000;
/// Words that stand for somebody else in a step; no approver may be called so.
pub(super) const MANAGER: &str = "manager";
/// See `MANAGER`.
pub(super) const OWNER: &str = "owner";

const KEYS: [&str; 9] =
    ["id", "name", "issuer", "subject", "agent", "language", "leave", "delegate", "manages"];

pub(super) fn approvers(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<Approver> {
    let items = sections.items(Noun::Approver);
    let all: Vec<Approver> = items.iter().filter_map(|it| approver(it, outline)).collect();
    together(items, &all);
    all
}

fn approver(item: &Item<'_>, outline: &Outline<'_>) -> Option<Approver> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| {
        let id = it.id()?;
        if [MANAGER, OWNER].contains(&id.as_str()) {
            it.fault(format!("`{id}` stands for somebody else in a step; take another id"));
            return None;
        }
        Some(id)
    });
    let name = map.need("name").and_then(|it| it.text(NAME));
    let issuer = map.need("issuer").and_then(|it| issuer(&it));
    let subject = map.need("subject").and_then(|it| it.text(PART));
    let agent = map.optional("agent", |it| outline.refer(it, Noun::Agent));
    let language =
        map.get("language").map_or(Some(Language::En), |it| it.word(&Language::ALL, Language::code));
    let delegate = map.optional("delegate", |it| outline.refer(it, Noun::Approver));
    let leave = duties::leave(&map);
    let manages = map
        .get("manages")
        .map_or(Some(vec![]), |it| it.list(REPORTS)?.iter().map(report).collect::<Option<Vec<Person>>>());
    let person = Person { issuer: issuer?, subject: subject?, name: name? };
    Some(Approver {
        id: id?,
        person,
        agent: agent?,
        language: language?,
        leave: leave?,
        delegate: delegate?,
        manages: manages?,
    })
}

fn issuer(item: &Item<'_>) -> Option<String> {
    let issuer = item.text(PART)?;
    if issuer == DESK {
        item.fault(format!("`{DESK}` vouches for the agents of the desk; name the issuer that the bot says"));
        return None;
    }
    Some(issuer)
}

fn report(item: &Item<'_>) -> Option<Person> {
    let map = item.map(&["issuer", "subject"])?;
    let issuer = map.need("issuer").and_then(|it| it.text(PART));
    let subject = map.need("subject").and_then(|it| it.text(PART));
    Some(Person { issuer: issuer?, subject: subject?, name: String::new() })
}

/// What only all of them together show: nobody is there twice, nobody has two managers or is their own, and delegates do
/// not decide for one another in a circle.
fn together(items: &[Item<'_>], all: &[Approver]) {
    let at = |id: &str, key: &str, problem: String| {
        let item = items.iter().find(|it| it.node().get("id").and_then(Node::text) == Some(id));
        let Some(item) = item else { return };
        item.peek(key).as_ref().unwrap_or(item).fault(problem);
    };
    let next: BTreeMap<&str, Option<&str>> =
        all.iter().map(|it| (it.id.as_str(), it.delegate.as_deref())).collect();
    for circle in circles(all.iter().map(|it| it.id.as_str()), |id| next.get(id).copied().flatten()) {
        let way = circle.join(", ");
        at(circle[0], "delegate", format!("delegates in a circle: {way}; let one of them have no delegate"));
    }
    let (mut people, mut agents, mut reports) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for it in all {
        if let Some(first) = people.insert(it.person.key(), &it.id) {
            at(&it.id, "subject", format!("is approver {} already; keep one", quoted(first)));
        }
        if let Some(first) = it.agent.as_ref().and_then(|agent| agents.insert(agent, &it.id)) {
            at(&it.id, "agent", format!("is approver {} already; keep one", quoted(first)));
        }
        for person in &it.manages {
            let who = quoted(&person.subject);
            if *person == it.person {
                at(&it.id, "manages", format!("{who} cannot be their own manager; take them out"));
            }
            if let Some(first) = reports.insert(person.key(), &it.id) {
                at(&it.id, "manages", format!("{who} has the manager {} already; keep one", quoted(first)));
            }
        }
    }
}
