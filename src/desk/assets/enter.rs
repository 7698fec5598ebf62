//! Entering one asset, and taking it out.

use prost::Message as _;

use super::{AssetRef, Register, malformed, picture::Picture};
use crate::{
    clock,
    desk::{
        digest,
        fault::{Fault, undone},
        people::{Asked, Guard, PersonRef},
    },
    domain::{
        asset::{Asset, Details, Relation, RelationKind},
        id::AssetId,
        time::Timestamp,
    },
    proto::{
        asset::{asset_from, asset_to},
        v1,
    },
    store::{Unit, Wants, Work},
};

/// How often a change is checked again because the register changed meanwhile.
const TRIES: usize = 8;
/// What is stale then, for `Fault::Stale`.
const REGISTER: &str = "register of assets";

/// An asset to be entered: what is known of it, with the names of others that are not looked up yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewAsset {
    /// Which one it is, if that is said; else its tag says it.
    pub id: Option<AssetId>,
    /// What is known, but for the owner and the relations.
    pub details: Details,
    /// Whose it is.
    pub owner: Option<PersonRef>,
    /// What it is to others, in the order in which it is said.
    pub relations: Vec<(RelationKind, AssetRef)>,
}

impl Register {
    /// Enters an asset, or replaces all that is known of it.
    pub async fn put(&self, asked: Asked<'_>, new: &NewAsset, guard: Guard) -> Result<Asset, Fault> {
        for _ in 0..TRIES {
            match self.put_once(asked, new, guard).await {
                Err(Fault::Stale { what: REGISTER, .. }) => {}
                settled => return settled,
            }
        }
        Err(Fault::Busy)
    }

    async fn put_once(&self, asked: Asked<'_>, new: &NewAsset, guard: Guard) -> Result<Asset, Fault> {
        let picture = self.picture().await?;
        let named = new.id.or_else(|| picture.owner(&new.details.tag));
        let before = match named {
            Some(id) => self.store.asset(&self.tenant, id).await?.filter(|it| !it.removed),
            None => None,
        };
        let id = named.unwrap_or_else(|| self.new_id());
        let mut details = new.details.clone();
        // A request that was done gets its first answer, however the register is now.
        if !self.store.is_done(&self.tenant, asked.request).await? {
            if new.id.is_some() && before.is_none() {
                return Err(Fault::NotFound("asset"));
            }
            guarded(before.as_ref(), guard)?;
            let mut faults = self.resolve(&picture, new, &mut details).await?;
            details = details.plain();
            faults.extend(self.faults(id, before.as_ref().map(|it| &it.details), &details));
            if picture.owner(&details.tag).is_some_and(|it| it != id) {
                return Err(Fault::Taken(format!("the tag `{}` is another asset's already", details.tag)));
            }
            let circle = picture.circular(id, &details.tag, &details.relations);
            faults.extend(circle.map(|(kind, problem)| (kind.as_str().to_owned(), problem)));
            malformed("asset", faults)?;
        }
        let changed = picture.changed();
        drop(picture);
        self.write(asked, changed, (id, before, details, false)).await
    }

    /// Takes an asset out.
    pub async fn remove(&self, asked: Asked<'_>, which: &AssetRef, guard: Guard) -> Result<Asset, Fault> {
        for _ in 0..TRIES {
            match self.remove_once(asked, which, guard).await {
                Err(Fault::Stale { what: REGISTER, .. }) => {}
                settled => return settled,
            }
        }
        Err(Fault::Busy)
    }

    async fn remove_once(&self, asked: Asked<'_>, which: &AssetRef, guard: Guard) -> Result<Asset, Fault> {
        let changed = self.picture().await?.changed();
        let before = self.find(which).await?.filter(|it| !it.removed);
        if !self.store.is_done(&self.tenant, asked.request).await? {
            guarded(Some(before.as_ref().ok_or(Fault::NotFound("asset"))?), guard)?;
        }
        let id = before.as_ref().map_or_else(|| self.new_id(), |it| it.id);
        let details = before.as_ref().map(|it| it.details.clone()).unwrap_or_default();
        self.write(asked, changed, (id, before, details, true)).await
    }

    /// Looks up whom and what a new asset names. Gives what is not there.
    async fn resolve(
        &self,
        picture: &Picture,
        new: &NewAsset,
        details: &mut Details,
    ) -> Result<Vec<(String, String)>, Fault> {
        let mut faults = vec![];
        if let Some(owner) = &new.owner {
            match self.people().find(owner).await?.filter(|it| !it.removed) {
                Some(found) => details.owner = Some(found.id),
                None => faults.push(("owner".to_owned(), "no such person in the directory".to_owned())),
            }
        }
        for (at, (kind, other)) in new.relations.iter().enumerate() {
            let found = match other {
                AssetRef::Id(id) => picture.sketch(*id).map(|_| *id),
                AssetRef::Tag(tag) => picture.owner(tag),
            };
            match found {
                Some(to) => details.relations.push(Relation { kind: *kind, to }),
                None => {
                    let problem = format!(
                        "there is no asset `{other}` in the register; leave it out or enter it first"
                    );
                    faults.push((format!("relations[{at}].to"), problem));
                }
            }
        }
        Ok(faults)
    }

    async fn write(
        &self,
        asked: Asked<'_>,
        seen: u64,
        (id, before, details, removed): (AssetId, Option<Asset>, Details, bool),
    ) -> Result<Asset, Fault> {
        let at = clock::now();
        let work = self.work(asked, 1, at);
        let decide = move |unit: &mut Unit<'_>| {
            unchanged(unit, seen)?;
            let asset = record(unit, id, before.as_ref(), &details, removed, at);
            Ok::<_, Fault>(asset_to(&asset).encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        let asset = v1::Asset::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?;
        asset_from(&asset).map_err(|_| Fault::Unavailable)
    }

    /// Work on the register that comes of a request.
    pub(super) fn work(&self, asked: Asked<'_>, rows: usize, at: Timestamp) -> Work {
        Work {
            tenant: self.tenant.clone(),
            request: asked.request.to_owned(),
            content: digest(&[b"asset".as_slice(), asked.content]),
            actor: self.actor.clone(),
            at,
            slot: self.slot(),
            wants: Wants { register: true, rows, ..Wants::default() },
        }
    }
}

/// Whether the register is as somebody saw it.
pub(super) fn unchanged(unit: &Unit<'_>, seen: u64) -> Result<(), Fault> {
    let current = unit.register();
    if current == seen {
        return Ok(());
    }
    Err(Fault::Stale { what: REGISTER, expected: seen, current })
}

/// Records how an asset is from now on, if that is another than before.
pub(super) fn record(
    unit: &mut Unit<'_>,
    id: AssetId,
    before: Option<&Asset>,
    details: &Details,
    removed: bool,
    at: Timestamp,
) -> Asset {
    let mut changed = before.map_or_else(Vec::new, |it| it.details.changes(details));
    if before.is_some_and(|it| it.removed != removed) {
        changed.push("removed");
    }
    if let Some(before) = before.filter(|_| changed.is_empty()) {
        return before.clone();
    }
    let after = Asset {
        id,
        details: details.clone(),
        removed,
        created: before.map_or(at, |it| it.created),
        updated: at,
        version: before.map_or(0, |it| it.version) + 1,
    };
    unit.put_asset(after.clone(), &changed);
    after
}

fn guarded(before: Option<&Asset>, guard: Guard) -> Result<(), Fault> {
    match (guard, before) {
        (Guard::Any, _) | (Guard::New, None) => Ok(()),
        (Guard::New, Some(it)) => Err(Fault::Taken(format!("the tag `{}` is there already", it.details.tag))),
        (Guard::Version(expected), Some(it)) if it.version == expected => Ok(()),
        (Guard::Version(expected), Some(it)) => {
            Err(Fault::Stale { what: "asset", expected, current: it.version })
        }
        (Guard::Version(_), None) => Err(Fault::NotFound("asset")),
    }
}
