//! What suffers when assets fail.

use std::collections::{HashMap, HashSet};

use super::{AssetRef, Register, picture::Picture};
use crate::{
    desk::fault::{Fault, Violation},
    domain::{
        asset::Criticality,
        id::AssetId,
        ticket::{AssetLink, LinkedHow},
    },
};

/// What suffers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The impacted assets, nearest first; at most as many as were asked for.
    pub suffers: Vec<Suffers>,
    /// How many there are.
    pub count: usize,
    /// The most that hangs on any of them, and on those that are down.
    pub criticality: Criticality,
}

/// An asset that suffers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suffers {
    /// Its identity.
    pub id: AssetId,
    /// Its tag.
    pub tag: String,
    /// Id of its type.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How much hangs on it.
    pub criticality: Criticality,
    /// Tags of the way from what is down to it.
    pub path: Vec<String>,
}

impl Register {
    /// What suffers when assets are down, of which none is among the vetoed ones. Tells at most so many.
    pub async fn assess(
        &self,
        down: &[AssetRef],
        vetoed: &[AssetRef],
        most: usize,
    ) -> Result<Assessment, Fault> {
        let mut picture = self.picture().await?;
        let mut violations = vec![];
        let down = places(&picture, "down", down, &mut violations);
        let vetoed: HashSet<_> =
            places(&picture, "not_impacted", vetoed, &mut violations).into_iter().collect();
        if let Some(at) = down.iter().position(|it| vetoed.contains(it)) {
            let problem = "is among not_impacted as well; it is either down or not";
            violations.push(Violation::new(format!("down[{at}]"), problem));
        }
        if !violations.is_empty() {
            return Err(Fault::Malformed(violations));
        }
        let types = &self.catalog.asset_types;
        let (reach, sketches) = picture.assess(&down, &vetoed, self.catalog.version, types);
        let found: Vec<_> = reach.impacted().take(most).collect();
        // Whoever took one along comes before it.
        let by: HashMap<_, _> = found.iter().map(|it| (it.id, it.by)).collect();
        let tag = |id: AssetId| sketches.get(&id).map_or_else(String::new, |it| it.tag.clone());
        let suffers = found.iter().filter_map(|it| {
            let sketch = sketches.get(&it.id)?;
            let way = std::iter::successors(Some(it.id), |id| by.get(id).copied());
            let mut path: Vec<_> = way.map(tag).collect();
            path.reverse();
            Some(Suffers {
                id: it.id,
                tag: sketch.tag.clone(),
                kind: sketch.kind.clone(),
                name: sketch.name.clone(),
                criticality: sketch.weight(types),
                path,
            })
        });
        Ok(Assessment {
            suffers: suffers.collect(),
            count: reach.count(),
            criticality: reach.weight().unwrap_or_default(),
        })
    }
}

impl Register {
    /// For each of some sets of assets: itself, and all that fails with it when none of the vetoed ones does.
    pub(in crate::desk) async fn reached(
        &self,
        sets: &[(Vec<AssetId>, HashSet<AssetId>)],
    ) -> Result<Vec<HashSet<AssetId>>, Fault> {
        if sets.iter().all(|(down, _)| down.is_empty()) {
            return Ok(vec![HashSet::new(); sets.len()]);
        }
        let mut picture = self.picture().await?;
        let (version, types) = (self.catalog.version, &self.catalog.asset_types);
        let mut walk = |(down, vetoed): &(Vec<AssetId>, HashSet<AssetId>)| {
            let (reach, _) = picture.assess(down, vetoed, version, types);
            reach.impacted().map(|it| it.id).chain(down.iter().copied()).collect()
        };
        Ok(sets.iter().map(&mut walk).collect())
    }

    /// When the register last changed, as `Unit::register` says it.
    pub(in crate::desk) async fn seen(&self) -> Result<u64, Fault> {
        Ok(self.picture().await?.changed())
    }

    /// Some assets, all that hangs on them and all that they hang on, in any number of steps, whatever redundancy spares:
    /// nothing else can fail with any of them, or take one along.
    pub(in crate::desk) async fn related(&self, of: &[AssetId]) -> Result<HashSet<AssetId>, Fault> {
        if of.is_empty() {
            return Ok(HashSet::new());
        }
        let mut picture = self.picture().await?;
        Ok(picture.related(of, self.catalog.version, &self.catalog.asset_types))
    }

    /// The tags of assets in their order, at most so many.
    pub(in crate::desk) async fn tags(&self, ids: &[AssetId], most: usize) -> Result<Vec<String>, Fault> {
        let picture = self.picture().await?;
        let mut tags: Vec<_> = ids.iter().filter_map(|it| Some(picture.sketch(*it)?.tag.clone())).collect();
        tags.sort_unstable();
        tags.truncate(most);
        Ok(tags)
    }

    /// Links to assets that somebody names for a ticket; all that are not there at once.
    pub(in crate::desk) async fn named_links(&self, named: &[AssetRef]) -> Result<Vec<AssetLink>, Fault> {
        if named.is_empty() {
            return Ok(vec![]);
        }
        let (picture, mut violations) = (self.picture().await?, vec![]);
        let mut found = places(&picture, "assets", named, &mut violations);
        if !violations.is_empty() {
            return Err(Fault::Malformed(violations));
        }
        let mut seen = HashSet::new();
        found.retain(|it| seen.insert(*it));
        let link = |id: AssetId| {
            let tag = picture.sketch(id).map_or_else(String::new, |it| it.tag.clone());
            AssetLink::new(id, &tag, LinkedHow::Manual)
        };
        Ok(found.into_iter().map(link).collect())
    }
}

fn places(picture: &Picture, field: &str, all: &[AssetRef], wrong: &mut Vec<Violation>) -> Vec<AssetId> {
    let mut found = vec![];
    for (at, it) in all.iter().enumerate() {
        let place = match it {
            AssetRef::Id(id) => picture.sketch(*id).map(|_| *id),
            AssetRef::Tag(tag) => picture.owner(tag),
        };
        match place {
            Some(id) => found.push(id),
            None => {
                let problem = format!("there is no asset `{it}` in the register");
                wrong.push(Violation::new(format!("{field}[{at}]"), problem));
            }
        }
    }
    found
}
