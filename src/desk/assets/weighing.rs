//! What the assets of a ticket give to its impact, inside the writer.

use prost::Message as _;

use super::links::{ASSETS, Relinked};
use crate::{
    desk::{clocks, digest, fault::Fault},
    domain::{
        catalog::Catalog,
        id::TicketId,
        priority::{Impact, Urgency},
        ticket::{AssetAct, Command, Event, Said, Ticket, Update},
    },
    proto::v1,
    store::Unit,
};

impl Relinked {
    /// A hash of what was asked for.
    pub(in crate::desk) fn content(&self, id: TicketId, expected_version: u64) -> [u8; 32] {
        // What follows of the register comes once, under an id of its own.
        let Some((act, asset)) = &self.asked else { return digest(&["assets", &id.to_string()]) };
        let name = match act {
            AssetAct::Link => "link asset",
            AssetAct::Unlink => "unlink asset",
            AssetAct::Veto => "veto asset",
        };
        let (request_id, ticket, asset) = (String::new(), id.to_string(), asset.to_string());
        let request = v1::LinkAssetRequest { request_id, ticket, asset, expected_version };
        digest(&[name.as_bytes(), &request.encode_to_vec()])
    }

    /// Records the assets, and the impact that they give.
    pub(in crate::desk) fn record(
        &self,
        catalog: &Catalog,
        unit: &mut Unit<'_>,
        before: &Ticket,
        actor: &str,
    ) -> Result<(), Fault> {
        if before.assets != self.from {
            return Err(Fault::Stale { what: ASSETS, expected: 0, current: before.version });
        }
        let said = before.said();
        let assets = self.to.clone().saying(said);
        let (impact, priority) = assets.pressing(&said, before.urgency, &catalog.matrix);
        for event in before.decide(Command::Assets(Box::new(assets)), actor)? {
            unit.record(before.id, event);
        }
        let changes = |it: &&Ticket| (it.impact, it.priority) != (impact, priority);
        let Some(ticket) = unit.ticket(before.id).filter(changes) else { return Ok(()) };
        let mut update = Update { impact: Some(impact), priority: Some(priority), ..Update::default() };
        clocks::promise(catalog, ticket, &mut update);
        for event in ticket.decide(Command::Update(update), actor)? {
            unit.record(before.id, event);
        }
        Ok(())
    }
}

/// Keeps what somebody says of a ticket whose assets give more.
pub(in crate::desk) fn say(
    catalog: &Catalog,
    unit: &mut Unit<'_>,
    ticket: &Ticket,
    (impact, urgency): (Impact, Option<Urgency>),
) {
    let urgency = urgency.unwrap_or(ticket.urgency);
    let said = Said { impact, urgency, priority: catalog.matrix.priority(impact, urgency) };
    let assets = ticket.assets.clone().saying(said);
    if assets != ticket.assets {
        unit.record(ticket.id, Event::AssetsChanged(assets));
    }
}
