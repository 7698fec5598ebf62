//! Services in the contract's words.

use super::{v1, words};
use crate::domain::service::{Availability, Bound, Capacity, Promise, Service};

/// In the contract's words.
pub fn service_to(it: &Service) -> v1::Service {
    v1::Service {
        id: it.id.clone(),
        name: it.name.clone(),
        owner: it.owner.clone(),
        stage: words::stage_to(it.stage),
        users: it.users.clone(),
        cost_centre: it.cost_centre.clone(),
        value: it.value.clone(),
        ticket_cost: it.ticket_cost.as_ref().map(ToString::to_string).unwrap_or_default(),
        sla_policy: it.sla.clone().unwrap_or_default(),
        needs: it.needs.clone(),
        availability: it.availability.as_ref().map(promise_to),
        capacity: it.capacity.iter().map(capacity_to).collect(),
    }
}

fn promise_to(it: &Promise) -> v1::AvailabilityTarget {
    v1::AvailabilityTarget {
        percent: f64::from(it.target) / 100.0,
        calendar: it.calendar.clone().unwrap_or_default(),
        down_from: words::impact_to(it.impact),
    }
}

/// In the contract's words.
pub fn capacity_to(it: &Capacity) -> v1::CapacityTarget {
    v1::CapacityTarget {
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        asset_type: it.asset_type.clone(),
        states: it.states.iter().map(|it| it.as_str().to_owned()).collect(),
        bound: Some(match it.bound {
            Bound::Least(least) => v1::capacity_target::Bound::AtLeast(least),
            Bound::Most(most) => v1::capacity_target::Bound::AtMost(most),
        }),
    }
}

/// In the contract's words; `own` is what the service's own tickets give.
pub fn availability_to(
    it: &Availability,
    own: &Availability,
    target: u32,
    down_now: bool,
) -> v1::Availability {
    v1::Availability {
        agreed_seconds: it.agreed,
        down_seconds: it.down,
        planned_seconds: it.planned,
        own_down_seconds: own.down,
        failures: it.failures,
        percent: it.percent(),
        mtbf_seconds: it.mtbf(),
        mtrs_seconds: it.mtrs(),
        kept: it.keeps(target),
        down_now,
    }
}
