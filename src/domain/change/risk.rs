//! The risk of a change: points for the answers to its template's questions, for how much hangs on its assets, for how many
//! hang on them and for how many people have any of these. More of anything never makes it less.

use crate::domain::{
    people::Bilingual,
    ticket::{LinkedHow, TicketAssets},
};

/// How risky a change is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    /// Little.
    #[default]
    Low,
    /// Some.
    Moderate,
    /// Much.
    High,
}

impl RiskLevel {
    /// From least to most.
    pub const ALL: [Self; 3] = [Self::Low, Self::Moderate, Self::High];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }
}

/// Something that is asked to rate the risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its id within the template.
    pub id: String,
    /// What is asked.
    pub ask: Bilingual,
    /// What may be answered.
    pub options: Vec<RiskOption>,
}

/// An answer, and what it weighs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskOption {
    /// Its id within the question.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// What it adds.
    pub points: u32,
    /// The service is down while such a change is carried out.
    pub down: bool,
}

/// What points make which risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskRules {
    /// With so many points it is moderate.
    pub moderate: u32,
    /// With so many points it is high.
    pub high: u32,
    /// Points of the most critical asset: of low, medium and high criticality. None is less than the one before.
    pub criticality: [u32; 3],
    /// Points for the number of assets that hang on its assets; of those that hold, the most counts.
    pub reach: Vec<Reach>,
    /// Points for the number of people who have any of these, or of its assets, in the same way.
    pub people: Vec<Reach>,
}

/// Points where so many suffer with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// So many at least.
    pub least: u32,
    /// What it adds.
    pub points: u32,
}

impl Reach {
    /// The points of the steps that hold for so many.
    fn of(steps: &[Self], count: u32) -> Option<u32> {
        steps.iter().filter(|it| it.least <= count).map(|it| it.points).max()
    }
}

impl Default for RiskRules {
    fn default() -> Self {
        let reach = vec![Reach { least: 10, points: 1 }, Reach { least: 100, points: 2 }];
        Self { moderate: 3, high: 6, criticality: [0, 1, 2], people: reach.clone(), reach }
    }
}

/// How risky a change is, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risk {
    /// How much.
    pub level: RiskLevel,
    /// The sum.
    pub points: u32,
    /// What it is made of.
    pub against: Vec<Against>,
    /// Its service is down while it is carried out, by the answers.
    pub down: bool,
}

/// Something that speaks against a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Against {
    /// What.
    pub what: String,
    /// What it adds.
    pub points: u32,
}

/// The risk of a change with these answers, about these assets. Questions without an answer add nothing: a plan is not
/// submitted before all are answered.
pub fn assess(
    questions: &[Question],
    answers: &[(String, String)],
    assets: &TicketAssets,
    rules: &RiskRules,
) -> Risk {
    let chosen: Vec<_> = questions
        .iter()
        .filter_map(|question| {
            let (_, chosen) = answers.iter().find(|(id, _)| *id == question.id)?;
            Some((question, question.options.iter().find(|it| it.id == *chosen)?))
        })
        .collect();
    let down = chosen.iter().any(|(_, option)| option.down);
    let answered = chosen.iter().map(|(question, option)| Against {
        what: format!("{} {}", question.ask.en, option.label.en),
        points: option.points,
    });
    let about = assets.links.iter().filter(|it| it.how.is_about());
    let gravest = about.max_by_key(|it| it.facts.criticality).map(|it| {
        let criticality = it.facts.criticality;
        let points = rules.criticality[criticality as usize];
        Against { what: format!("{} is of {} criticality", it.tag, criticality.as_str()), points }
    });
    let count =
        assets.computed.max(u32::try_from(assets.of(LinkedHow::Computed).count()).unwrap_or(u32::MAX));
    let reach = Reach::of(&rules.reach, count);
    let reach = reach.map(|points| Against { what: format!("{count} assets hang on its assets"), points });
    let people = Reach::of(&rules.people, assets.people);
    let people =
        people.map(|points| Against { what: format!("{} people have any of these", assets.people), points });
    let against: Vec<Against> =
        answered.chain(gravest).chain(reach).chain(people).filter(|it| it.points > 0).collect();
    let points = against.iter().fold(0_u32, |sum, it| sum.saturating_add(it.points));
    let level = if rules.high <= points {
        RiskLevel::High
    } else if rules.moderate <= points {
        RiskLevel::Moderate
    } else {
        RiskLevel::Low
    };
    Risk { level, points, against, down }
}
