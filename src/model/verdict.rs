//! The answer of the model about one message: ranked labels, doubt, and the words behind them.

use std::sync::Arc;

/// What the model understood of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The labels of the intent head, best first, at most five; calibrated, summing to at most 1.
    pub ranked: Vec<Scored>,
    /// How likely the message is nothing that the desk does, 0 to 1.
    pub out_of_scope: f32,
    /// Best label of the urgency head: `low`, `medium` or `high`.
    pub urgency: Scored,
    /// Best label of the impact head: `person`, `team` or `site`.
    pub impact: Scored,
    /// The spans of the message that speak for the best label, strongest first; empty if not asked for.
    pub reasons: Vec<Reason>,
    /// Content hash of the artifact that gave this verdict.
    pub model: Arc<str>,
}

/// A label with its calibrated confidence, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// A template's id, or one of the intents that are no ticket.
    pub label: Arc<str>,
    /// Calibrated probability.
    pub confidence: f32,
}

/// A span of the original message and what it adds to the score of the best label.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Byte range in the original message, on character boundaries.
    pub start: usize,
    /// End of the byte range, exclusive.
    pub end: usize,
    /// The words of the span, as typed.
    pub text: String,
    /// Contribution to the best label's raw score.
    pub weight: f32,
}
