//! Ties between tickets: which other ticket is meant, and what a wish asks of the rules. The other one is read in the
//! transaction that changes the first, and must be the same when that ends.

use super::{
    Desk,
    command::{What, Wish},
    fault::Fault,
};
use crate::{
    domain::{
        id::TicketId,
        lookup::TicketRef,
        people::Caller,
        ticket::{Ticket, Tie},
    },
    store::Unit,
};

impl Desk {
    /// The other ticket of a wish, if it has one.
    pub(super) async fn other(
        &self,
        caller: &Caller,
        id: TicketId,
        what: &What,
    ) -> Result<Option<TicketId>, Fault> {
        let Some((field, which)) = named(what) else { return Ok(None) };
        let other = self.find(caller, which).await?.id;
        if other == id {
            return Err(Fault::field(field, "is the ticket itself; name another one"));
        }
        Ok(Some(other))
    }
}

/// The other ticket that is named, and the field that names it.
fn named(what: &What) -> Option<(&'static str, &TicketRef)> {
    match what {
        What::Tie(Wish::Link { other, .. } | Wish::Unlink { other, .. }) => Some(("other", other)),
        What::Tie(Wish::Merge { into }) => Some(("into", into)),
        What::Tie(Wish::Watch(_) | Wish::Unwatch(_) | Wish::Attach(_) | Wish::Detach { .. })
        | What::Assets(_)
        | What::Diagnose(_)
        | What::Tell(_)
        | What::Plan(_)
        | What::Submit
        | What::Schedule(_)
        | What::Review(_)
        | What::Comment { .. }
        | What::Move(_)
        | What::Begin(_)
        | What::Assign { .. }
        | What::Accept { .. }
        | What::Decline { .. }
        | What::Task { .. }
        | What::Update { .. } => None,
    }
}

/// What is asked of the rules.
pub(super) fn tie(wish: &Wish, other: Option<TicketId>, unit: &mut Unit<'_>) -> Result<Tie, Fault> {
    if let Some(other) = other {
        unit.rely_on(other);
    }
    let met = || -> Result<Box<Ticket>, Fault> {
        let other = other.and_then(|it| unit.ticket(it)).ok_or(Fault::NotFound("ticket"))?;
        Ok(Box::new(other.clone()))
    };
    Ok(match wish.clone() {
        Wish::Link { relation, .. } => Tie::Link { relation, other: met()? },
        Wish::Unlink { relation, .. } => Tie::Unlink { relation, other: met()?.id },
        Wish::Merge { .. } => Tie::Merge { into: met()? },
        Wish::Watch(person) => Tie::Watch(person),
        Wish::Unwatch(person) => Tie::Unwatch(person),
        Wish::Attach(file) => Tie::Attach(file),
        Wish::Detach { id, reason } => Tie::Detach { id, reason },
    })
}
