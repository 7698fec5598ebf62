//! Why a message got its label: what each word adds to the score, exactly.
//!
//! A score is a sum over n-grams and, since the network is a linear map for each one message, over the
//! pieces behind its meaning. Each occurrence of an n-gram bears its share of that n-gram's part, each
//! piece what its vector adds, and both share it evenly among the words that they cover. Nothing is left
//! over, so the words' weights and what is added whatever the words sum to the
//! score.

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
    let mut add = |first: u32, count: u32, whole: f32| {
        let covered = &mut weights[first as usize..(first + count) as usize];
        covered.iter_mut().for_each(|weight| *weight += whole / count as f32);
    };
    for (same, (column, value)) in occurrences.by_column().zip(&vector.terms) {
        let whole = value * learned.weights.rows().at(*column, label);
        same.iter().for_each(|gram| add(gram.first, gram.tokens, whole / same.len() as f32));
    }
    let table = learned.vocabulary.table();
    let (direction, _) = learned.net.towards(&vector.meaning, label);
    let pieces = occurrences.pieces();
    for (piece, along) in pieces.iter().zip(table.along(pieces, &direction)) {
        add(piece.first, piece.tokens, vector.meaning_scale * along);
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
    use crate::{
        model::{
            corpora,
            examples::Example,
            readers::read_text,
            train::{Settings, tests::small_classifier, train},
        },
        text::token::tokens,
    };

    use super::*;

    fn check(text: &str) {
        let classifier = small_classifier(&Settings::default());
        let learned = classifier.learned();
        let normalised = Normalised::of(text);
        let tokenised = Tokenised::of(normalised.text());
        let occurrences = learned.vocabulary.occurrences(normalised.text(), &tokenised);
        let vector = learned.vocabulary.vector_of(&occurrences);
        let mut scores = learned.weights.scores(&vector);
        let labels = learned.intent.labels.len();
        learned.net.add_scores(&vector.meaning, &mut scores[..labels]);
        for (label, score) in scores[..labels].iter().enumerate() {
            let weights = token_weights(learned, &occurrences, &vector, label, tokenised.tokens.len());
            let (_, added) = learned.net.towards(&vector.meaning, label);
            let sum = weights.iter().sum::<f32>() + learned.weights.bias()[label] + added;
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

    /// Each label of some corpora, and messages of it that were never learned from.
    const APART: [(&str, &str); 4] = [
        ("cleaning_request", include_str!("../../models/corpora/test/cleaning_request.jsonl")),
        ("payroll_question", include_str!("../../models/corpora/test/payroll_question.jsonl")),
        ("travel_booking", include_str!("../../models/corpora/test/travel_booking.jsonl")),
        ("vpn_fault", include_str!("../../models/corpora/test/vpn_fault.jsonl")),
    ];

    fn without(text: &str, (start, end): (usize, usize)) -> String {
        format!("{} {}", &text[..start], &text[end..])
    }

    /// The strongest reason must be worth far more than any other word (deletion, as in DeYoung et al. 2020).
    #[test]
    fn without_the_word_that_it_names_first_the_machine_is_less_sure() {
        let examples = corpora::examples().unwrap().into_iter();
        let examples: Vec<Example> =
            examples.filter(|it| APART.iter().any(|(label, _)| *label == it.label)).collect();
        let classifier = train(&examples, &Settings::default(), &mut |_| {}).unwrap();
        let (mut named, mut others) = ((0.0, 0.0), (0.0, 0.0));
        for (label, lines) in APART {
            for message in read_text(label, lines).unwrap() {
                let text = message.text.as_str();
                let verdict = classifier.understand(text, true);
                if &*verdict.ranked[0].label != label {
                    continue;
                }
                let sure = |text: &str| {
                    let ranked = classifier.understand(text, false).ranked;
                    ranked.iter().find(|it| &*it.label == label).map_or(0.0, |it| it.confidence)
                };
                let drop = |span| f64::from(verdict.ranked[0].confidence - sure(&without(text, span)));
                let first = &verdict.reasons[0];
                named = (named.0 + drop((first.start, first.end)), named.1 + 1.0);
                for word in tokens(text).filter(|it| it.end <= first.start || first.end <= it.start) {
                    others = (others.0 + drop((word.start, word.end)), others.1 + 1.0);
                }
            }
        }
        let (named, others) = (named.0 / named.1, others.0 / others.1);
        assert!(5.0 * others.max(0.005) < named, "{named} for the first word, {others} for another");
    }
}
