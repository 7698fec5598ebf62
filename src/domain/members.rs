//! Which agents are in a group, without a walk over all of them.

use std::{collections::HashMap, sync::OnceLock};

use super::assignment::Agent;

/// Where the members of each group stand among the agents of a catalogue; worked out when it is first asked for, once
/// for each value of a catalogue. It follows from the agents, so all are equal, and a copy begins anew: it may get other
/// agents.
#[derive(Debug, Default)]
pub struct Members(OnceLock<HashMap<String, Vec<usize>>>);

impl Members {
    /// The places of a group's members among `agents`, in order.
    pub(super) fn of(&self, group: &str, agents: &[Agent]) -> &[usize] {
        let made = || {
            let mut places: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, agent) in agents.iter().enumerate() {
                for group in &agent.groups {
                    let of_group = places.entry(group.clone()).or_default();
                    if of_group.last() != Some(&place) {
                        of_group.push(place);
                    }
                }
            }
            places
        };
        self.0.get_or_init(made).get(group).map_or(&[], Vec::as_slice)
    }
}

impl Clone for Members {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Members {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
