//! Which waves a caller may be asked about, whether what they write fits one, and which ones they have joined.

use std::sync::Arc;

use crate::{
    conversation::waves::{Alike, Known},
    desk::{Desk, fault::Fault, knowledge::meaning, slot},
    domain::{
        catalog::Catalog,
        id::{TicketId, WaveId},
        lookup::TicketRef,
        people::{Person, Tenant},
        ticket::{Relation, Ticket},
        wave::{Involved, Standing, Wave},
    },
    routing::waves::{Meaning, NEAR, NEAR_WITH_ASSET},
};

/// The waves that a caller may be asked about, and those that they have joined.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct Asking {
    /// Those that there are.
    pub(in crate::desk) known: Vec<Known>,
    /// Those that they have joined, with their major incidents, the first one first.
    pub(in crate::desk) joined: Vec<(WaveId, TicketId)>,
    current: Arc<Vec<Wave>>,
}

/// What means something, where waves are looked for.
pub(super) struct Means<'a> {
    /// Id of its template.
    pub(super) template: &'a str,
    /// Id of the service of that.
    pub(super) service: &'a str,
    /// Tags of assets that it names.
    pub(super) assets: &'a [String],
    /// What it means; as a whole, and how it begins.
    pub(super) meanings: &'a [Meaning],
}

impl Desk {
    /// The waves that a requester may be asked about: those that were accepted and whose major incidents are still open;
    /// and those that they have joined, if they may ask for these. Costs next to nothing where there are none.
    pub(in crate::desk) async fn waves_to_ask_about(
        &self,
        tenant: &Tenant,
        catalog: &Catalog,
        requester: &Person,
        asks: bool,
    ) -> Result<Asking, Fault> {
        let current = self.fresh_waves(tenant).await?;
        let mut asking = Asking { current: Arc::clone(&current), ..Asking::default() };
        let some = current.iter().any(|it| it.state.is_accepted());
        if !some && !asks {
            return Ok(asking);
        }
        let involved = self.store.involved(tenant, requester).await?;
        let joined = involved.iter().filter(|it| it.standing == Standing::Joined);
        asking.joined = joined.map(|it| (it.wave, it.ticket)).collect();
        // Somebody may have ended one at this moment, in another process.
        let accepted = if some { self.store.accepted_waves(tenant).await? } else { vec![] };
        for wave in current.iter().filter(|it| accepted.contains(&it.id)) {
            asking.known.extend(self.asked_about(tenant, catalog, requester, (wave, &involved)).await?);
        }
        Ok(asking)
    }

    async fn asked_about(
        &self,
        tenant: &Tenant,
        catalog: &Catalog,
        requester: &Person,
        (wave, involved): (&Wave, &[Involved]),
    ) -> Result<Option<Known>, Fault> {
        let Some(parent) = &wave.parent else { return Ok(None) };
        let found = self.store.ticket(tenant, &TicketRef::Id(parent.ticket)).await?;
        let Some(lead) = found.filter(Ticket::takes_callers) else { return Ok(None) };
        // Nobody else hears of a ticket whose template does not want that.
        if catalog.template_of(&lead).is_none_or(|it| !it.is_watched()) {
            return Ok(None);
        }
        let asked = involved.iter().any(|it| it.wave == wave.id)
            || self.has_part_in(tenant, requester, (wave, &lead)).await?;
        let zone = catalog.template_of(&lead).map_or("UTC", |it| catalog.zone(&it.sla));
        Ok(Some(Known {
            id: wave.id,
            ticket: lead.id,
            number: lead.number.clone(),
            subject: lead.subject.clone(),
            language: lead.language,
            since: lead.opened,
            began: parent.began,
            zone: zone.to_owned(),
            asked,
        }))
    }

    /// Whether somebody has a ticket that is part of a wave: its major incident, one of its children, or one that will be.
    async fn has_part_in(
        &self,
        tenant: &Tenant,
        requester: &Person,
        (wave, lead): (&Wave, &Ticket),
    ) -> Result<bool, Fault> {
        if lead.requester.key() == requester.key() {
            return Ok(true);
        }
        let own = slot(tenant, requester);
        let children = lead.ties.related(Relation::Child).map(|it| it.ticket);
        for id in children.chain(wave.tickets()).filter(|it| it.slot() == own) {
            let found = self.store.ticket(tenant, &TicketRef::Id(id)).await?;
            if found.is_some_and(|it| it.requester.key() == requester.key()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Asking {
    /// The major incidents that it speaks of.
    pub(in crate::desk) fn tickets(&self) -> impl Iterator<Item = TicketId> {
        self.known.iter().map(|it| it.ticket).chain(self.joined.iter().map(|it| it.1))
    }

    /// Whether something fits a wave.
    pub(in crate::desk) fn fits(&self, catalog: &Catalog, known: &Known, alike: Alike<'_>) -> bool {
        let Some(wave) = self.current.iter().find(|it| it.id == known.id) else { return false };
        let service = catalog.template(alike.template).map_or("", |it| it.service.as_str());
        let meanings = meanings(alike.text);
        fits(wave, &Means { template: alike.template, service, assets: alike.assets, meanings: &meanings })
    }
}

/// Whether something is about a wave and means nearly the same.
pub(super) fn fits(wave: &Wave, it: &Means<'_>) -> bool {
    let middle = Meaning::from_cells(wave.meaning.as_slice().into());
    let near = it.meanings.iter().map(|it| it.likeness(&middle)).fold(0.0, f32::max);
    let same = if wave.template.is_empty() {
        !wave.service.is_empty() && wave.service == it.service
    } else {
        wave.template == it.template
    };
    let shares = it.assets.iter().any(|it| wave.assets.contains(it));
    (same && near >= NEAR) || (shares && near >= NEAR_WITH_ASSET)
}

/// What a text means as a whole, and what its first line does: answers to questions stand behind that.
pub(super) fn meanings(text: &str) -> Vec<Meaning> {
    let first = text.lines().next().filter(|it| *it != text);
    let all = std::iter::once(text).chain(first);
    all.filter_map(|it| Some(Meaning::of(&meaning(it)?))).collect()
}
