//! What the company gives to its people (ITIL 4, service catalogue management and portfolio management): what it is worth
//! and costs, in which stage of its life it is, what it hangs on, and what is promised of it.

mod availability;
mod outage;

pub use self::{
    availability::{Availability, Down, availability, united},
    outage::{Outage, Told},
};
use super::{asset::AssetState, money::Money, people::Bilingual, priority::Impact};

/// A service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Id of the group that owns it.
    pub owner: String,
    /// Where it is in its life.
    pub stage: Stage,
    /// Departments whose people use it; everybody if none is named.
    pub users: Vec<String>,
    /// Who pays for it.
    pub cost_centre: String,
    /// What it is good for, in a sentence; empty if nobody has said.
    pub value: String,
    /// What a ticket of it costs.
    pub ticket_cost: Option<Money>,
    /// Id of the SLA policy of its templates that name none.
    pub sla: Option<String>,
    /// Ids of the services without which it does not work.
    pub needs: Vec<String>,
    /// What is promised of the time in which it works.
    pub availability: Option<Promise>,
    /// What there must be enough of.
    pub capacity: Vec<Capacity>,
}

impl Service {
    /// A live one of which no more is said.
    pub fn new(id: &str, name: &str, owner: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            owner: owner.to_owned(),
            stage: Stage::default(),
            users: vec![],
            cost_centre: String::new(),
            value: String::new(),
            ticket_cost: None,
            sla: None,
            needs: vec![],
            availability: None,
            capacity: vec![],
        }
    }
}

/// Where a service is in its life (ITIL 4, the service portfolio).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It is being made: the desk may open its tickets, employees are not offered them.
    Pipeline,
    /// It is there.
    #[default]
    Live,
    /// It is gone: nothing new is opened, and what is open is ended.
    Retired,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pipeline, Self::Live, Self::Retired];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }
}

/// What is promised of the time in which a service works (ITIL 4, availability management).
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// In how much of its hours it works, in hundredths of a percent: 9950 is 99.5 %.
    pub target: u32,
    /// Id of the calendar whose hours are its own; around the clock without one.
    pub calendar: Option<String>,
    /// It is down while an incident of at least this impact is not resolved.
    pub impact: Impact,
}

/// What there must be enough of, counted in the register of assets (ITIL 4, capacity and performance management).
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// What it is.
    pub label: Bilingual,
    /// Id of the type of assets that count.
    pub asset_type: String,
    /// They count in these states.
    pub states: Vec<AssetState>,
    /// How many there should be.
    pub bound: Bound,
}

/// A bound of a number of assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// So many or more: a stock.
    Least(u32),
    /// So many or fewer: seats, licences.
    Most(u32),
}

impl Bound {
    /// Whether a number keeps it.
    pub fn is_kept(self, count: u64) -> bool {
        match self {
            Self::Least(least) => u64::from(least) <= count,
            Self::Most(most) => count <= u64::from(most),
        }
    }
}
