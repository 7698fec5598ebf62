//! How the directory of people is used: whom entries stand for, what becomes of leavers, who may ask for whom.

use super::{item::Item, sections::Sections, yaml::Value};
use crate::domain::profile::{Delegate, Directory, Leavers, MayAsk, SubjectFrom};

/// Longest issuer and user name, in characters.
const NAME: usize = 128;
/// Rules of who may ask for whom.
const RULES: usize = 500;
/// People for whom one delegate may ask.
const PEOPLE: usize = 500;

/// The section `people`, or what holds without it.
pub(super) fn directory(sections: &Sections<'_>) -> Directory {
    sections.people().and_then(read).unwrap_or_default()
}

fn read(item: &Item<'_>) -> Option<Directory> {
    let map = item.map(&["issuer", "subject", "leavers", "on_behalf"])?;
    let usual = Directory::default();
    let issuer = map.optional("issuer", |it| it.text(NAME));
    let subject = map.optional("subject", |it| it.word(&SubjectFrom::ALL, SubjectFrom::as_str));
    let leavers = map.optional("leavers", |it| it.word(&Leavers::ALL, Leavers::as_str));
    let on_behalf = map.optional("on_behalf", rules);
    Some(Directory {
        issuer: issuer?.unwrap_or(usual.issuer),
        subject: subject?.unwrap_or_default(),
        leavers: leavers?.unwrap_or_default(),
        on_behalf: on_behalf?.unwrap_or(usual.on_behalf),
    })
}

fn rules(item: &Item<'_>) -> Option<Vec<MayAsk>> {
    let items = item.one_or_list(RULES)?;
    let rules: Vec<_> = items.iter().filter_map(rule).collect();
    (rules.len() == items.len()).then_some(rules)
}

fn rule(item: &Item<'_>) -> Option<MayAsk> {
    if item.is_map() {
        let map = item.map(&["delegate", "of"])?;
        let delegate = map.need("delegate").and_then(|it| it.text(NAME));
        let of = map.optional("of", names);
        return Some(MayAsk::Delegate(Delegate { delegate: delegate?, of: of?.unwrap_or_default() }));
    }
    if matches!(item.node().value, Value::Text(_)) {
        return item.word(&["anybody", "agents", "same_department", "manager"], |it| it).map(|it| match it {
            "anybody" => MayAsk::Anybody,
            "agents" => MayAsk::Agents,
            "same_department" => MayAsk::SameDepartment,
            // The list has nothing else.
            _ => MayAsk::Manager,
        });
    }
    item.expected("anybody, agents, same_department, manager, or { delegate: ada, of: [bo] }");
    None
}

fn names(item: &Item<'_>) -> Option<Vec<String>> {
    let items = item.one_or_more(PEOPLE)?;
    let names: Vec<_> = items.iter().filter_map(|it| it.text(NAME)).collect();
    (names.len() == items.len()).then_some(names)
}
