//! What suffers when assets fail.

use std::collections::{HashMap, HashSet};

use super::{AssetRef, Register, picture::Picture};
use crate::{
    desk::fault::{Fault, Violation},
    domain::{asset::Criticality, id::AssetId},
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
