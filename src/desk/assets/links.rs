//! The assets of tickets: linking them by hand, and keeping what hangs on them as the register has it. A link whose
//! reason goes, goes with it, and with it what it gave to the ticket's impact.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use super::{AssetRef, Register, picture::Picture};
use crate::{
    clock,
    desk::{
        Desk,
        command::{Change, What},
        fault::Fault,
    },
    domain::{
        id::{AssetId, TicketId},
        lookup::TicketRef,
        people::{Caller, Tenant},
        ticket::{AssetAct, AssetFacts, AssetLink, KEPT, LinkedHow, Refusal, Ticket, TicketAssets},
    },
    proto::v1::{self, event::Fact},
};

/// How often a change is worked out again because somebody was faster.
const TRIES: usize = 8;
/// What is stale then, for `Fault::Stale`.
pub(in crate::desk) const ASSETS: &str = "ticket's assets";
/// How often a look is taken when nothing has happened: another process may have changed the register.
const PAUSE: Duration = Duration::from_secs(1);
/// Tickets looked at in one step.
const PAGE: u32 = 256;
/// Who it was, in histories.
const ACTOR: &str = "assets";

/// A change of the link between a ticket and an asset.
#[derive(Debug, Clone)]
pub struct LinkChange {
    /// Request id.
    pub request: String,
    /// Which ticket.
    pub ticket: TicketRef,
    /// Which asset.
    pub asset: AssetRef,
    /// What is to become of it.
    pub act: AssetAct,
    /// Refuse unless the ticket has this version.
    pub expected: Option<u64>,
}

/// Another set of assets for a ticket, worked out from the one that it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Relinked {
    /// What was asked for; nothing where it follows of the register.
    pub asked: Option<(AssetAct, AssetRef)>,
    /// The set that it was worked out from.
    pub from: TicketAssets,
    /// The new one; what was said of the impact is not in it yet.
    pub to: TicketAssets,
}

/// What follows of links that a ticket is opened with.
#[derive(Debug, Clone, Default)]
pub struct Weighed {
    pub(super) links: Vec<AssetLink>,
    pub(in crate::desk) assets: TicketAssets,
    /// When the register had last changed; none where there are no links.
    pub(in crate::desk) seen: Option<u64>,
}

impl Desk {
    /// Links an asset to a ticket, takes the link back, or says that it is not impacted.
    pub async fn link_asset(&self, caller: &Caller, change: LinkChange) -> Result<v1::Ticket, Fault> {
        for _ in 0..TRIES {
            match self.link_once(caller, change.clone()).await {
                Err(Fault::Stale { what: ASSETS, .. }) => {}
                settled => return settled,
            }
        }
        Err(Fault::Busy)
    }

    /// Lets a survivor be about what a merged ticket was about, but for what somebody has said that it is not. Where that
    /// cannot be, since the survivor was scheduled this moment, it is told. In a box, since what follows of changes of
    /// tickets is drawn by changes of tickets.
    pub(in crate::desk) fn inherit_assets<'a>(
        &'a self,
        caller: &'a Caller,
        request: String,
        merged: &'a Ticket,
        survivor: TicketId,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(self.inherit(caller, request, merged, survivor))
    }

    async fn inherit(
        &self,
        caller: &Caller,
        request: String,
        merged: &Ticket,
        survivor: TicketId,
    ) -> Result<(), Fault> {
        let register = self.register(caller);
        let mut heir = survivor;
        for _ in 0..TRIES {
            let found = self.store.ticket(&caller.tenant, &TicketRef::Id(heir)).await?;
            let Some(there) = found.filter(|it| it.state.is_open() || it.ties.survivor().is_some()) else {
                return Ok(());
            };
            if let Some(next) = there.ties.survivor() {
                heir = next.ticket;
                continue;
            }
            let from = there.assets.clone();
            let is_new = |it: &&AssetLink| {
                let known = from.links.iter().filter(|it| it.how != LinkedHow::Computed);
                it.how.is_about() && known.clone().all(|known| known.asset != it.asset)
            };
            let new: Vec<_> = merged.assets.links.iter().filter(is_new).cloned().collect();
            if new.is_empty() {
                return Ok(());
            }
            let tags: Vec<_> = new.iter().map(|it| it.tag.clone()).collect();
            let kept = from.links.iter().filter(|it| it.how != LinkedHow::Computed).cloned();
            let by_hand = kept.chain(new).collect();
            let to = register.computed(&mut *register.picture().await?, by_hand);
            let what = What::Assets(Box::new(Relinked { asked: None, from, to }));
            let which = TicketRef::Id(heir);
            let change = Change { request: request.clone(), ticket: which.clone(), what, expected: None };
            match self.change_once(caller, change).await {
                Err(Fault::Stale { what: ASSETS, .. } | Fault::Refused(Refusal::Merged { .. })) => {}
                Err(Fault::Refused(Refusal::Unplanned(_))) => {
                    let (number, tags) = (&merged.number, tags.join(", "));
                    let text = format!("{number} was merged into this one, and was about {tags} besides.");
                    let what = What::Comment { text, internal: true };
                    let request = format!("{request} told");
                    let change = Change { request, ticket: which, what, expected: None };
                    return self.change_once(caller, change).await.map(drop);
                }
                Ok(_) | Err(Fault::Refused(_)) => return Ok(()),
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::Busy)
    }

    /// A ticket whose assets are as the register has them now.
    pub(in crate::desk) async fn with_assets_as_now(
        &self,
        caller: &Caller,
        ticket: Ticket,
    ) -> Result<Ticket, Fault> {
        if ticket.assets.links.is_empty() || !ticket.state.is_open() {
            return Ok(ticket);
        }
        self.keep_assets_of(&Caller::system(caller.tenant.clone(), ACTOR), &self.register(caller), &ticket)
            .await?;
        self.find(caller, &TicketRef::Id(ticket.id)).await
    }

    async fn link_once(&self, caller: &Caller, change: LinkChange) -> Result<v1::Ticket, Fault> {
        let LinkChange { request, ticket, asset, act, expected } = change;
        let found = self.find(caller, &ticket).await?;
        let (register, from) = (self.register(caller), found.assets.clone());
        // A request that was done gets its first answer, however the register is now.
        let (to, seen) = if self.store.is_done(&caller.tenant, &request).await? {
            (from.clone(), None)
        } else {
            let mut picture = register.picture().await?;
            let (asset, tag) = meant(&picture, &from, &asset)?;
            let by_hand = from.after(act, asset, &tag).map_err(|it| Fault::Refused(it.into()))?;
            (register.computed(&mut picture, by_hand), Some(picture.changed()))
        };
        let what = What::Assets(Box::new(Relinked { asked: Some((act, asset)), from, to }));
        let change = Change { request, ticket: TicketRef::Id(found.id), what, expected };
        let (ticket, ..) = self.change_once(caller, change).await?;
        // What changed before the link was there, nobody else looks at again.
        self.keep_since(caller, found.id, seen).await?;
        Ok(ticket)
    }

    /// Keeps the assets of open tickets as the register has them, until the desk goes. What stands in the way of one look
    /// does not stop the next one.
    pub async fn follow_assets(self) {
        let mut news = self.store.watch();
        let mut seen = HashMap::new();
        loop {
            let _ = timeout(PAUSE, changed(&mut news)).await;
            if let Err(fault) = self.keep_assets(&mut seen).await {
                tracing::warn!(%fault, "assets of tickets must wait");
            }
        }
    }

    async fn keep_assets(&self, seen: &mut HashMap<Tenant, u64>) -> Result<(), Fault> {
        for tenant in self.store.tenants_with_linked().await? {
            self.welcome(&tenant).await?;
            let caller = Caller::system(tenant.clone(), ACTOR);
            let register = self.register(&caller);
            let now = self.pictures.now(&self.store, &tenant).await?.changed();
            if seen.get(&tenant) == Some(&now) {
                continue;
            }
            let mut after = None;
            loop {
                let page = self.store.linked_tickets(&tenant, after, PAGE).await?;
                after = page.last().map(|it| it.id);
                for ticket in page.iter().filter(|it| it.state.is_open()) {
                    self.keep_assets_of(&caller, &register, ticket).await?;
                }
                if page.len() < PAGE as usize {
                    break;
                }
            }
            seen.insert(tenant, now);
        }
        Ok(())
    }

    /// Looks at the assets of a ticket again if the register has changed since.
    pub(in crate::desk) async fn keep_since(
        &self,
        caller: &Caller,
        ticket: TicketId,
        seen: Option<u64>,
    ) -> Result<(), Fault> {
        let Some(seen) = seen else { return Ok(()) };
        let register = self.register(caller);
        if register.picture().await?.changed() == seen {
            return Ok(());
        }
        // Where another call with the same request id was first, there is none of this identity.
        let Some(ticket) = self.store.ticket(&caller.tenant, &TicketRef::Id(ticket)).await? else {
            return Ok(());
        };
        self.keep_assets_of(&Caller::system(caller.tenant.clone(), ACTOR), &register, &ticket).await
    }

    async fn keep_assets_of(
        &self,
        caller: &Caller,
        register: &Register,
        ticket: &Ticket,
    ) -> Result<(), Fault> {
        let from = ticket.assets.clone();
        let by_hand = from.links.iter().filter(|it| it.how != LinkedHow::Computed).cloned().collect();
        let to = register.computed(&mut *register.picture().await?, by_hand);
        let said = ticket.said();
        if to.clone().saying(said) == from && from.at_least(said.impact) == ticket.impact {
            return Ok(());
        }
        let request = format!("assets-{}", clock::new_id());
        let what = What::Assets(Box::new(Relinked { asked: None, from, to }));
        let change = Change { request, ticket: TicketRef::Id(ticket.id), what, expected: None };
        match self.change_once(caller, change).await {
            // Somebody changed it meanwhile: by the register as it is now, or it is over.
            Ok(_) | Err(Fault::Stale { .. } | Fault::Refused(Refusal::Over(_) | Refusal::Merged { .. })) => {
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }
}

impl Register {
    /// The assets of a ticket as the register has them now.
    pub(in crate::desk) async fn as_now(&self, of: &TicketAssets) -> Result<TicketAssets, Fault> {
        let by_hand: Vec<_> = of.links.iter().filter(|it| it.how != LinkedHow::Computed).cloned().collect();
        if by_hand.is_empty() {
            return Ok(of.clone());
        }
        Ok(self.computed(&mut *self.picture().await?, by_hand))
    }

    /// What follows of links and vetoes: all that hangs on the linked ones, and the impact that this gives. What was
    /// taken out of the register gives nothing.
    pub(super) fn computed(&self, picture: &mut Picture, mut by_hand: Vec<AssetLink>) -> TicketAssets {
        let types = &self.catalog.asset_types;
        for it in &mut by_hand {
            if let Some(sketch) = picture.sketch(it.asset) {
                it.tag.clone_from(&sketch.tag);
                it.facts = if it.how.is_about() { sketch.facts(types) } else { AssetFacts::default() };
            }
        }
        let of = |how| by_hand.iter().filter(move |it| it.how == how).map(|it| it.asset);
        let (linked, named): (Vec<_>, Vec<_>) =
            (of(LinkedHow::Manual).collect(), of(LinkedHow::Named).collect());
        let vetoed = of(LinkedHow::NotImpacted).collect();
        let down: Vec<_> = linked.iter().chain(&named).copied().collect();
        let version = self.catalog.version;
        let mut weigh = |down: &[AssetId]| picture.assess(down, &vetoed, version, types).0.weight();
        let without_named = if named.is_empty() { None } else { Some(weigh(&linked)) };
        let (reach, sketches) = picture.assess(&down, &vetoed, version, types);
        let tag = |id| sketches.get(&id).map_or_else(String::new, |it| it.tag.clone());
        let computed = reach.impacted().take(KEPT).map(|it| AssetLink {
            because: tag(it.by),
            ..AssetLink::new(it.id, &tag(it.id), LinkedHow::Computed)
        });
        let whose = reach.impacted().map(|it| it.id).chain(down.iter().copied());
        let whose: HashSet<_> = whose.filter_map(|it| sketches.get(&it)?.owner).collect();
        let impact = reach.weight().map(|it| it.impact());
        let agreed = without_named.map_or(impact, |it| it.map(|it| it.impact()));
        TicketAssets {
            links: by_hand.into_iter().chain(computed).collect(),
            computed: u32::try_from(reach.count()).unwrap_or(u32::MAX),
            people: u32::try_from(whose.len()).unwrap_or(u32::MAX),
            impact,
            agreed,
            said: None,
        }
    }
}

/// The asset that is meant: one of the register, or one of the ticket's that was taken out of it.
fn meant(picture: &Picture, from: &TicketAssets, which: &AssetRef) -> Result<(AssetId, String), Fault> {
    let registered = match which {
        AssetRef::Id(id) => picture.sketch(*id).map(|_| *id),
        AssetRef::Tag(tag) => picture.owner(tag),
    };
    if let Some((id, sketch)) = registered.and_then(|id| Some((id, picture.sketch(id)?))) {
        return Ok((id, sketch.tag.clone()));
    }
    let is_it = |it: &&AssetLink| match which {
        AssetRef::Id(id) => it.asset == *id,
        AssetRef::Tag(tag) => it.tag == *tag,
    };
    let linked = from.links.iter().find(is_it).map(|it| (it.asset, it.tag.clone()));
    linked.ok_or(Fault::NotFound("asset"))
}

/// Waits for a change of a register.
async fn changed(news: &mut Receiver<Arc<v1::Event>>) {
    loop {
        match news.recv().await {
            Ok(event) if matches!(event.fact, Some(Fact::AssetChanged(_) | Fact::CatalogApplied(_))) => {
                return;
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The store is gone, and so is the desk.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
