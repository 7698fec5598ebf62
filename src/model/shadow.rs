//! How a model in the shadow compares with the one in use, on the same messages. Figures only: nothing
//! is kept of a message but the two labels.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use crate::model::verdict::Scored;

/// Pairs of labels that are told apart; others only count as disagreements.
const PAIRS: usize = 4_096;

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Messages that both read.
    pub messages: u64,
    /// Those with one label from both.
    pub agreed: u64,
    /// Those of which the model in use was as sure as the gate asks.
    pub current_sure: u64,
    /// Those of which the shadow was.
    pub shadow_sure: u64,
    /// Those of which both were.
    pub both_sure: u64,
    /// Those of these with one label from both.
    pub both_sure_agreed: u64,
    /// Sum of the confidence of the model in use.
    current: f64,
    /// Sum of the confidence of the shadow.
    shadow: f64,
    apart: HashMap<(Arc<str>, Arc<str>), u64>,
}

/// A pair of labels that the models gave to the same messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// What the model in use said.
    pub current: Arc<str>,
    /// What the shadow said.
    pub shadow: Arc<str>,
    /// How often.
    pub count: u64,
}

impl Statistics {
    /// Takes in what both said of a message; `gate` is the confidence that the gate asks for.
    pub fn add(&mut self, current: &Scored, shadow: &Scored, gate: f32) {
        let agreed = current.label == shadow.label;
        let (current_sure, shadow_sure) = (gate <= current.confidence, gate <= shadow.confidence);
        self.messages += 1;
        self.agreed += u64::from(agreed);
        self.current_sure += u64::from(current_sure);
        self.shadow_sure += u64::from(shadow_sure);
        self.both_sure += u64::from(current_sure && shadow_sure);
        self.both_sure_agreed += u64::from(current_sure && shadow_sure && agreed);
        self.current += f64::from(current.confidence);
        self.shadow += f64::from(shadow.confidence);
        if agreed {
            return;
        }
        let pair = (Arc::clone(&current.label), Arc::clone(&shadow.label));
        if self.apart.len() < PAIRS || self.apart.contains_key(&pair) {
            *self.apart.entry(pair).or_default() += 1;
        }
    }

    /// Mean confidence of the model in use and of the shadow; 0 before the first message.
    pub fn confidence(&self) -> (f64, f64) {
        let messages = self.messages.max(1) as f64;
        (self.current / messages, self.shadow / messages)
    }

    /// The most frequent disagreements, at most `most`.
    pub fn apart(&self, most: usize) -> Vec<Apart> {
        let pair = |((current, shadow), count): (&(Arc<str>, Arc<str>), &u64)| Apart {
            current: Arc::clone(current),
            shadow: Arc::clone(shadow),
            count: *count,
        };
        let mut all: Vec<Apart> = self.apart.iter().map(pair).collect();
        all.sort_by(|one, other| {
            let key = |it: &Apart| (Reverse(it.count), Arc::clone(&it.current), Arc::clone(&it.shadow));
            key(one).cmp(&key(other))
        });
        all.truncate(most);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(label: &str, confidence: f32) -> Scored {
        Scored { label: label.into(), confidence }
    }

    #[test]
    fn agreement_is_counted_with_and_without_the_gate() {
        let mut it = Statistics::default();
        assert_eq!(it.confidence(), (0.0, 0.0));
        it.add(&said("vpn", 0.9), &said("vpn", 0.5), 0.8);
        it.add(&said("vpn", 0.9), &said("vpn", 0.8), 0.8);
        it.add(&said("vpn", 0.8), &said("mail", 0.9), 0.8);
        it.add(&said("vpn", 0.2), &said("mail", 0.2), 0.8);
        it.add(&said("mail", 0.2), &said("vpn", 0.6), 0.8);
        assert_eq!((it.messages, it.agreed), (5, 2));
        assert_eq!((it.current_sure, it.shadow_sure, it.both_sure, it.both_sure_agreed), (3, 2, 2, 1));
        let (current, shadow) = it.confidence();
        assert!((current - 0.6).abs() < 1e-6 && (shadow - 0.6).abs() < 1e-6, "{current} {shadow}");
        let apart: Vec<_> = it.apart(1).into_iter().map(|it| (it.current, it.shadow, it.count)).collect();
        assert_eq!(apart, [("vpn".into(), "mail".into(), 2)]);
        assert_eq!(it.apart(9).len(), 2);
    }

    #[test]
    fn strange_labels_do_not_fill_the_memory() {
        let mut it = Statistics::default();
        for turn in 0..PAIRS + 10 {
            it.add(&said(&turn.to_string(), 0.5), &said("x", 0.5), 0.8);
        }
        assert_eq!((it.apart(usize::MAX).len(), it.messages as usize), (PAIRS, PAIRS + 10));
    }
}
