//! The portfolio of services: how each keeps what is promised of it.

use std::collections::BTreeSet;

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

use super::{Desk, fault::Fault};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        people::Caller,
        service::{self, Down, Promise, Service, Stage},
        sla::begins,
        time::Timestamp,
    },
    proto::{
        service::{availability_to, capacity_to, service_to},
        time::time_to,
        v1,
    },
    store::{AssetCounts, PeopleCounts},
};

/// Longest stretch of a report, in days: two years and some more.
const DAYS: i32 = 800;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// First day; the first of the month of the last day, if not said.
    pub from: Option<Date>,
    /// Last day; today, if not said.
    pub to: Option<Date>,
    /// Zone in which days begin.
    pub zone: TimeZone,
    /// Only this service.
    pub service: Option<String>,
    /// Only services of this stage.
    pub stage: Option<Stage>,
}

/// What reports of all services are made of.
struct Counted {
    assets: AssetCounts,
    people: PeopleCounts,
}

impl Desk {
    /// How services did.
    pub async fn report_services(
        &self,
        caller: &Caller,
        question: &Question,
    ) -> Result<v1::ReportServicesResponse, Fault> {
        let catalog = self.catalog(caller);
        if let Some(id) = &question.service {
            catalog.service(id).ok_or(Fault::NotFound("service"))?;
        }
        let now = clock::now();
        let (from, to) = stretch(question, now)?;
        let counted = Counted {
            assets: self.store.count_assets(&caller.tenant).await?,
            people: self.store.count_people_by_department(&caller.tenant).await?,
        };
        let is_asked = |it: &&Service| {
            question.service.as_ref().is_none_or(|id| *id == it.id)
                && question.stage.is_none_or(|stage| stage == it.stage)
        };
        let mut services = vec![];
        for it in catalog.services.iter().filter(is_asked) {
            let availability = match &it.availability {
                Some(promise) => {
                    Some(self.availability(caller, &catalog, (it, promise), (from, to.min(now))).await?)
                }
                None => None,
            };
            services.push(report(&catalog, it, availability, &counted));
        }
        Ok(v1::ReportServicesResponse {
            services,
            from_time: Some(time_to(from)),
            to_time: Some(time_to(to)),
        })
    }

    async fn availability(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        (service, promise): (&Service, &Promise),
        (from, to): (Timestamp, Timestamp),
    ) -> Result<v1::Availability, Fault> {
        let (mut own, mut all, mut down_now) = (vec![], vec![], false);
        for it in needed(catalog, service) {
            let until = to.max(clock::now());
            let told = self.store.outages(&caller.tenant, &it.id, promise.impact, (from, until)).await?;
            down_now |= told.iter().any(|it| it.to.is_none());
            let downs = told.iter().map(|it| Down { from: it.from, to: it.to.unwrap_or(to) });
            if it.id == service.id {
                own.extend(downs.clone());
            }
            all.extend(downs);
        }
        let hours = promise.calendar.as_ref().and_then(|it| catalog.hours(it));
        let of = |downs: &[Down]| service::availability((from, to.max(from)), hours, downs);
        Ok(availability_to(&of(&all), &of(&own), promise.target, down_now))
    }
}

/// The days that are asked for.
fn stretch(question: &Question, now: Timestamp) -> Result<(Timestamp, Timestamp), Fault> {
    let zone = &question.zone;
    let today = jiff::Timestamp::from_second(now.second()).unwrap_or_default();
    let last = question.to.unwrap_or_else(|| zone.to_datetime(today).date());
    let first = question.from.unwrap_or_else(|| last.first_of_month());
    if last < first {
        return Err(Fault::field("to", format!("ends on {last}, before it begins on {first}")));
    }
    if first.until(last).is_ok_and(|it| it.get_days() > DAYS) {
        return Err(Fault::field(
            "from",
            format!("lies more than {DAYS} days before the end; ask for fewer days"),
        ));
    }
    Ok((begins(first, zone), begins(last.saturating_add(1.day()), zone)))
}

/// A service and all without which it does not work, directly or not.
fn needed<'a>(catalog: &'a Catalog, service: &'a Service) -> Vec<&'a Service> {
    let (mut all, mut next) = (vec![service], 0);
    let mut seen = BTreeSet::from([service.id.as_str()]);
    while let Some(it) = all.get(next).copied() {
        next += 1;
        all.extend(it.needs.iter().filter(|it| seen.insert(it)).filter_map(|it| catalog.service(it)));
    }
    all
}

fn report(
    catalog: &Catalog,
    it: &Service,
    availability: Option<v1::Availability>,
    counted: &Counted,
) -> v1::ServiceReport {
    let count = |it: &service::Capacity| {
        it.states.iter().map(|state| counted.assets.of(&it.asset_type, *state)).sum()
    };
    let capacity = |it: &service::Capacity| {
        let count: u64 = count(it);
        v1::Capacity { target: Some(capacity_to(it)), count, kept: it.bound.is_kept(count) }
    };
    let templates = catalog.templates.iter().filter(|one| one.service == it.id);
    v1::ServiceReport {
        service: Some(service_to(it)),
        availability,
        capacity: it.capacity.iter().map(capacity).collect(),
        users: counted.people.of(&it.users),
        templates: templates.map(|it| it.id.clone()).collect(),
    }
}
