//! Offers of a ticket to agents.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1,
};
use crate::domain::ticket::{Offer, Offering, Passed};

/// Into the fields of a ticket.
pub(super) fn write_offers(it: &Offering, ticket: &mut v1::Ticket) {
    ticket.offer = it.to.as_ref().map(offer_to);
    ticket.passed_offers = it.passed.iter().map(passed_to).collect();
}

/// From the fields of a ticket.
pub(super) fn read_offers(ticket: &v1::Ticket) -> Result<Offering, Malformed> {
    Ok(Offering {
        to: ticket.offer.as_ref().map(offer_from).transpose()?,
        passed: ticket.passed_offers.iter().map(passed_from).collect(),
    })
}

pub(super) fn offer_to(it: &Offer) -> v1::Offer {
    v1::Offer { agent: it.agent.clone(), until_time: Some(time_to(it.until)) }
}

pub(super) fn offer_from(it: &v1::Offer) -> Result<Offer, Malformed> {
    let until = it.until_time.as_ref().map(time_from).ok_or(Malformed("offer.until_time"))?;
    Ok(Offer { agent: it.agent.clone(), until })
}

pub(super) fn passed_to(it: &Passed) -> v1::PassedOffer {
    v1::PassedOffer { agent: it.agent.clone(), declined: it.declined }
}

pub(super) fn passed_from(it: &v1::PassedOffer) -> Passed {
    Passed { agent: it.agent.clone(), declined: it.declined }
}
