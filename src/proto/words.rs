//! Closed sets of words, to and from the contract's enums. `None` on the way in means unspecified or
//! a number that this build does not know; the entries decide what that is worth.

use super::v1;
use crate::domain::{
    approval::Outcome,
    article::{self, ArticleState, Use},
    asset::{AssetState, Criticality, RelationKind},
    assignment::{Gate, Policy},
    change::{self, ChangeType, RiskLevel},
    duty::Duty,
    improvement::{Figure, ImprovementState},
    lifecycle::{CancelReason, HoldReason, ResolutionCode, State},
    measure::Measure,
    people::Language,
    priority::{Impact, Priority, Urgency},
    service::Stage,
    sla::{Goal, Whom},
    task::TaskState,
    template::Audience,
    ticket::{LinkedHow, Relation, TicketKind},
    wave::WaveState,
};

/// Pairs of a domain word and its enum in the contract, read both ways.
macro_rules! words {
    ($to:ident, $from:ident, $domain:ty, $proto:ty, $($word:path = $name:path),+ $(,)?) => {
        /// The contract's enum for a domain word.
        pub fn $to(word: $domain) -> i32 {
            (match word { $($word => $name),+ }) as i32
        }

        /// The domain word for the contract's enum.
        pub fn $from(number: i32) -> Option<$domain> {
            [$(($word, $name)),+].into_iter().find(|(_, name)| *name as i32 == number).map(|(word, _)| word)
        }
    };
}

words!(
    kind_to,
    kind_from,
    TicketKind,
    v1::TicketKind,
    TicketKind::Incident = v1::TicketKind::Incident,
    TicketKind::Request = v1::TicketKind::Request,
    TicketKind::Problem = v1::TicketKind::Problem,
    TicketKind::Change = v1::TicketKind::Change
);

words!(
    figure_to,
    figure_from,
    Figure,
    v1::MeasureFigure,
    Figure::Count = v1::MeasureFigure::Count,
    Figure::Mean = v1::MeasureFigure::Mean,
    Figure::P50 = v1::MeasureFigure::P50,
    Figure::P90 = v1::MeasureFigure::P90,
    Figure::P95 = v1::MeasureFigure::P95
);

words!(
    improvement_state_to,
    improvement_state_from,
    ImprovementState,
    v1::ImprovementState,
    ImprovementState::Proposed = v1::ImprovementState::Proposed,
    ImprovementState::UnderWay = v1::ImprovementState::UnderWay,
    ImprovementState::Reached = v1::ImprovementState::Reached,
    ImprovementState::Missed = v1::ImprovementState::Missed,
    ImprovementState::Dropped = v1::ImprovementState::Dropped
);

words!(
    measure_to,
    measure_from,
    Measure,
    v1::MeasureKind,
    Measure::Opened = v1::MeasureKind::Opened,
    Measure::Acknowledge = v1::MeasureKind::Acknowledge,
    Measure::Respond = v1::MeasureKind::Respond,
    Measure::Resolve = v1::MeasureKind::Resolve,
    Measure::FirstContact = v1::MeasureKind::FirstContact,
    Measure::Reassignments = v1::MeasureKind::Reassignments,
    Measure::Reopened = v1::MeasureKind::Reopened,
    Measure::ResponseMet = v1::MeasureKind::ResponseMet,
    Measure::ResolutionMet = v1::MeasureKind::ResolutionMet,
    Measure::Knowledge = v1::MeasureKind::Knowledge,
    Measure::Automatic = v1::MeasureKind::Automatic,
    Measure::AutomaticError = v1::MeasureKind::AutomaticError,
    Measure::Satisfaction = v1::MeasureKind::Satisfaction,
    Measure::AcknowledgeWorking = v1::MeasureKind::AcknowledgeWorking,
    Measure::RespondWorking = v1::MeasureKind::RespondWorking,
    Measure::ResolveWorking = v1::MeasureKind::ResolveWorking
);

words!(
    state_to,
    state_from,
    State,
    v1::TicketState,
    State::New = v1::TicketState::New,
    State::WaitingApproval = v1::TicketState::WaitingApproval,
    State::Assigned = v1::TicketState::Assigned,
    State::Analysing = v1::TicketState::Analysing,
    State::Scheduled = v1::TicketState::Scheduled,
    State::InProgress = v1::TicketState::InProgress,
    State::OnHold = v1::TicketState::OnHold,
    State::Resolved = v1::TicketState::Resolved,
    State::Closed = v1::TicketState::Closed,
    State::Cancelled = v1::TicketState::Cancelled
);

words!(
    stage_to,
    stage_from,
    Stage,
    v1::ServiceStage,
    Stage::Pipeline = v1::ServiceStage::Pipeline,
    Stage::Live = v1::ServiceStage::Live,
    Stage::Retired = v1::ServiceStage::Retired
);

words!(
    change_to,
    change_from,
    ChangeType,
    v1::ChangeType,
    ChangeType::Standard = v1::ChangeType::Standard,
    ChangeType::Normal = v1::ChangeType::Normal,
    ChangeType::Emergency = v1::ChangeType::Emergency
);

words!(
    risk_to,
    risk_from,
    RiskLevel,
    v1::ChangeRiskLevel,
    RiskLevel::Low = v1::ChangeRiskLevel::Low,
    RiskLevel::Moderate = v1::ChangeRiskLevel::Moderate,
    RiskLevel::High = v1::ChangeRiskLevel::High
);

words!(
    change_outcome_to,
    change_outcome_from,
    change::Outcome,
    v1::ChangeOutcome,
    change::Outcome::Successful = v1::ChangeOutcome::Successful,
    change::Outcome::WithProblems = v1::ChangeOutcome::WithProblems,
    change::Outcome::BackedOut = v1::ChangeOutcome::BackedOut,
    change::Outcome::NotDone = v1::ChangeOutcome::NotDone
);

words!(
    audience_to,
    audience_from,
    Audience,
    v1::TemplateAudience,
    Audience::Everyone = v1::TemplateAudience::Everyone,
    Audience::Desk = v1::TemplateAudience::Desk
);

words!(
    task_state_to,
    task_state_from,
    TaskState,
    v1::TaskState,
    TaskState::Waiting = v1::TaskState::Waiting,
    TaskState::Ready = v1::TaskState::Ready,
    TaskState::Done = v1::TaskState::Done,
    TaskState::Skipped = v1::TaskState::Skipped,
    TaskState::Dropped = v1::TaskState::Dropped
);

words!(
    goal_to,
    goal_from,
    Goal,
    v1::SlaGoal,
    Goal::Response = v1::SlaGoal::Response,
    Goal::NextResponse = v1::SlaGoal::NextResponse,
    Goal::Update = v1::SlaGoal::Update,
    Goal::Resolution = v1::SlaGoal::Resolution,
    Goal::Ola = v1::SlaGoal::Ola,
    Goal::Contract = v1::SlaGoal::Contract
);

words!(
    whom_to,
    whom_from,
    Whom,
    v1::Whom,
    Whom::Agent = v1::Whom::Agent,
    Whom::Group = v1::Whom::Group,
    Whom::Owner = v1::Whom::Owner,
    Whom::Requester = v1::Whom::Requester
);

words!(
    hold_to,
    hold_from,
    HoldReason,
    v1::HoldReason,
    HoldReason::Requester = v1::HoldReason::Requester,
    HoldReason::Vendor = v1::HoldReason::Vendor,
    HoldReason::Change = v1::HoldReason::Change,
    HoldReason::Problem = v1::HoldReason::Problem
);

words!(
    code_to,
    code_from,
    ResolutionCode,
    v1::ResolutionCode,
    ResolutionCode::Fixed = v1::ResolutionCode::Fixed,
    ResolutionCode::Workaround = v1::ResolutionCode::Workaround,
    ResolutionCode::Duplicate = v1::ResolutionCode::Duplicate,
    ResolutionCode::NotReproducible = v1::ResolutionCode::NotReproducible,
    ResolutionCode::NoFault = v1::ResolutionCode::NoFault,
    ResolutionCode::GivenUp = v1::ResolutionCode::GivenUp,
    ResolutionCode::RiskAccepted = v1::ResolutionCode::RiskAccepted
);

words!(
    cancel_to,
    cancel_from,
    CancelReason,
    v1::CancelReason,
    CancelReason::Duplicate = v1::CancelReason::Duplicate,
    CancelReason::NotForDesk = v1::CancelReason::NotForDesk,
    CancelReason::Withdrawn = v1::CancelReason::Withdrawn
);

words!(
    relation_to,
    relation_from,
    Relation,
    v1::LinkRelation,
    Relation::Related = v1::LinkRelation::Related,
    Relation::Parent = v1::LinkRelation::Parent,
    Relation::Child = v1::LinkRelation::Child,
    Relation::MergedInto = v1::LinkRelation::MergedInto,
    Relation::MergedFrom = v1::LinkRelation::MergedFrom,
    Relation::SplitFrom = v1::LinkRelation::SplitFrom,
    Relation::SplitInto = v1::LinkRelation::SplitInto,
    Relation::Follows = v1::LinkRelation::Follows,
    Relation::FollowedBy = v1::LinkRelation::FollowedBy,
    Relation::CausedBy = v1::LinkRelation::CausedBy,
    Relation::Causes = v1::LinkRelation::Causes,
    Relation::SettledBy = v1::LinkRelation::SettledBy,
    Relation::Settles = v1::LinkRelation::Settles
);

words!(
    impact_to,
    impact_from,
    Impact,
    v1::Impact,
    Impact::Person = v1::Impact::Person,
    Impact::Team = v1::Impact::Team,
    Impact::Site = v1::Impact::Site
);

words!(
    urgency_to,
    urgency_from,
    Urgency,
    v1::Urgency,
    Urgency::Low = v1::Urgency::Low,
    Urgency::Medium = v1::Urgency::Medium,
    Urgency::High = v1::Urgency::High
);

words!(
    priority_to,
    priority_from,
    Priority,
    v1::Priority,
    Priority::P1 = v1::Priority::P1,
    Priority::P2 = v1::Priority::P2,
    Priority::P3 = v1::Priority::P3,
    Priority::P4 = v1::Priority::P4
);

words!(
    language_to,
    language_from,
    Language,
    v1::Language,
    Language::En = v1::Language::En,
    Language::Zh = v1::Language::Zh
);

words!(
    policy_to,
    policy_from,
    Policy,
    v1::DispatchPolicy,
    Policy::RoundRobin = v1::DispatchPolicy::RoundRobin,
    Policy::LeastLoaded = v1::DispatchPolicy::LeastLoaded,
    Policy::MostCapacity = v1::DispatchPolicy::MostCapacity,
    Policy::SlaAware = v1::DispatchPolicy::SlaAware,
    Policy::Manual = v1::DispatchPolicy::Manual
);

words!(
    article_state_to,
    article_state_from,
    ArticleState,
    v1::ArticleState,
    ArticleState::Draft = v1::ArticleState::Draft,
    ArticleState::Published = v1::ArticleState::Published,
    ArticleState::Retired = v1::ArticleState::Retired
);

words!(
    wave_state_to,
    wave_state_from,
    WaveState,
    v1::WaveState,
    WaveState::Candidate = v1::WaveState::Candidate,
    WaveState::Accepted = v1::WaveState::Accepted,
    WaveState::Running = v1::WaveState::Running,
    WaveState::Over = v1::WaveState::Over,
    WaveState::Dismissed = v1::WaveState::Dismissed
);

words!(
    readers_to,
    readers_from,
    article::Audience,
    v1::ArticleAudience,
    article::Audience::Everyone = v1::ArticleAudience::Everyone,
    article::Audience::Desk = v1::ArticleAudience::Desk
);

words!(
    use_to,
    use_from,
    Use,
    v1::ArticleUse,
    Use::Shown = v1::ArticleUse::Shown,
    Use::Helped = v1::ArticleUse::Helped,
    Use::NotHelped = v1::ArticleUse::NotHelped
);

words!(
    asset_state_to,
    asset_state_from,
    AssetState,
    v1::AssetState,
    AssetState::Ordered = v1::AssetState::Ordered,
    AssetState::InStock = v1::AssetState::InStock,
    AssetState::InUse = v1::AssetState::InUse,
    AssetState::InRepair = v1::AssetState::InRepair,
    AssetState::Lost = v1::AssetState::Lost,
    AssetState::Retired = v1::AssetState::Retired
);

words!(
    criticality_to,
    criticality_from,
    Criticality,
    v1::AssetCriticality,
    Criticality::Low = v1::AssetCriticality::Low,
    Criticality::Medium = v1::AssetCriticality::Medium,
    Criticality::High = v1::AssetCriticality::High
);

words!(
    linked_how_to,
    linked_how_from,
    LinkedHow,
    v1::TicketAssetOrigin,
    LinkedHow::Manual = v1::TicketAssetOrigin::Manual,
    LinkedHow::Computed = v1::TicketAssetOrigin::Computed,
    LinkedHow::NotImpacted = v1::TicketAssetOrigin::NotImpacted,
    LinkedHow::Named = v1::TicketAssetOrigin::Named
);

words!(
    hanging_to,
    hanging_from,
    RelationKind,
    v1::AssetRelationKind,
    RelationKind::RunsOn = v1::AssetRelationKind::RunsOn,
    RelationKind::DependsOn = v1::AssetRelationKind::DependsOn,
    RelationKind::ConnectedTo = v1::AssetRelationKind::ConnectedTo,
    RelationKind::PartOf = v1::AssetRelationKind::PartOf,
    RelationKind::UsedBy = v1::AssetRelationKind::UsedBy
);

/// Whether an agent takes work, in the contract's words.
pub fn duty_to(duty: Duty) -> i32 {
    (match duty {
        Duty::OnShift(_) => v1::AgentDuty::OnShift,
        Duty::OnCall => v1::AgentDuty::OnCall,
        Duty::OffShift => v1::AgentDuty::OffShift,
        Duty::OnLeave => v1::AgentDuty::OnLeave,
        Duty::Away(_) => v1::AgentDuty::Away,
        Duty::Absent => v1::AgentDuty::Absent,
        Duty::Left => v1::AgentDuty::Left,
    }) as i32
}

words!(
    gate_to,
    gate_from,
    Gate,
    v1::GateOutcome,
    Gate::Auto = v1::GateOutcome::Auto,
    Gate::Confirmed = v1::GateOutcome::Confirmed,
    Gate::Person = v1::GateOutcome::Person
);

words!(
    outcome_to,
    outcome_from,
    Outcome,
    v1::ApprovalOutcome,
    Outcome::Granted = v1::ApprovalOutcome::Granted,
    Outcome::Rejected = v1::ApprovalOutcome::Rejected,
    Outcome::Withdrawn = v1::ApprovalOutcome::Withdrawn,
    Outcome::NotNeeded = v1::ApprovalOutcome::NotNeeded
);
