//! Assets that stand in the fields of tickets: what a field names is linked for as long as it names it.

use std::collections::BTreeSet;

use super::{Register, Relinked, links::Weighed};
use crate::{
    desk::{Desk, command::What, fault::Fault},
    domain::{
        asset::tag_key,
        field::FieldValue,
        people::Caller,
        template::{Values, set},
        ticket::{AssetLink, LinkedHow, Ticket},
    },
};

impl Desk {
    /// The assets of a ticket whose fields name others after a change, and when the register had last changed. Whoever
    /// changes them has seen those that were merely named.
    pub(in crate::desk) async fn renamed(
        &self,
        caller: &Caller,
        ticket: &Ticket,
        what: &What,
    ) -> Result<Option<(Relinked, Weighed)>, Fault> {
        let What::Update { fields, .. } = what else { return Ok(None) };
        let mut after = ticket.fields.clone();
        for (id, value) in fields {
            set(&mut after, id, value.clone());
        }
        if tags(&after) == tags(&ticket.fields) {
            return Ok(None);
        }
        let register = self.register(caller);
        let from = ticket.assets.clone();
        let kept =
            from.links.iter().filter(|it| it.how != LinkedHow::Computed && !of_a_field(it, &ticket.fields));
        let mut links: Vec<_> = kept.cloned().collect();
        for it in links.iter_mut().filter(|it| it.how == LinkedHow::Named) {
            it.how = LinkedHow::Manual;
        }
        for it in register.links_of(&after).await? {
            // What was linked by hand stays so, and a veto holds until somebody takes it back.
            if links.iter().all(|other| other.asset != it.asset) {
                links.push(it);
            }
        }
        links.sort_by_key(|it| it.how == LinkedHow::NotImpacted);
        let weighed = register.weigh(links).await?;
        let relinked = Relinked { asked: None, from, to: weighed.assets.clone() };
        Ok(Some((relinked, weighed)))
    }
}

impl Register {
    /// Links to the assets that fields name, each once. A tag that the register does not have is a text like any other.
    pub(in crate::desk) async fn links_of(&self, fields: &Values) -> Result<Vec<AssetLink>, Fault> {
        let tags: BTreeSet<_> = tags(fields).into_iter().map(|(_, tag)| tag).collect();
        if tags.is_empty() {
            return Ok(vec![]);
        }
        let found = self.store.assets_by_tag(&self.tenant, &Vec::from_iter(tags)).await?;
        let link = |(field, tag): (String, String)| {
            let asset = found.iter().find(|it| it.details.tag == tag)?;
            Some(AssetLink { because: field, ..AssetLink::new(asset.id, &tag, LinkedHow::Manual) })
        };
        let mut links: Vec<AssetLink> = vec![];
        for it in self::tags(fields).into_iter().filter_map(link) {
            if links.iter().all(|known| known.asset != it.asset) {
                links.push(it);
            }
        }
        Ok(links)
    }
}

/// Whether a link is there because a field names it.
fn of_a_field(link: &AssetLink, fields: &Values) -> bool {
    link.how.is_about() && fields.iter().any(|(id, _)| *id == link.because)
}

/// The fields that name assets, and their tags.
fn tags(fields: &Values) -> Vec<(String, String)> {
    let tag = |(id, it): &(String, FieldValue)| {
        if let FieldValue::Asset(tag) = it { Some((id.clone(), tag_key(tag))) } else { None }
    };
    fields.iter().filter_map(tag).collect()
}
