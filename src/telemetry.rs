//! What the process tells about itself: log lines by tracing, figures by metrics. It owns how a line
//! looks and which figures there are; what people wrote is in neither.
//!
//! Log lines go to standard error, so that standard output stays for what was asked for.

use std::{io, time::Duration};

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// How often figures of histograms are folded together; without it they pile up until somebody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Bounds of histograms in seconds: from a tenth of a millisecond, where a commit in memory ends, to
/// the ten seconds after which every call is given up.
const SECONDS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Bounds of histograms of works in one transaction: up to the most that a writer takes.
const WORKS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// For people, coloured.
    Coloured,
    /// For people.
    Plain,
    /// One JSON object a line.
    Json,
}

/// Starts logging. Later calls in one process change nothing.
pub fn start_logging(filter: &str, lines: Lines) {
    // The settings were checked when they were read; whoever calls with others gets the default.
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second start finds the first one's subscriber in place, which is what is wanted.
    let _started_before = match lines {
        Lines::Coloured => subscriber.compact().with_ansi(true).try_init(),
        Lines::Plain => subscriber.compact().with_ansi(false).try_init(),
        Lines::Json => subscriber.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

/// The figures of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Starts to record. In a process that records already, what is recorded from now on still goes
    /// to the first.
    pub fn start() -> Self {
        let bounds = [
            (Matcher::Suffix("_seconds".to_owned()), &SECONDS[..]),
            (Matcher::Suffix("_works".to_owned()), &WORKS[..]),
        ];
        // Only an empty list of bounds is refused, and these are not.
        let builder = bounds.into_iter().fold(PrometheusBuilder::new(), |builder, (names, bounds)| {
            builder.set_buckets_for_metric(names, bounds).unwrap_or_default()
        });
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_ok() {
            describe();
            metrics::gauge!("dispatch_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        }
        Self { handle }
    }

    /// All figures in the text form of Prometheus.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds the figures together from time to time.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(UPKEEP)).await.is_some() {
            self.handle.run_upkeep();
        }
    }
}

/// Says what each figure means; a figure that is not here works but explains nothing.
fn describe() {
    describe_gauge!("dispatch_build_info", "1, with the version of the program that runs");
    describe_counter!("dispatch_calls_total", "gRPC calls by method and code");
    describe_histogram!("dispatch_call_seconds", "Seconds from a gRPC call to its answer, by method");
    describe_counter!("dispatch_refused_messages_total", "Messages on streams that were refused, by reason");
    describe_histogram!("dispatch_batch_works", "Commands that one transaction committed");
    describe_counter!(
        "dispatch_failed_batches_total",
        "Transactions that failed for good, whose callers were told to come back"
    );
    describe_counter!(
        "dispatch_sla_goals_total",
        "Goals of tickets that were met or missed, each once, as it ended first, by goal, policy, group, priority and result"
    );
    describe_counter!("dispatch_waves_total", "Incident waves that came into a state, by state");
    describe_counter!(
        "dispatch_wave_joins_total",
        "Callers who said that theirs is the same as an incident wave, and needed no ticket of their own"
    );
    describe_counter!(
        "dispatch_articles_offered_total",
        "Articles that were offered before a ticket was opened"
    );
    describe_counter!(
        "dispatch_articles_solved_total",
        "Conversations that needed no ticket: the employee said that the article offered has solved it"
    );
    describe_gauge!(
        "dispatch_measure",
        "Figures of measures over so many days up to today, by tenant; times are in seconds, shares from 0 to 1"
    );
    describe_gauge!(
        "dispatch_measure_by_service",
        "Figures of the last 30 days by service; at most 20 have their own, the others stand together as `(other)`"
    );
    describe_gauge!("dispatch_measure_by_group", "The same by group; at most 20 have their own");
    describe_gauge!("dispatch_measure_by_template", "The same by template; at most 20 have their own");
    describe_gauge!(
        "dispatch_backlog",
        "Tickets that are open: how many, and figures of their ages in seconds"
    );
    describe_gauge!("dispatch_backlog_by_service", "The same by service; at most 20 have their own");
    describe_gauge!("dispatch_backlog_by_group", "The same by group; at most 20 have their own");
    describe_gauge!("dispatch_backlog_by_template", "The same by template; at most 20 have their own");
    describe_counter!("dispatch_model_exchanges_total", "Times that another model was put into use");
    describe_counter!("dispatch_trainings_total", "Trainings that ended, by outcome");
    describe_counter!("dispatch_shadow_messages_total", "Messages that a model in the shadow read along");
    describe_counter!(
        "dispatch_shadow_dropped_total",
        "Messages that a model in the shadow was to read and did not, since too many waited"
    );
    describe_gauge!("dispatch_sink_lag_events", "Events that a sink has not settled yet, by sink");
    describe_counter!("dispatch_sink_delivered_total", "Events delivered, by sink");
    describe_counter!("dispatch_sink_parked_total", "Events given up and kept as dead letters, by sink");
    describe_gauge!("dispatch_sink_blocked", "1 while a sink waits for a person to set it right, by sink");
    describe_counter!("dispatch_relay_events_total", "Events added to Redis streams");
    describe_gauge!("dispatch_relay_lag_events", "Events committed and not yet in Redis, by partition");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_out_with_their_meaning() {
        let metrics = Metrics::start();
        assert!(
            metrics.render().contains("dispatch_build_info{version="),
            "there is something to read from the start"
        );
        metrics::counter!("dispatch_calls_total", "method" => "/x", "code" => "OK").increment(2);
        let text = metrics.render();
        assert!(text.contains("# HELP dispatch_calls_total gRPC calls"), "{text}");
        assert!(text.contains("dispatch_calls_total{method=\"/x\",code=\"OK\"} 2"), "{text}");

        metrics::histogram!("dispatch_batch_works").record(100.0);
        metrics::histogram!("dispatch_call_seconds").record(0.3);
        let text = metrics.render();
        for bucket in [
            "dispatch_batch_works_bucket{le=\"64\"} 0",
            "dispatch_batch_works_bucket{le=\"128\"} 1",
            "dispatch_call_seconds_bucket{le=\"0.25\"} 0",
            "dispatch_call_seconds_bucket{le=\"0.5\"} 1",
        ] {
            assert!(text.contains(bucket), "{bucket} is not in: {text}");
        }
    }
}
