//! What suffers when assets fail: a walk from the failed ones to all that hangs on them.
//!
//! The rule: an asset is impacted if one that it hangs on is down or impacted, unless it says for that way of hanging
//! on others that so many of them suffice, and so many are still up. More failures never heal anything, so the walk
//! comes to an end whatever circles there are, and to the same one in whatever order it goes.

use std::collections::{HashMap, HashSet};

use super::{AssetState, Need, Relation, RelationKind};
use crate::domain::id::AssetId;

/// What part an asset has in what hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is in use: it counts where so many must be up.
    Up,
    /// It is not in use: where so many must be up it does not count, and whatever hangs on it alone falls with it.
    Spare,
    /// It is lost or retired: nothing hangs on it any more, and it hangs on nothing.
    Gone,
}

impl Standing {
    /// Of an asset in this state.
    pub fn of(state: AssetState) -> Self {
        match state {
            AssetState::InUse => Self::Up,
            AssetState::Ordered | AssetState::InStock | AssetState::InRepair => Self::Spare,
            AssetState::Lost | AssetState::Retired => Self::Gone,
        }
    }
}

/// An asset as the graph sees it.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Its identity.
    pub id: AssetId,
    /// Its part.
    pub standing: Standing,
    /// What it is to others. Those that the graph does not have do not count.
    pub relations: &'a [Relation],
    /// Where fewer than all will do.
    pub needs: &'a [Need],
}

/// All assets of a register, and what hangs on what.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    ids: Vec<AssetId>,
    places: HashMap<AssetId, u32>,
    standing: Vec<Standing>,
    /// Where the edges of each asset begin; one more than there are assets.
    starts: Vec<u32>,
    /// By asset: what hangs on it.
    edges: Vec<Edge>,
    redundant: Vec<Redundant>,
}

/// To what hangs on an asset.
#[derive(Debug, Clone, Copy)]
struct Edge {
    to: u32,
    /// Place in `redundant`; `ALL` if every one is needed.
    redundant: u32,
}

/// Every one is needed.
const ALL: u32 = u32::MAX;

/// Redundancy of one asset, in one way of hanging on others.
#[derive(Debug, Clone, Copy)]
struct Redundant {
    at_least: u32,
    /// How many are up while nothing is down.
    up: u32,
}

/// An asset that suffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impacted {
    /// Which.
    pub id: AssetId,
    /// The one that it hangs on with which it fell: following these leads to an asset that is down.
    pub by: AssetId,
}

impl Graph {
    /// A graph of assets, each of which comes once.
    pub fn new<'a>(nodes: impl IntoIterator<Item = Node<'a>>) -> Self {
        let nodes: Vec<Node<'_>> = nodes.into_iter().collect();
        let ids: Vec<_> = nodes.iter().map(|it| it.id).collect();
        let places: HashMap<_, _> = (0..).zip(&ids).map(|(place, id)| (*id, place)).collect();
        let standing: Vec<_> = nodes.iter().map(|it| it.standing).collect();
        let mut redundant = vec![];
        let mut needs: HashMap<(u32, RelationKind), u32> = HashMap::new();
        for (place, node) in (0..).zip(&nodes) {
            for need in node.needs {
                needs.insert((place, need.kind), u32::try_from(redundant.len()).unwrap_or(ALL));
                redundant.push(Redundant { at_least: need.at_least, up: 0 });
            }
        }
        let mut graph = Self { ids, places, standing, starts: vec![], edges: vec![], redundant };
        graph.connect(&nodes, &needs);
        graph
    }

    /// Sorts the edges by where they start: counted first, then put in their places.
    fn connect(&mut self, nodes: &[Node<'_>], needs: &HashMap<(u32, RelationKind), u32>) {
        let mut all = vec![];
        for (place, node) in (0..).zip(nodes) {
            for relation in node.relations {
                let Some(other) = self.places.get(&relation.to).copied() else { continue };
                let (from, to) =
                    if relation.kind.hangs_on_target() { (other, place) } else { (place, other) };
                let gone = [from, to].iter().any(|it| self.standing[*it as usize] == Standing::Gone);
                if gone || from == to {
                    continue;
                }
                let redundant = needs.get(&(to, relation.kind)).copied().unwrap_or(ALL);
                if redundant != ALL && self.standing[from as usize] == Standing::Up {
                    self.redundant[redundant as usize].up += 1;
                }
                all.push((from, Edge { to, redundant }));
            }
        }
        self.starts = vec![0; nodes.len() + 1];
        for (from, _) in &all {
            self.starts[*from as usize + 1] += 1;
        }
        for place in 1..self.starts.len() {
            self.starts[place] += self.starts[place - 1];
        }
        let mut next = self.starts.clone();
        self.edges = vec![Edge { to: 0, redundant: ALL }; all.len()];
        for (from, edge) in all {
            self.edges[next[from as usize] as usize] = edge;
            next[from as usize] += 1;
        }
    }

    /// How many assets there are, and how many edges between them.
    pub fn size(&self) -> (usize, usize) {
        (self.ids.len(), self.edges.len())
    }

    /// What suffers when some assets are down, nearest first; those that are down are not among them. Somebody has
    /// said of the vetoed ones that they are not impacted: they are not, and pass nothing on.
    pub fn assess(&self, down: &[AssetId], vetoed: &HashSet<AssetId>) -> Vec<Impacted> {
        let mut walk = Walk {
            // A vetoed one is never reached if it is taken for reached already.
            reached: vec![false; self.ids.len()],
            left: self.redundant.iter().map(|it| it.up).collect(),
            list: vec![],
        };
        for place in vetoed.iter().filter_map(|it| self.places.get(it)) {
            walk.reached[*place as usize] = true;
        }
        for place in down.iter().filter_map(|it| self.places.get(it).copied()) {
            walk.reach(place, place);
        }
        let failed = walk.list.len();
        let mut next = 0;
        while let Some((place, _)) = walk.list.get(next).copied() {
            next += 1;
            self.spread(place, &mut walk);
        }
        let impacted = walk.list[failed..].iter();
        impacted
            .map(|(place, by)| Impacted { id: self.ids[*place as usize], by: self.ids[*by as usize] })
            .collect()
    }

    /// Takes one asset down, and with it what cannot do without.
    fn spread(&self, place: u32, walk: &mut Walk) {
        let at = place as usize;
        let was_up = self.standing[at] == Standing::Up;
        for edge in &self.edges[self.starts[at] as usize..self.starts[at + 1] as usize] {
            if edge.redundant != ALL {
                let left = &mut walk.left[edge.redundant as usize];
                *left -= u32::from(was_up);
                if self.redundant[edge.redundant as usize].at_least <= *left {
                    continue;
                }
            }
            walk.reach(edge.to, place);
        }
    }
}

/// A walk under way.
struct Walk {
    reached: Vec<bool>,
    /// By place in `redundant`: how many are still up.
    left: Vec<u32>,
    /// Those that fell, each with the one that took it along, in order.
    list: Vec<(u32, u32)>,
}

impl Walk {
    fn reach(&mut self, place: u32, by: u32) {
        let reached = &mut self.reached[place as usize];
        if !*reached {
            *reached = true;
            self.list.push((place, by));
        }
    }
}

#[cfg(test)]
mod tests;
