//! Which services, groups and templates have figures of their own for those who watch the process: so few that their number
//! is bounded, whatever the catalogue holds and however long the process runs.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::domain::{measure::About, people::Tenant};

/// So many services, groups and templates of a tenant have figures of their own; all others have theirs together.
pub(super) const NAMED: usize = 20;
/// What all others are called; no id looks like it.
pub(super) const OTHER: &str = "(other)";
/// What is called so has no service, group or template.
pub(super) const NONE: &str = "(none)";

/// What figures are told apart by, one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dimension {
    /// By service.
    Service,
    /// By group.
    Group,
    /// By template.
    Template,
}

impl Dimension {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Service, Self::Group, Self::Template];

    /// As labels write it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Group => "group",
            Self::Template => "template",
        }
    }

    /// What something is about.
    pub(super) fn of(self, about: &About) -> &Arc<str> {
        match self {
            Self::Service => &about.service,
            Self::Group => &about.group,
            Self::Template => &about.template,
        }
    }
}

/// Who has a place. Whoever has one keeps it as long as the process runs, so that no figure of theirs stands still unseen.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<(Tenant, Dimension), BTreeSet<Arc<str>>>);

impl Places {
    /// Gives the places that are left to those of whom there is most.
    pub(super) fn fill(&mut self, tenant: &Tenant, dimension: Dimension, counts: &BTreeMap<Arc<str>, u64>) {
        let taken = self.0.entry((tenant.clone(), dimension)).or_default();
        let mut new: Vec<_> = counts.iter().filter(|(name, _)| !taken.contains(*name)).collect();
        new.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), Arc::clone(name)));
        let left = NAMED.saturating_sub(taken.len());
        taken.extend(new.into_iter().take(left).map(|(name, _)| Arc::clone(name)));
    }

    /// All who have one.
    pub(super) fn of(&self, tenant: &Tenant, dimension: Dimension) -> impl Iterator<Item = &Arc<str>> {
        self.0.get(&(tenant.clone(), dimension)).into_iter().flatten()
    }

    /// What stands on the label of somebody: their own name if they have a place.
    pub(super) fn label(&self, tenant: &Tenant, dimension: Dimension, name: &Arc<str>) -> Arc<str> {
        let has_place = self.of(tenant, dimension).any(|it| it == name);
        if has_place { called(name) } else { OTHER.into() }
    }
}

/// What somebody with a place is called.
pub(super) fn called(name: &Arc<str>) -> Arc<str> {
    if name.is_empty() { NONE.into() } else { Arc::clone(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twenty_have_a_place_for_good_and_all_others_share_one() {
        let (tenant, mut places) = (Tenant::parse("acme").unwrap(), Places::default());
        let names = |from: u64, to: u64| (from..to).map(|it| (format!("group_{it:02}").into(), it)).collect();
        places.fill(&tenant, Dimension::Group, &names(0, 15));
        // Only five are left, for those of whom there is most.
        places.fill(&tenant, Dimension::Group, &names(0, 40));
        places.fill(&tenant, Dimension::Group, &names(50, 90));
        let have: Vec<_> = places.of(&tenant, Dimension::Group).map(|it| it.to_string()).collect();
        assert_eq!(have.len(), NAMED);
        assert!(have.contains(&"group_00".to_owned()) && have.contains(&"group_35".to_owned()), "{have:?}");
        let label = |it: &str| places.label(&tenant, Dimension::Group, &it.into()).to_string();
        assert_eq!(
            (label("group_39"), label("group_20"), label("group_89")),
            ("group_39".into(), OTHER.into(), OTHER.into())
        );
        assert_eq!(places.of(&tenant, Dimension::Service).count(), 0, "each dimension has places of its own");
    }
}
