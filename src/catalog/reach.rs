//! Rules that can never decide: what they ask for excludes itself, or an earlier rule takes all that they could.

use std::collections::BTreeSet;

use super::{
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    assignment::Condition,
    catalog::Catalog,
    priority::{Impact, Priority, Urgency},
    sla::SlaRule,
};

/// Reports the SLA rules of a whole catalogue that can never decide.
pub(super) fn check(sections: &Sections<'_>, catalog: &Catalog) {
    for (place, rule) in catalog.sla_rules.iter().enumerate() {
        let templates = templates(rule, catalog);
        let item = |id: &str| {
            sections
                .items(Noun::SlaRule)
                .iter()
                .find(|it| it.node().get("id").and_then(Node::text) == Some(id))
        };
        let Some(here) = item(&rule.id) else { continue };
        let here = here.peek("when").unwrap_or_else(|| here.clone());
        if templates.is_empty() {
            here.fault("can never hold: no template that it names is of a service that it names");
            continue;
        }
        let earlier = catalog.sla_rules[..place].iter().find(|it| takes_all(it, rule, &templates, catalog));
        if let Some(earlier) = earlier {
            let (file, line) = item(&earlier.id).map_or(("", 0), |it| it.place());
            here.fault(format!(
                "can never decide: `{}` ({file}:{line}) comes first and takes every ticket that this rule would; \
                 put this one before it, or ask for less there",
                earlier.id
            ));
        }
    }
}

/// Ids of the templates whose tickets a rule may hold for.
fn templates<'a>(rule: &SlaRule, catalog: &'a Catalog) -> BTreeSet<&'a str> {
    let may = |template: &str, service: &str| {
        rule.when.iter().all(|it| {
            if let Condition::Template(any) = it {
                any.iter().any(|it| it == template)
            } else if let Condition::Service(any) = it {
                any.iter().any(|it| it == service)
            } else {
                true
            }
        })
    };
    catalog.templates.iter().filter(|it| may(&it.id, &it.service)).map(|it| it.id.as_str()).collect()
}

/// Whether a rule holds whenever another one does, whose tickets are from these templates.
fn takes_all(
    rule: &SlaRule,
    other: &SlaRule,
    templates_of_other: &BTreeSet<&str>,
    catalog: &Catalog,
) -> bool {
    templates_of_other.is_subset(&templates(rule, catalog))
        && rule.when.iter().all(|it| follows(it, &other.when, catalog))
}

/// Whether a condition holds wherever all of some others do, as far as that can be told: for a kind that is not
/// compared here, where one of them is the same.
fn follows(it: &Condition, others: &[Condition], catalog: &Catalog) -> bool {
    let fewer = |any: &[String], of: &dyn Fn(&Condition) -> Option<Vec<String>>| {
        others.iter().filter_map(of).any(|fewer| all_in(&fewer, any))
    };
    if let Condition::Template(_) | Condition::Service(_) = it {
        // Compared as sets of templates before.
        true
    } else if let Condition::Field { field, any } = it {
        let same = |it: &Condition| {
            let Condition::Field { field: other, any } = it else { return None };
            Some(any.clone()).filter(|_| other == field)
        };
        fewer(any, &same)
    } else if let Condition::Says(any) = it {
        fewer(any, &|it| if let Condition::Says(any) = it { Some(any.clone()) } else { None })
    } else if let Condition::Impact(least) = it {
        *least <= least_impact(others)
    } else if let Condition::Urgency(least) = it {
        *least <= least_urgency(others)
    } else if let Condition::Priority(least) = it {
        // The matrix is monotone: with this much impact and urgency it is this pressing at least.
        let by_matrix = catalog.matrix.priority(least_impact(others), least_urgency(others));
        let said = others.iter().any(|it| matches!(it, Condition::Priority(it) if it <= least));
        said || *least == Priority::P4 || by_matrix <= *least
    } else {
        others.contains(it)
    }
}

fn least_impact(conditions: &[Condition]) -> Impact {
    let said =
        conditions.iter().filter_map(|it| if let Condition::Impact(it) = it { Some(*it) } else { None });
    said.max().unwrap_or(Impact::Person)
}

fn least_urgency(conditions: &[Condition]) -> Urgency {
    let said =
        conditions.iter().filter_map(|it| if let Condition::Urgency(it) = it { Some(*it) } else { None });
    said.max().unwrap_or(Urgency::Low)
}

fn all_in(fewer: &[String], all: &[String]) -> bool {
    fewer.iter().all(|one| all.iter().any(|it| it.to_lowercase() == one.to_lowercase()))
}
