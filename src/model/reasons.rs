//! Why a message got its label: what each word adds to the score, exactly.
//!
//! A linear score is the bias and a sum over n-grams. Each occurrence of an n-gram bears its share
//! of that n-gram's part, and shares it evenly among the words that it covers. Nothing is left
//! over, so the words' weights and the bias sum to the score.

use std::collections::HashMap;

use crate::{
    model::{classifier::Learned, features::Vector, verdict::Reason},
    text::{
        grams::Tokenised,
        normalise::Normalised,
        token::{Kind, Token},
    },
};

/// How many reasons a verdict gives at most.
const MOST: usize = 8;

/// The spans of the original message that speak for a label, strongest first.
pub fn reasons(
    learned: &Learned,
    original: &str,
    normalised: &Normalised,
    tokenised: &Tokenised,
    vector: &Vector,
    label: usize,
) -> Vec<Reason> {
    let weights = token_weights(learned, normalised.text(), tokenised, vector, label);
    let mut spans = merged(&tokenised.tokens, &weights);
    spans.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    let reason = |(token, weight): (Token, f32)| {
        let (start, end) = normalised.original_span(token.start, token.end);
        Reason { start, end, text: original.get(start..end).unwrap_or_default().to_owned(), weight }
    };
    spans.into_iter().filter(|(_, weight)| 0.0 < *weight).take(MOST).map(reason).collect()
}

/// What each token adds to the score of a label.
pub fn token_weights(
    learned: &Learned,
    text: &str,
    tokenised: &Tokenised,
    vector: &Vector,
    label: usize,
) -> Vec<f32> {
    let mut occurrences = Vec::with_capacity(vector.columns.len());
    let mut counts: HashMap<u32, f32> = HashMap::with_capacity(vector.columns.len());
    tokenised.each_gram(text, |gram| {
        if let Some(column) = learned.vocabulary.column(gram.hash) {
            occurrences.push((column, gram));
            *counts.entry(column).or_default() += 1.0;
        }
    });
    let values: HashMap<u32, f32> =
        vector.columns.iter().copied().zip(vector.values.iter().copied()).collect();
    let mut weights = vec![0.0; tokenised.tokens.len()];
    for (column, gram) in occurrences {
        let whole = values.get(&column).copied().unwrap_or_default() * learned.weights.at(column, label);
        let count = counts.get(&column).copied().unwrap_or(1.0);
        let share = whole / count / gram.tokens as f32;
        let covered = gram.first as usize..(gram.first + gram.tokens) as usize;
        weights[covered].iter_mut().for_each(|weight| *weight += share);
    }
    weights
}

/// Characters of scripts without spaces that follow each other and agree make one span.
fn merged(tokens: &[Token], weights: &[f32]) -> Vec<(Token, f32)> {
    let mut spans: Vec<(Token, f32)> = Vec::with_capacity(tokens.len());
    for (token, weight) in tokens.iter().zip(weights) {
        match spans.last_mut() {
            Some((last, sum)) if joins(last, token) && 0.0 < *sum && 0.0 < *weight => {
                last.end = token.end;
                *sum += weight;
            }
            _ => spans.push((*token, *weight)),
        }
    }
    spans
}

fn joins(last: &Token, next: &Token) -> bool {
    last.kind == Kind::Cjk && next.kind == Kind::Cjk && last.touches(next)
}

#[cfg(test)]
mod tests {
    use crate::model::train::{Settings, tests::small_classifier};

    use super::*;

    fn check(text: &str) {
        let classifier = small_classifier(&Settings::default());
        let learned = classifier.learned();
        let normalised = Normalised::of(text);
        let tokenised = Tokenised::of(normalised.text());
        let vector = learned.vocabulary.vector(normalised.text(), &tokenised);
        let scores = learned.weights.scores(&vector);
        for (label, score) in scores[..learned.intent.labels.len()].iter().enumerate() {
            let weights = token_weights(learned, normalised.text(), &tokenised, &vector, label);
            let sum = weights.iter().sum::<f32>() + learned.weights.bias(label);
            assert!((sum - score).abs() < 1e-5, "{text}: {sum} is not {score}");
        }
    }

    #[test]
    fn what_the_words_add_and_the_bias_sum_to_the_score() {
        check("the vpn vpn drops again and again!");
        check("我的vpn又连不上了，打印机卡纸");
        check("");
        check("zzz qqq");
    }

    #[test]
    fn reasons_point_into_the_message_as_typed() {
        let text = "Hello, my ＰＲＩＮＴＥＲ says Paper JAM";
        let verdict = small_classifier(&Settings::default()).understand(text, true);
        assert_eq!(&*verdict.ranked[0].label, "printer_fault");
        let said: Vec<&str> = verdict.reasons.iter().map(|reason| reason.text.as_str()).collect();
        assert!(said.contains(&"ＰＲＩＮＴＥＲ"), "{said:?}");
        for reason in &verdict.reasons {
            assert_eq!(text[reason.start..reason.end], reason.text);
        }
    }
}
