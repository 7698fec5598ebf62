//! Figures of today and of the last thirty days for those who watch the process: a fixed number for each tenant.

use super::{Grain, Measure, Nature, USUAL, day_of};
use crate::{
    clock,
    domain::{
        measure::{Cell, Figures, Filter},
        people::Tenant,
        time::Timestamp,
    },
    store::{Store, Unavailable},
};

/// How often they are told, in milliseconds.
const OFTEN: u64 = 15_000;

/// When they were told last.
#[derive(Debug, Default)]
pub(super) struct Told(Option<Timestamp>);

impl Told {
    /// Tells them, if that was not just done.
    pub(super) async fn tell(&mut self, store: &Store) -> Result<(), Unavailable> {
        let now = clock::now();
        // A clock may be set back.
        if self.0.is_some_and(|it| now.0.abs_diff(it.0) < OFTEN) {
            return Ok(());
        }
        self.0 = Some(now);
        let today = day_of(now);
        let first = today - i32::try_from(USUAL).unwrap_or(0) + 1;
        for tenant in store.measured_tenants().await? {
            for measure in Measure::ALL {
                let span = (Grain::Day, first, today);
                let all = store.measure_cells(&tenant, measure, span, &Filter::default()).await?;
                let of_today = all.iter().filter(|it| it.about.day == today).map(|it| &it.cell);
                tell(&tenant, measure, "1", Figures::of(&Cell::merged(of_today)));
                tell(&tenant, measure, "30", Figures::of(&Cell::merged(all.iter().map(|it| &it.cell))));
            }
        }
        Ok(())
    }
}

fn tell(tenant: &Tenant, measure: Measure, days: &'static str, it: Option<Figures>) {
    let gauge = |figure: &'static str, value: f64| {
        let labels = [
            ("tenant", tenant.as_str().to_owned()),
            ("measure", measure.as_str().to_owned()),
            ("days", days.to_owned()),
            ("figure", figure.to_owned()),
        ];
        metrics::gauge!("dispatch_measure", &labels).set(value);
    };
    gauge("count", it.map_or(0.0, |it| it.count as f64));
    let value = |figure: fn(Figures) -> f64| it.map_or(f64::NAN, figure);
    match measure.nature() {
        Nature::Count => {}
        Nature::Share => gauge("mean", value(|it| it.mean)),
        Nature::Seconds | Nature::Times | Nature::Score => {
            gauge("mean", value(|it| it.mean));
            gauge("p50", value(|it| it.p50.into()));
            gauge("p90", value(|it| it.p90.into()));
            gauge("p95", value(|it| it.p95.into()));
        }
    }
}
