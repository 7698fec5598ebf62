//! Assets that stand in the fields of tickets: what a field names is linked, and what it no longer names is not.

use std::collections::BTreeSet;

use super::{Register, Relinked, links::Weighed};
use crate::{
    desk::{Desk, command::What, fault::Fault},
    domain::{
        asset::{Asset, tag_key},
        field::FieldValue,
        people::Caller,
        template::Values,
        ticket::{AssetLink, LinkedHow, Ticket},
    },
};

impl Desk {
    /// The assets of a ticket whose fields name others after a change.
    pub(in crate::desk) async fn renamed(
        &self,
        caller: &Caller,
        ticket: &Ticket,
        what: &What,
    ) -> Result<Option<Relinked>, Fault> {
        let What::Update { fields, .. } = what else { return Ok(None) };
        let before = |id: &str| ticket.fields.iter().find(|(it, _)| it == id).map(|(_, it)| it);
        let changed: Vec<_> = fields.iter().filter(|(id, new)| before(id) != Some(new)).collect();
        let new = tags(changed.iter().map(|(_, it)| it));
        let old = tags(changed.iter().filter_map(|(id, _)| before(id)));
        if new.is_empty() && old.is_empty() {
            return Ok(None);
        }
        let register = self.register(caller);
        let from = ticket.assets.clone();
        let mut links: Vec<_> =
            from.links.iter().filter(|it| it.how != LinkedHow::Computed).cloned().collect();
        links.retain(|it| !(it.how.is_about() && old.contains(&it.tag)));
        for it in register.links_of(new).await? {
            links.retain(|other| other.asset != it.asset);
            links.push(it);
        }
        links.sort_by_key(|it| it.how == LinkedHow::NotImpacted);
        let to = register.weigh(links).await?.assets;
        Ok(Some(Relinked { asked: None, from, to }))
    }
}

impl Register {
    /// What follows of the assets that stand in the fields of a new ticket.
    pub(in crate::desk) async fn weigh_fields(&self, fields: &Values) -> Result<Weighed, Fault> {
        let links = self.links_of(tags(fields.iter().map(|(_, it)| it))).await?;
        self.weigh(links).await
    }

    /// Links to the assets with these tags. A tag that the register does not have is a text like any other.
    async fn links_of(&self, tags: BTreeSet<String>) -> Result<Vec<AssetLink>, Fault> {
        if tags.is_empty() {
            return Ok(vec![]);
        }
        let found = self.store.assets_by_tag(&self.tenant, &Vec::from_iter(tags)).await?;
        let link = |it: Asset| AssetLink::new(it.id, &it.details.tag, LinkedHow::Manual);
        Ok(found.into_iter().map(link).collect())
    }
}

fn tags<'a>(values: impl Iterator<Item = &'a FieldValue>) -> BTreeSet<String> {
    values.filter_map(|it| if let FieldValue::Asset(tag) = it { Some(tag_key(tag)) } else { None }).collect()
}
