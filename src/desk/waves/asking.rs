//! Which waves a caller may be asked about, and whether what they write fits one.

use std::sync::Arc;

use crate::{
    conversation::waves::{Alike, Known},
    desk::{Desk, fault::Fault, knowledge::meaning, slot},
    domain::{
        catalog::Catalog,
        id::TicketId,
        lookup::TicketRef,
        people::{Person, Tenant},
        wave::Wave,
    },
    routing::waves::{Meaning, NEAR},
};

/// The waves that a caller may be asked about.
#[derive(Debug, Clone, Default)]
pub(in crate::desk) struct Asking {
    /// Those that there are.
    pub(in crate::desk) known: Vec<Known>,
    current: Arc<Vec<Wave>>,
}

impl Desk {
    /// The waves that a requester may be asked about: those that were accepted. Costs next to nothing where there are none.
    pub(in crate::desk) async fn waves_to_ask_about(
        &self,
        tenant: &Tenant,
        catalog: &Catalog,
        requester: &Person,
    ) -> Result<Asking, Fault> {
        let current = self.current_waves(tenant).await?;
        let mut asking = Asking { known: vec![], current: Arc::clone(&current) };
        for wave in current.iter().filter(|it| it.state.is_accepted()) {
            let Some(parent) = &wave.parent else { continue };
            // Whose ticket it is knows of it.
            if parent.ticket.slot() == slot(tenant, requester)
                && self.is_requester(tenant, parent.ticket, requester).await?
            {
                continue;
            }
            let zone = catalog.template(&wave.template).map_or("UTC", |it| catalog.zone(&it.sla));
            asking.known.push(Known {
                id: wave.id,
                ticket: parent.ticket,
                number: parent.number.clone(),
                subject: parent.subject.clone(),
                since: parent.since,
                zone: zone.to_owned(),
            });
        }
        Ok(asking)
    }

    async fn is_requester(
        &self,
        tenant: &Tenant,
        ticket: TicketId,
        requester: &Person,
    ) -> Result<bool, Fault> {
        let found = self.store.ticket(tenant, &TicketRef::Id(ticket)).await?;
        Ok(found.is_some_and(|it| it.requester.key() == requester.key()))
    }
}

impl Asking {
    /// Whether something fits a wave: it names one of its assets, or is about the same and means nearly the same.
    pub(in crate::desk) fn fits(&self, catalog: &Catalog, known: &Known, alike: Alike<'_>) -> bool {
        let Some(wave) = self.current.iter().find(|it| it.id == known.id) else { return false };
        if alike.assets.iter().any(|it| wave.assets.contains(it)) {
            return true;
        }
        let service = || catalog.template(alike.template).map_or("", |it| it.service.as_str());
        let same = if wave.template.is_empty() {
            !wave.service.is_empty() && wave.service == service()
        } else {
            wave.template == alike.template
        };
        let means = || Meaning::from_cells(wave.meaning.as_slice().into());
        same && meaning(alike.text).is_some_and(|it| Meaning::of(&it).likeness(&means()) >= NEAR)
    }
}
