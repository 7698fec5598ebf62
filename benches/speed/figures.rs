//! From rounds to the rows of the table: a ratio for each repetition, and the median of them.

use std::ops::RangeInclusive;

use crate::{
    load::Round,
    rounds::{Measured, Path},
};

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its name in the list of promises.
    pub(crate) id: &'static str,
    pub(crate) what: String,
    /// What was measured, in its own unit.
    pub(crate) measured: String,
    /// What it is compared with.
    pub(crate) against: String,
    /// The median ratio, or the figure itself.
    pub(crate) value: f64,
    pub(crate) range: RangeInclusive<f64>,
    pub(crate) unit: &'static str,
    pub(crate) reach: f64,
    pub(crate) beat: Option<f64>,
    /// Whether less is better.
    pub(crate) less: bool,
    /// Microseconds of the server's CPU for one request.
    pub(crate) cpu: Option<f64>,
}

impl Line {
    /// How the row stands.
    pub(crate) fn stands(&self) -> &'static str {
        let is_good = |goal: f64| if self.less { self.value <= goal } else { self.value >= goal };
        match (is_good(self.reach), self.beat.is_some_and(is_good)) {
            (_, true) => "beaten",
            (true, false) => "reached",
            (false, false) => "not yet",
        }
    }
}

/// The rows of what was measured.
pub(crate) fn lines(measured: &Measured) -> Vec<Line> {
    let mut lines = vec![];
    lines.extend(suggestion(measured));
    lines.extend(rates(measured, "S2", "message to ticket, unary", Path::Hear, 256, (0.4, 0.6)));
    lines.extend(rates(measured, "S2", "message to ticket, unary", Path::Hear, 64, (0.3, 0.45)));
    lines.extend(alone(measured));
    lines.extend(rates(measured, "S4", "message to ticket, stream", Path::Converse, 256, (0.9, 1.8)));
    lines.extend(rates(measured, "S4", "message to ticket, stream", Path::Converse, 1024, (1.2, 1.8)));
    lines.extend(onward(measured));
    lines.extend(understanding(measured));
    lines
}

/// The middle of some figures, or 0 if there are none.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

fn range(figures: &[f64]) -> RangeInclusive<f64> {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    least..=figures.iter().copied().fold(0.0, f64::max)
}

fn pairs(measured: &Measured, path: Path, echo: Path, in_flight: usize) -> Option<Vec<(&Round, &Round)>> {
    let of = |path| measured.rounds.get(&(path, in_flight));
    Some(of(path)?.iter().zip(of(echo)?).collect())
}

fn per_second(rounds: impl IntoIterator<Item = f64>) -> String {
    format!("{:.0}/s", median(rounds))
}

fn rates(
    measured: &Measured,
    id: &'static str,
    what: &str,
    path: Path,
    in_flight: usize,
    goals: (f64, f64),
) -> Option<Line> {
    let echo = if path == Path::Suggest { Path::EchoText } else { Path::EchoMessage };
    let pairs = pairs(measured, path, echo, in_flight)?;
    let ratios: Vec<f64> = pairs.iter().map(|(it, echo)| it.rate() / echo.rate()).collect();
    Some(Line {
        id,
        what: format!("{what}, {in_flight} in flight"),
        measured: per_second(pairs.iter().map(|(it, _)| it.rate())),
        against: format!("E {}", per_second(pairs.iter().map(|(_, echo)| echo.rate()))),
        value: median(ratios.iter().copied()),
        range: range(&ratios),
        unit: " E",
        reach: goals.0,
        beat: Some(goals.1),
        less: false,
        cpu: Some(median(pairs.iter().map(|(it, _)| it.cpu_each()))),
    })
}

fn suggestion(measured: &Measured) -> Vec<Line> {
    let rate = rates(measured, "S1", "routing suggestion, unary", Path::Suggest, 64, (0.65, 0.85));
    let Some(pairs) = pairs(measured, Path::Suggest, Path::EchoText, 64) else { return vec![] };
    let p99 = |it: &Round| it.latency.quantile(0.99);
    let ratios: Vec<f64> = pairs.iter().map(|(it, echo)| p99(it) / p99(echo)).collect();
    let tail = Line {
        id: "S1",
        what: "its p99".to_owned(),
        measured: milliseconds(median(pairs.iter().map(|(it, _)| p99(it)))),
        against: format!("E {}", milliseconds(median(pairs.iter().map(|(_, echo)| p99(echo))))),
        value: median(ratios.iter().copied()),
        range: range(&ratios),
        unit: " E",
        reach: 1.75,
        beat: None,
        less: true,
        cpu: None,
    };
    rate.into_iter().chain([tail]).collect()
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.2} ms", seconds * 1e3)
}

/// S3: what a lone message takes beyond an echo, counted in syncs of the disk.
fn alone(measured: &Measured) -> Option<Line> {
    let pairs = pairs(measured, Path::Hear, Path::EchoMessage, 1)?;
    let p50 = |it: &Round| it.latency.quantile(0.5);
    let beyond = pairs.iter().zip(&measured.syncs).map(|((it, echo), sync)| (p50(it) - p50(echo)) / sync);
    let beyond: Vec<f64> = beyond.collect();
    let (echo, sync) = (median(pairs.iter().map(|(_, it)| p50(it))), median(measured.syncs.iter().copied()));
    Some(Line {
        id: "S3",
        what: "its p50, one alone, beyond E".to_owned(),
        measured: milliseconds(median(pairs.iter().map(|(it, _)| p50(it)))),
        against: format!("E {}, F {}", milliseconds(echo), milliseconds(sync)),
        value: median(beyond.iter().copied()),
        range: range(&beyond),
        unit: " F",
        reach: 2.5,
        beat: Some(1.5),
        less: true,
        cpu: Some(median(pairs.iter().map(|(it, _)| it.cpu_each()))),
    })
}

fn onward(measured: &Measured) -> Vec<Line> {
    let Some(pairs) = pairs(measured, Path::Onward, Path::Converse, 1024) else { return vec![] };
    let ratios: Vec<f64> = pairs.iter().map(|(it, stream)| it.rate() / stream.rate()).collect();
    let rate = Line {
        id: "S5",
        what: "on into Redis, stream, 1024 in flight".to_owned(),
        measured: per_second(pairs.iter().map(|(it, _)| it.rate())),
        against: format!("S4 {}", per_second(pairs.iter().map(|(_, it)| it.rate()))),
        value: median(ratios.iter().copied()),
        range: range(&ratios),
        unit: " S4",
        reach: 0.9,
        beat: None,
        less: false,
        cpu: None,
    };
    let delay = |share, reach, beat| {
        let delays: Vec<f64> = measured.half_loads.iter().map(|it| it.delay.quantile(share) * 1e3).collect();
        Line {
            id: "S5",
            what: format!("answer to entry, p{:.0}, half load", share * 100.0),
            measured: format!("{:.1} ms", median(delays.iter().copied())),
            against: per_second(measured.half_loads.iter().map(|it| it.rate)),
            value: median(delays.iter().copied()),
            range: range(&delays),
            unit: " ms",
            reach,
            beat,
            less: true,
            cpu: None,
        }
    };
    vec![rate, delay(0.5, 5.0, None), delay(0.99, 50.0, Some(20.0))]
}

fn understanding(measured: &Measured) -> Vec<Line> {
    let Some(it) = measured.understanding else { return vec![] };
    let line = |what: String, value: f64| Line {
        id: "S9",
        what,
        measured: format!("{value:.1} µs"),
        against: "one core".to_owned(),
        value,
        range: value..=value,
        unit: " µs",
        reach: 50.0,
        beat: Some(25.0),
        less: true,
        cpu: None,
    };
    vec![
        line("one message understood, 150 labels".to_owned(), it.many),
        line(format!("the same, starter model, {} labels", it.labels), it.starter),
        line("the same, with the words that spoke for it".to_owned(), it.explained),
    ]
}
