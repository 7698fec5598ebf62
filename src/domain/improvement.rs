//! The register of improvements: what shall become better, by how much and by when, and who sees to it. Each names the
//! measure that tells, and what that said at its beginning (ITIL 4, continual improvement: the continual improvement
//! register). Whether the target is reached is what the measure says, whoever says otherwise.

use ImprovementState::{Dropped, Missed, Proposed, Reached, UnderWay};
use jiff::civil::Date;

use super::{
    id::ImprovementId,
    lookup::TicketRef,
    measure::{Better, Figures, Filter, Measure, Nature},
    time::Timestamp,
};

/// What stands before the count in an improvement's number: `IMP-000001`.
pub const PREFIX: &str = "IMP";
/// So many steps of its history are kept, the latest ones; all of them are events.
const STEPS: usize = 100;

/// Over so many days figures are read; counts of more or fewer days are reckoned to as many.
pub const SPAN: i32 = 30;

/// An improvement.
#[derive(Debug, Clone, PartialEq)]
pub struct Improvement {
    /// Its identity.
    pub id: ImprovementId,
    /// What people call it, as `IMP-000001`.
    pub number: String,
    /// Counts the changes, from 1.
    pub version: u64,
    /// Where it is in its life.
    pub state: ImprovementState,
    /// What shall become better.
    pub plan: Plan,
    /// How it went, the earliest first.
    pub history: Vec<Step>,
    /// When it was entered.
    pub created: Timestamp,
}

/// What shall become better.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// One line.
    pub title: String,
    /// Why, and how.
    pub why: String,
    /// What tells.
    pub gauge: Gauge,
    /// What it said at the beginning.
    pub baseline: Baseline,
    /// What it shall say.
    pub target: f64,
    /// By which day.
    pub by: Date,
    /// Who sees to it: an agent, a group, an address.
    pub owner: String,
    /// When somebody looks at it again.
    pub review: Date,
}

/// One figure of a measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauge {
    /// Which measure.
    pub measure: Measure,
    /// Which of its figures.
    pub figure: Figure,
    /// Of which tickets.
    pub filter: Filter,
}

/// A figure of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// How many there are in 30 days.
    Count,
    /// The mean; of a share, the share.
    Mean,
    /// The median.
    P50,
    /// What nine of ten do not exceed.
    P90,
    /// What nineteen of twenty do not exceed.
    P95,
}

/// What a measure said over some days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// What it said.
    pub value: f64,
    /// From this day.
    pub from: Date,
    /// To this one, included.
    pub to: Date,
}

/// Somebody did something about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it was in its life from then on.
    pub state: ImprovementState,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they said.
    pub note: String,
}

/// Where an improvement is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImprovementState {
    /// Somebody wants it.
    Proposed,
    /// It is worked on.
    UnderWay,
    /// The measure says what it shall.
    Reached,
    /// It does not, and the time is up.
    Missed,
    /// It was given up.
    Dropped,
}

/// How far an improvement is, by what its measure says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was measured lately.
    Unknown,
    /// As good as it must be by now, if it becomes better evenly.
    OnTrack,
    /// Not as good as that.
    Behind,
    /// The target is reached.
    Reached,
}

/// Every step that an improvement may take. What is not here may not happen.
pub const IMPROVEMENT: &[(ImprovementState, ImprovementState)] = &[
    (Proposed, UnderWay),
    (Proposed, Dropped),
    (UnderWay, Reached),
    (UnderWay, Missed),
    (UnderWay, Dropped),
    // What was reached may be lost again.
    (Reached, UnderWay),
    (Missed, UnderWay),
];

impl ImprovementState {
    /// All of them.
    pub const ALL: [Self; 5] = [Proposed, UnderWay, Reached, Missed, Dropped];

    /// As a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Proposed => "proposed",
            UnderWay => "under_way",
            Reached => "reached",
            Missed => "missed",
            Dropped => "dropped",
        }
    }

    /// Whether somebody still has work with it.
    pub fn is_current(self) -> bool {
        match self {
            Proposed | UnderWay => true,
            Reached | Missed | Dropped => false,
        }
    }
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Count, Self::Mean, Self::P50, Self::P90, Self::P95];

    /// As a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
        }
    }

    /// The figure of the values of so many days. Where there is none, there are none; nothing else is known of them.
    pub fn of(self, figures: Option<Figures>, days: i32) -> Option<f64> {
        match (self, figures) {
            (Self::Count, figures) => {
                let count = figures.map_or(0.0, |it| it.count as f64);
                Some(count * f64::from(SPAN) / f64::from(days.max(1)))
            }
            (_, None) => None,
            (Self::Mean, Some(it)) => Some(it.mean),
            (Self::P50, Some(it)) => Some(it.p50.into()),
            (Self::P90, Some(it)) => Some(it.p90.into()),
            (Self::P95, Some(it)) => Some(it.p95.into()),
        }
    }

    /// Whether a measure has it: a share has no percentiles, and of what is counted only the count is known.
    pub fn fits(self, measure: Measure) -> bool {
        match measure.nature() {
            Nature::Count => self == Self::Count,
            Nature::Share => matches!(self, Self::Count | Self::Mean),
            Nature::Seconds | Nature::Times | Nature::Score => true,
        }
    }
}

impl Gauge {
    /// What its values are.
    pub fn unit(&self) -> &'static str {
        match (self.figure, self.measure.nature()) {
            (Figure::Count, _) | (_, Nature::Count) => "in 30 days",
            (_, Nature::Seconds) => "seconds",
            (_, Nature::Share) => "share from 0 to 1",
            (_, Nature::Times) => "times",
            (_, Nature::Score) => "score from 1 to 5",
        }
    }

    /// What is wrong with a value that it shall have or has had, if anything is.
    pub fn problem(&self, value: f64) -> Option<&'static str> {
        let (from, to, problem) = match (self.figure, self.measure.nature()) {
            (Figure::Count, _) | (_, Nature::Count) => {
                (0.0, f64::MAX, "must be a count in 30 days, a number that is not below 0")
            }
            (_, Nature::Seconds) => (0.0, f64::MAX, "must be seconds, a number that is not below 0"),
            (_, Nature::Share) => (0.0, 1.0, "must be a share from 0 to 1, such as 0.9"),
            (_, Nature::Times) => (0.0, f64::MAX, "must say how often, a number that is not below 0"),
            (_, Nature::Score) => (1.0, 5.0, "must be a score from 1 to 5"),
        };
        // What is no number is in no range.
        (!(from..=to).contains(&value)).then_some(problem)
    }

    /// What is wrong with a target beside a baseline, if nothing would become better.
    pub fn no_better(&self, baseline: f64, target: f64) -> Option<String> {
        if target == baseline {
            return Some(format!("is {target}, as the baseline: nothing would become better"));
        }
        let measure = self.measure;
        let better = match (self.figure, measure.nature()) {
            (Figure::Count, Nature::Seconds | Nature::Share | Nature::Times | Nature::Score) => return None,
            (_, _) => measure.better(),
        };
        let (is_better, word) = match better {
            Better::Lower => (target < baseline, "lower"),
            Better::Higher => (baseline < target, "higher"),
        };
        let name = measure.as_str();
        (!is_better)
            .then(|| format!("is {target}, and the baseline {baseline}: {name} is better when it is {word}"))
    }
}

/// Where an improvement stands in a list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// When somebody is to look at it again, if that is over: then it stands before those that nobody has to look at.
    pub review: Option<String>,
    /// Which.
    pub id: ImprovementId,
}

/// Why an improvement does not change like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such step.
    #[error("{number} is {} and cannot become {}; {}", from.as_str(), to.as_str(), allowed(*from))]
    NoSuchStep {
        /// The improvement's number.
        number: String,
        /// Where it is.
        from: ImprovementState,
        /// Where it was to go.
        to: ImprovementState,
    },
    /// The measure says otherwise.
    #[error("the measure says {said}, and the target is {target}: {number} is not {}", to.as_str())]
    SaysOtherwise {
        /// The improvement's number.
        number: String,
        /// What the measure says.
        said: String,
        /// What it shall say.
        target: String,
        /// What it was to be.
        to: ImprovementState,
    },
    /// It is over; its plan stays as it was.
    #[error("{0} is over; take it up again before you change it")]
    Over(String),
}

fn allowed(from: ImprovementState) -> String {
    let all: Vec<_> = IMPROVEMENT.iter().filter(|it| it.0 == from).map(|it| it.1.as_str()).collect();
    if all.is_empty() { "it was given up".to_owned() } else { format!("it may become {}", all.join(" or ")) }
}

impl Plan {
    /// Whether a value is as good as the target, or better.
    fn is_reached(&self, value: f64) -> bool {
        if self.target < self.baseline.value { value <= self.target } else { self.target <= value }
    }

    /// How far it is on a day, by what the measure says then.
    pub fn standing(&self, value: Option<f64>, today: Date) -> Standing {
        let Some(value) = value else { return Standing::Unknown };
        if self.is_reached(value) {
            return Standing::Reached;
        }
        let days = |to: Date| f64::from(self.baseline.to.until(to).map_or(0, |it| it.get_days()).max(0));
        let all = days(self.by);
        let passed = if all <= 0.0 { 1.0 } else { (days(today) / all).min(1.0) };
        let Baseline { value: begin, .. } = self.baseline;
        let due = begin + (self.target - begin) * passed;
        let is_good = if self.target < begin { value <= due } else { due <= value };
        if is_good { Standing::OnTrack } else { Standing::Behind }
    }
}

impl Improvement {
    /// A new one.
    pub fn new(id: ImprovementId, number: String, plan: Plan, by: &str, at: Timestamp) -> Self {
        let step = Step { state: Proposed, by: by.to_owned(), at, note: String::new() };
        Self { id, number, version: 1, state: Proposed, plan, history: vec![step], created: at }
    }

    /// The improvement with another plan.
    pub fn replanned(&self, plan: Plan, by: &str, at: Timestamp) -> Result<Self, Refused> {
        if !self.state.is_current() {
            return Err(Refused::Over(self.number.clone()));
        }
        let step = Step { state: self.state, by: by.to_owned(), at, note: String::new() };
        Ok(Self { plan, ..self.with(step) })
    }

    /// The improvement after a step; `value` is what its measure says.
    pub fn moved(
        &self,
        to: ImprovementState,
        value: Option<f64>,
        (by, note, at): (&str, String, Timestamp),
    ) -> Result<Self, Refused> {
        if !IMPROVEMENT.contains(&(self.state, to)) {
            return Err(Refused::NoSuchStep { number: self.number.clone(), from: self.state, to });
        }
        let is_reached = value.is_some_and(|it| self.plan.is_reached(it));
        if (to == Reached && !is_reached) || (to == Missed && is_reached) {
            let said = value.map_or_else(|| "nothing".to_owned(), |it| it.to_string());
            let target = self.plan.target.to_string();
            return Err(Refused::SaysOtherwise { number: self.number.clone(), said, target, to });
        }
        Ok(self.with(Step { state: to, by: by.to_owned(), at, note }))
    }

    fn with(&self, step: Step) -> Self {
        let mut next = Self { version: self.version + 1, state: step.state, ..self.clone() };
        next.history.push(step);
        let more = next.history.len().saturating_sub(STEPS);
        next.history.drain(..more);
        next
    }

    /// Whether somebody is to look at it again.
    pub fn is_due(&self, today: Date) -> bool {
        self.state.is_current() && self.plan.review <= today
    }
}

/// How callers point at an improvement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImprovementRef {
    /// By its identity.
    Id(ImprovementId),
    /// By its number.
    Number(String),
}

impl ImprovementRef {
    /// Reads `imp_…` or a number in any case, with or without leading zeros.
    pub fn parse(raw: &str) -> Option<Self> {
        if let Ok(id) = raw.parse() {
            return Some(Self::Id(id));
        }
        match TicketRef::parse(raw) {
            Some(TicketRef::Number(number)) if number.starts_with(PREFIX) => Some(Self::Number(number)),
            Some(_) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Slot;

    fn plan(begin: f64, target: f64) -> Plan {
        let date = |it: &str| it.parse().unwrap();
        Plan {
            title: "Answer sooner".to_owned(),
            why: String::new(),
            gauge: Gauge { measure: Measure::Respond, figure: Figure::P50, filter: Filter::default() },
            baseline: Baseline { value: begin, from: date("2027-01-01"), to: date("2027-01-31") },
            target,
            by: date("2027-05-11"),
            owner: "servicedesk-1".to_owned(),
            review: date("2027-03-01"),
        }
    }

    #[test]
    fn it_is_on_track_if_it_becomes_better_evenly() {
        let day: Date = "2027-03-22".parse().unwrap();
        // Half of the hundred days are over.
        for (begin, target, good, bad, done) in [(100.0, 20.0, 60.0, 61.0, 20.0), (0.5, 0.9, 0.7, 0.69, 0.95)]
        {
            let plan = plan(begin, target);
            assert_eq!(plan.standing(Some(good), day), Standing::OnTrack);
            assert_eq!(plan.standing(Some(bad), day), Standing::Behind);
            assert_eq!(plan.standing(Some(done), day), Standing::Reached);
            assert_eq!(plan.standing(Some(bad), "2027-01-31".parse().unwrap()), Standing::OnTrack);
            assert_eq!(plan.standing(Some(good), "2028-01-01".parse().unwrap()), Standing::Behind);
        }
        assert_eq!(plan(1.0, 2.0).standing(None, day), Standing::Unknown);
    }

    #[test]
    fn counts_of_any_number_of_days_are_of_as_many() {
        let figures = |count: usize| Figures::of([&crate::domain::measure::Cell::of(vec![1; count])]);
        assert_eq!(
            (Figure::Count.of(figures(9), 90), Figure::Count.of(figures(3), 30)),
            (Some(3.0), Some(3.0))
        );
        assert_eq!((Figure::Count.of(None, 7), Figure::Mean.of(figures(9), 90)), (Some(0.0), Some(1.0)));
    }

    #[test]
    fn every_measure_says_which_values_it_has_and_which_are_better() {
        for measure in Measure::ALL {
            for figure in Figure::ALL.into_iter().filter(|it| it.fits(measure)) {
                let gauge = Gauge { measure, figure, filter: Filter::default() };
                assert!(gauge.problem(1.0).is_none(), "{gauge:?}");
                for bad in [-1.0, f64::NAN, f64::INFINITY] {
                    assert!(gauge.problem(bad).is_some(), "{gauge:?} {bad}");
                }
                let is_bounded =
                    figure != Figure::Count && matches!(measure.nature(), Nature::Share | Nature::Score);
                assert_eq!(gauge.problem(70.0).is_some(), is_bounded, "{gauge:?}");
                assert!(gauge.no_better(1.0, 1.0).is_some());
                let (lower, higher) =
                    (gauge.no_better(1.0, 0.5).is_none(), gauge.no_better(0.5, 1.0).is_none());
                let either = figure == Figure::Count && measure.nature() != Nature::Count;
                assert!(if either { lower && higher } else { lower != higher }, "{gauge:?}");
            }
        }
        let gauge = |measure| Gauge { measure, figure: Figure::Mean, filter: Filter::default() };
        assert!(gauge(Measure::Satisfaction).no_better(3.0, 4.5).is_none());
        assert!(
            gauge(Measure::ResolveWorking)
                .no_better(3600.0, 4000.0)
                .unwrap()
                .contains("better when it is lower")
        );
    }

    #[test]
    fn reached_is_what_the_measure_says_and_nobody_else() {
        let id = ImprovementId::new([1; 16], Slot(0));
        let at = Timestamp(0);
        let new = Improvement::new(id, "IMP-000001".to_owned(), plan(100.0, 20.0), "ada", at);
        let go = |it: &Improvement, to, value| it.moved(to, value, ("ada", String::new(), at));
        assert!(matches!(go(&new, Reached, Some(1.0)), Err(Refused::NoSuchStep { .. })));
        let under_way = go(&new, UnderWay, None).unwrap();
        assert!(go(&under_way, Reached, None).is_err() && go(&under_way, Reached, Some(21.0)).is_err());
        assert!(go(&under_way, Missed, Some(20.0)).is_err());
        let reached = go(&under_way, Reached, Some(20.0)).unwrap();
        assert_eq!((reached.version, reached.history.len(), reached.state), (3, 3, Reached));
        assert!(reached.replanned(plan(1.0, 0.5), "ada", at).is_err());
        assert!(
            !reached.is_due("2027-06-01".parse().unwrap()) && under_way.is_due("2027-03-01".parse().unwrap())
        );
        let number = |it: &str| ImprovementRef::parse(it);
        assert_eq!(number("imp-1"), Some(ImprovementRef::Number("IMP-000001".to_owned())));
        assert_eq!((number("INC-000001"), number(&id.to_string())), (None, Some(ImprovementRef::Id(id))));
    }
}
