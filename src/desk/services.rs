//! The portfolio of services: how each keeps what is promised of it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

use super::{Desk, fault::Fault};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        change::Span,
        measure::{Filter, Measure, day_of},
        people::{Caller, Tenant},
        service::{self, Down, Promise, Service, Stage},
        sla::begins,
        time::Timestamp,
    },
    proto::{
        service::{availability_to, capacity_to, service_to},
        time::time_to,
        v1,
    },
    store::{AssetCounts, CellRow, Grain, PeopleCounts},
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
    /// Tickets opened in these days, by service.
    tickets: HashMap<Arc<str>, u64>,
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
            tickets: self.opened_by_service(&caller.tenant, (from, to)).await?,
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

    /// How many tickets were opened, by service, on the days of UTC that lie in a stretch for the greater part.
    async fn opened_by_service(
        &self,
        tenant: &Tenant,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<HashMap<Arc<str>, u64>, Fault> {
        let noon = 43_200_000;
        let days = (Grain::Day, day_of(Timestamp(from.0 + noon)), day_of(Timestamp(to.0 + noon)) - 1);
        let mut all = HashMap::new();
        let mut take = |it: CellRow| {
            *all.entry(it.about.service).or_default() += it.cell.count();
            true
        };
        self.store.each_cell(tenant, Measure::Opened, days, &Filter::default(), &mut take).await?;
        Ok(all)
    }

    async fn availability(
        &self,
        caller: &Caller,
        catalog: &Catalog,
        (service, promise): (&Service, &Promise),
        (from, to): (Timestamp, Timestamp),
    ) -> Result<v1::Availability, Fault> {
        let (mut own, mut all, mut planned, mut down_now) = (vec![], vec![], vec![], false);
        for it in needed(catalog, service) {
            let until = to.max(clock::now());
            let told = self.store.outages(&caller.tenant, &it.id, promise.impact, (from, until)).await?;
            down_now |= told.iter().any(|it| it.to.is_none());
            for told in &told {
                let end = told.to.unwrap_or(to);
                let down = Down { from: told.from, to: end };
                let within = |it: Span| Down { from: it.start.max(down.from), to: it.end.min(down.to) };
                planned.extend(told.planned.map(within));
                own.extend(Some(down).filter(|_| it.id == service.id));
                all.push(down);
            }
        }
        let hours = promise.calendar.as_ref().and_then(|it| catalog.hours(it));
        let of = |downs: &[Down]| service::availability((from, to.max(from)), hours, downs, &planned);
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
    let tickets = counted.tickets.get(it.id.as_str()).copied().unwrap_or_default();
    v1::ServiceReport {
        tickets,
        cost: it.ticket_cost.as_ref().map(|it| it.times(tickets).to_string()).unwrap_or_default(),
        service: Some(service_to(it)),
        availability,
        capacity: it.capacity.iter().map(capacity).collect(),
        users: counted.people.of(&it.users),
        templates: templates.map(|it| it.id.clone()).collect(),
    }
}
