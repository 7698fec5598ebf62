//! What a plan may name: services, groups and templates of the catalogue, and who sees to an improvement.

use crate::{domain::catalog::Catalog, text::nearest::nearest};

/// The catalogue, asked whether it knows something.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a>(pub &'a Catalog);

impl Known<'_> {
    /// What is wrong with the id of a service, if anything is.
    pub fn service(self, id: &str) -> Option<String> {
        unknown("service", id, self.0.services.iter().map(|it| it.id.as_str()))
    }

    /// What is wrong with the id of a group, if anything is.
    pub fn group(self, id: &str) -> Option<String> {
        unknown("group", id, self.0.groups.iter().map(|it| it.id.as_str()))
    }

    /// What is wrong with the id of a template, if anything is.
    pub fn template(self, id: &str) -> Option<String> {
        unknown("template", id, self.0.templates.iter().map(|it| it.id.as_str()))
    }

    /// What is wrong with somebody who shall see to something, if anything is: agents, groups and addresses can.
    pub fn owner(self, id: &str) -> Option<String> {
        let is_address = id.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'));
        let agents = self.0.agents.iter().map(|it| it.id.as_str());
        let known = self.0.groups.iter().map(|it| it.id.as_str()).chain(agents);
        if is_address {
            None
        } else {
            unknown("agent or group", id, known).map(|it| it + ", or write an address")
        }
    }
}

fn unknown<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if known.clone().any(|it| it == id) {
        return None;
    }
    let near = nearest(id, known).map(|it| format!("; did you mean `{it}`"));
    Some(format!("there is no {what} `{id}` in the catalogue{}", near.unwrap_or_default()))
}
