//! A picture of a tenant's register in memory: what hangs on what, and whose tags are whose. It is made at the first
//! use, and before each use brought up to what the store has: other processes change the register too.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use crate::{
    desk::fault::Fault,
    domain::{
        asset::{
            Asset, AssetState, AssetType, Criticality, Graph, Need, Node, Reach, Relation, RelationKind,
            Standing, circle, weight,
        },
        id::{AssetId, ProfileId},
        people::Tenant,
        template::Values,
        ticket::AssetFacts,
    },
    store::Store,
};

/// Assets read at once.
const PAGE: u32 = 5_000;

/// The pictures of all tenants. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Pictures(Arc<Mutex<HashMap<Tenant, Arc<tokio::sync::Mutex<Picture>>>>>);

impl Pictures {
    /// The picture of a tenant's register as it is now, for one to look at.
    pub(super) async fn now(
        &self,
        store: &Store,
        tenant: &Tenant,
    ) -> Result<OwnedMutexGuard<Picture>, Fault> {
        let picture = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(tenant.clone()).or_default())
        };
        let mut picture = picture.lock_owned().await;
        picture.follow(store, tenant).await?;
        Ok(picture)
    }
}

/// A register in memory.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// Up to where it is known.
    seen: Option<(u64, AssetId)>,
    /// In the order of their identities, so that the graph is the same however the register came to be.
    sketches: BTreeMap<AssetId, Sketch>,
    tags: HashMap<String, AssetId>,
    /// Made when it is asked for, and again after a change; with the version of the catalogue.
    graph: Option<(u64, Graph)>,
}

/// What the picture has of an asset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sketch {
    pub(super) tag: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// Who has it.
    pub(super) owner: Option<ProfileId>,
    criticality: Option<Criticality>,
    state: AssetState,
    location: String,
    fields: Values,
    relations: Vec<Relation>,
    needs: Vec<Need>,
}

impl Sketch {
    /// How much hangs on it.
    pub(super) fn weight(&self, types: &[AssetType]) -> Criticality {
        weight(self.criticality, &self.kind, types)
    }

    /// What rules may ask of it.
    pub(super) fn facts(&self, types: &[AssetType]) -> AssetFacts {
        AssetFacts {
            kind: self.kind.clone(),
            criticality: self.weight(types),
            location: self.location.clone(),
            fields: self.fields.clone(),
        }
    }
}

impl Picture {
    async fn follow(&mut self, store: &Store, tenant: &Tenant) -> Result<(), Fault> {
        loop {
            let page = store.assets_since(tenant, self.seen, PAGE).await?;
            let full = page.len() == PAGE as usize;
            if let Some((at, last)) = page.last() {
                self.seen = Some((*at, last.id));
                self.graph = None;
            }
            for (_, asset) in page {
                self.take(asset);
            }
            if !full {
                return Ok(());
            }
        }
    }

    fn take(&mut self, asset: Asset) {
        let (id, details) = (asset.id, asset.details);
        let before = self.sketches.remove(&id);
        // The tag may be another's already who comes behind.
        if let Some(before) = before.filter(|it| self.tags.get(&it.tag) == Some(&id)) {
            self.tags.remove(&before.tag);
        }
        if asset.removed {
            return;
        }
        self.tags.insert(details.tag.clone(), id);
        let sketch = Sketch {
            tag: details.tag,
            kind: details.kind,
            name: details.name,
            owner: details.owner,
            criticality: details.criticality,
            state: details.state,
            location: details.location,
            fields: details.fields,
            relations: details.relations,
            needs: details.needs,
        };
        self.sketches.insert(id, sketch);
    }

    /// When the register last changed, as `Unit::register` says it.
    pub(super) fn changed(&self) -> u64 {
        self.seen.map_or(0, |it| it.0)
    }

    pub(super) fn sketch(&self, id: AssetId) -> Option<&Sketch> {
        self.sketches.get(&id)
    }

    /// Whose a tag is.
    pub(super) fn owner(&self, tag: &str) -> Option<AssetId> {
        self.tags.get(tag).copied()
    }

    /// What suffers when assets are down, and what is known of all assets. A catalogue of another version may say another
    /// weight of a type.
    pub(super) fn assess(
        &mut self,
        down: &[AssetId],
        vetoed: &HashSet<AssetId>,
        catalog: u64,
        types: &[AssetType],
    ) -> (Reach<'_>, &BTreeMap<AssetId, Sketch>) {
        self.draw(catalog, types);
        let reach = self.graph.get_or_insert_default().1.assess(down, vetoed);
        (reach, &self.sketches)
    }

    /// Some assets, all that hangs on them and all that they hang on.
    pub(super) fn related(&mut self, of: &[AssetId], catalog: u64, types: &[AssetType]) -> HashSet<AssetId> {
        self.draw(catalog, types);
        self.graph.get_or_insert_default().1.related(of)
    }

    /// Sees to it that the graph is that of the catalogue.
    fn draw(&mut self, catalog: u64, types: &[AssetType]) {
        if self.graph.as_ref().is_none_or(|it| it.0 != catalog) {
            self.graph = Some((catalog, graph(&self.sketches, types)));
        }
    }

    /// What is wrong with the relations of one asset among the others, if it were to have these.
    pub(super) fn circular(
        &self,
        id: AssetId,
        tag: &str,
        relations: &[Relation],
    ) -> Option<(RelationKind, String)> {
        let of = |it: AssetId| match self.sketches.get(&it) {
            _ if it == id => relations,
            Some(it) => &it.relations,
            None => &[],
        };
        let name = |it: AssetId| match self.sketches.get(&it) {
            Some(sketch) if it != id => sketch.tag.clone(),
            Some(_) | None => tag.to_owned(),
        };
        circular(std::iter::once(id), of, name).map(|(_, kind, problem)| (kind, problem))
    }
}

fn graph(sketches: &BTreeMap<AssetId, Sketch>, types: &[AssetType]) -> Graph {
    Graph::new(sketches.iter().map(|(id, it)| Node {
        id: *id,
        standing: Standing::of(it.state),
        weight: it.weight(types),
        relations: &it.relations,
        needs: &it.needs,
    }))
}

/// A circle of what must be a tree: where it is, and what is wrong with it.
pub(super) fn circular<'a>(
    from: impl Iterator<Item = AssetId> + Clone,
    of: impl Fn(AssetId) -> &'a [Relation],
    name: impl Fn(AssetId) -> String,
) -> Option<(AssetId, RelationKind, String)> {
    RelationKind::ALL.into_iter().filter(|it| it.is_a_tree()).find_map(|kind| {
        let next = |it| of(it).iter().filter(move |it| it.kind == kind).map(|it| it.to);
        let found = circle(from.clone(), next)?;
        let first = *found.first()?;
        let names: Vec<_> = found.iter().chain([&first]).map(|it| name(*it)).collect();
        let problem = format!("goes in a circle: {}; take one of them out", names.join(" -> "));
        Some((first, kind, problem))
    })
}
