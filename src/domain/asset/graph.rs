//! What suffers when assets fail: a walk from the failed ones to all that hangs on them.
//!
//! The rule: an asset is impacted if one that it hangs on is down or impacted, unless it says for that way of hanging
//! on others that so many of them suffice, and so many are still up. More failures never heal anything, so the walk
//! comes to an end whatever circles there are, and to the same one in whatever order it goes.

use std::collections::{HashMap, HashSet};

use super::{AssetState, Criticality, Need, Relation, RelationKind};
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
    /// How much hangs on it.
    pub weight: Criticality,
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
    weights: Vec<Criticality>,
    /// Where the edges of each asset begin; one more than there are assets.
    starts: Vec<u32>,
    /// By asset: what hangs on it, with `REDUNDANT` where not every one is needed. A walk over a large register waits
    /// for memory, so that edges are as small as they can be.
    edges: Vec<u32>,
    /// Beside `edges`: places in `redundant` of those that are marked.
    slots: Vec<u32>,
    redundant: Vec<Redundant>,
}

/// Marks an edge of which others may take the place.
const REDUNDANT: u32 = 1 << 31;

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

/// What a walk has reached.
#[derive(Debug, Clone)]
pub struct Reach<'a> {
    graph: &'a Graph,
    /// Those that fell, each with the one that took it along, in order.
    list: Vec<(u32, u32)>,
    /// How many of them were down from the beginning; they come first.
    down: usize,
}

impl Reach<'_> {
    /// How many suffer; those that are down are not among them.
    pub fn count(&self) -> usize {
        self.list.len() - self.down
    }

    /// Those that suffer, nearest first.
    pub fn impacted(&self) -> impl Iterator<Item = Impacted> {
        let id = |place: u32| self.graph.ids[place as usize];
        self.list[self.down..].iter().map(move |(place, by)| Impacted { id: id(*place), by: id(*by) })
    }

    /// The most that hangs on any of them, and on those that are down.
    pub fn weight(&self) -> Option<Criticality> {
        self.list.iter().map(|it| self.graph.weights[it.0 as usize]).max()
    }
}

impl Graph {
    /// A graph of assets, each of which comes once.
    pub fn new<'a>(nodes: impl IntoIterator<Item = Node<'a>>) -> Self {
        let nodes: Vec<Node<'_>> = nodes.into_iter().collect();
        let ids: Vec<_> = nodes.iter().map(|it| it.id).collect();
        let places: HashMap<_, _> = (0..).zip(&ids).map(|(place, id)| (*id, place)).collect();
        let mut redundant = vec![];
        let mut needs: HashMap<(u32, RelationKind), u32> = HashMap::new();
        for (place, node) in (0..).zip(&nodes) {
            for need in node.needs {
                needs.insert((place, need.kind), u32::try_from(redundant.len()).unwrap_or(u32::MAX));
                redundant.push(Redundant { at_least: need.at_least, up: 0 });
            }
        }
        let standing = nodes.iter().map(|it| it.standing).collect();
        let weights = nodes.iter().map(|it| it.weight).collect();
        let mut graph = Self { ids, places, standing, weights, redundant, ..Self::default() };
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
                let slot = needs.get(&(to, relation.kind)).copied();
                if let Some(slot) = slot.filter(|_| self.standing[from as usize] == Standing::Up) {
                    self.redundant[slot as usize].up += 1;
                }
                all.push((from, to, slot));
            }
        }
        self.starts = vec![0; nodes.len() + 1];
        for (from, ..) in &all {
            self.starts[*from as usize + 1] += 1;
        }
        for place in 1..self.starts.len() {
            self.starts[place] += self.starts[place - 1];
        }
        let mut next = self.starts.clone();
        self.edges = vec![0; all.len()];
        self.slots = vec![0; all.len()];
        for (from, to, slot) in all {
            let at = next[from as usize] as usize;
            self.edges[at] = to | if slot.is_some() { REDUNDANT } else { 0 };
            self.slots[at] = slot.unwrap_or_default();
            next[from as usize] += 1;
        }
    }

    /// How many assets there are, and how many edges between them.
    pub fn size(&self) -> (usize, usize) {
        (self.ids.len(), self.edges.len())
    }

    /// What suffers when some assets are down. Somebody has said of the vetoed ones that they are not impacted: they are
    /// not, and pass nothing on.
    pub fn assess(&self, down: &[AssetId], vetoed: &HashSet<AssetId>) -> Reach<'_> {
        let mut walk = Walk {
            reached: vec![0; self.ids.len() / 64 + 1],
            left: self.redundant.iter().map(|it| it.up).collect(),
            list: vec![],
        };
        // A vetoed one is never reached if it is taken for reached already.
        for place in vetoed.iter().filter_map(|it| self.places.get(it)) {
            walk.is_new(*place);
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
        Reach { graph: self, list: walk.list, down: failed }
    }

    /// Some assets, all that hangs on them and all that they hang on, in any number of steps: whatever could fail with one
    /// of them, or take one along, however much redundancy there is.
    pub fn related(&self, of: &[AssetId]) -> HashSet<AssetId> {
        let mut found: HashSet<AssetId> = of.iter().copied().collect();
        let from: Vec<u32> = of.iter().filter_map(|it| self.places.get(it).copied()).collect();
        let below = |place: u32| {
            let edges = self.starts[place as usize] as usize..self.starts[place as usize + 1] as usize;
            self.edges[edges].iter().map(|it| it & !REDUNDANT)
        };
        let mut above: HashMap<u32, Vec<u32>> = HashMap::new();
        for place in (0..).take(self.ids.len()) {
            below(place).for_each(|it| above.entry(it).or_default().push(place));
        }
        let ways: [&dyn Fn(u32) -> Vec<u32>; 2] =
            [&|it| below(it).collect(), &|it| above.get(&it).cloned().unwrap_or_default()];
        for way in ways {
            let mut seen: HashSet<u32> = from.iter().copied().collect();
            let mut left = from.clone();
            while let Some(place) = left.pop() {
                found.insert(self.ids[place as usize]);
                left.extend(way(place).into_iter().filter(|it| seen.insert(*it)));
            }
        }
        found
    }

    /// Takes one asset down, and with it what cannot do without.
    fn spread(&self, place: u32, walk: &mut Walk) {
        let edges = self.starts[place as usize] as usize..self.starts[place as usize + 1] as usize;
        for at in edges {
            let edge = self.edges[at];
            if edge & REDUNDANT == 0 || self.is_short(at, place, walk) {
                walk.reach(edge & !REDUNDANT, place);
            }
        }
    }

    /// Whether too few are left without this one.
    fn is_short(&self, edge: usize, place: u32, walk: &mut Walk) -> bool {
        let slot = self.slots[edge] as usize;
        let left = &mut walk.left[slot];
        *left -= u32::from(self.standing[place as usize] == Standing::Up);
        *left < self.redundant[slot].at_least
    }
}

/// A walk under way.
struct Walk {
    /// A bit for each asset.
    reached: Vec<u64>,
    /// By place in `redundant`: how many are still up.
    left: Vec<u32>,
    /// Those that fell, each with the one that took it along, in order.
    list: Vec<(u32, u32)>,
}

impl Walk {
    fn reach(&mut self, place: u32, by: u32) {
        if self.is_new(place) {
            self.list.push((place, by));
        }
    }

    /// Whether it was not reached before; from now on it is.
    fn is_new(&mut self, place: u32) -> bool {
        let (word, bit) = (&mut self.reached[place as usize / 64], 1 << (place % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests;
