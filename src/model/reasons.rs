//! Why a message got its label: what each word adds to the score, exactly.
//!
//! A linear score is the bias and a sum over n-grams. Each occurrence of an n-gram bears its share
//! of that n-gram's part, and shares it evenly among the words that it covers. Nothing is left
//! over, so the words' weights and the bias sum to the score.

use crate::{
    model::{
        classifier::Learned,
        features::{Occurrences, Vector},
        verdict::Reason,
    },
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
    (occurrences, vector): (&Occurrences, &Vector),
    label: usize,
) -> Vec<Reason> {
    let weights = token_weights(learned, occurrences, vector, label, tokenised.tokens.len());
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
    occurrences: &Occurrences,
    vector: &Vector,
    label: usize,
    tokens: usize,
) -> Vec<f32> {
    let mut weights = vec![0.0; tokens];
    for (same, value) in occurrences.by_column().zip(&vector.values) {
        let whole = value * learned.weights.at(same[0].column(), label);
        for gram in same {
            let share = whole / same.len() as f32 / gram.tokens as f32;
            let covered = gram.first as usize..(gram.first + gram.tokens) as usize;
            weights[covered].iter_mut().for_each(|weight| *weight += share);
        }
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
        let occurrences = learned.vocabulary.occurrences(normalised.text(), &tokenised);
        let vector = learned.vocabulary.vector_of(&occurrences);
        let scores = learned.weights.scores(&vector);
        for (label, score) in scores[..learned.intent.labels.len()].iter().enumerate() {
            let weights = token_weights(learned, &occurrences, &vector, label, tokenised.tokens.len());
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
