//! The parts that need the training data.

use super::{
    Training, TwinText,
    html::{cards, escaped, label, message, number, percent, section, table},
};
use crate::model::{
    cross_validation::Suspect,
    drift::{Index, Moved, Reading},
    variety::Variety,
};

/// How many suspicious labels are listed.
const SHOWN: usize = 25;

/// All of them.
pub(super) fn all(found: &Training) -> String {
    [suspects(found), drift(found), variety(found)].concat()
}

fn suspects(found: &Training) -> String {
    if found.suspects.is_empty() {
        let lead = "No training message is contradicted with confidence by a model that has not seen it.";
        return section("Labels that may be wrong", lead, "");
    }
    let row = |(suspect, place): (&Suspect, &String)| {
        let Suspect { text, label: given, said, confidence, .. } = suspect;
        let place = format!("<span class=\"where\">{}</span>", escaped(place));
        vec![message(text) + &place, label(given), label(said), percent(*confidence)]
    };
    let rows: Vec<Vec<String>> =
        found.suspects.iter().zip(&found.suspect_places).take(SHOWN).map(row).collect();
    let lead = format!(
        "{} training messages are contradicted with 90 % confidence or more by a model that has not seen them; the \
         surest {} stand here. Correct those that are wrong and train again.",
        number(found.suspects.len()),
        rows.len()
    );
    section("Labels that may be wrong", &lead, &cards(&["message", "label", "rather", "#sure"], &rows))
}

fn drift(found: &Training) -> String {
    let drift = &found.drift;
    let row = |name: &str, index: &Index| {
        let (class, reading) = match index.reading {
            Reading::Stable => ("good", "as in the training"),
            Reading::Moved => ("", "has moved; keep an eye on it"),
            Reading::FarOff => ("bad", "is far off; train with newer messages"),
        };
        vec![
            name.to_owned(),
            format!("{:.3}", index.value),
            format!("{:.3}", index.chance),
            format!("<span class=\"{class}\">{reading}</span>"),
        ]
    };
    let indices = table(
        &["", "#index", "#by chance alone", "reading"],
        &[row("words", &drift.words), row("labels", &drift.labels)],
    );
    let body = format!(
        "{indices}\n<div class=\"pair\"><div><h3>Words that moved most</h3>{}</div><div><h3>Labels that moved most</h3>{}\
         </div></div>\n{}",
        moved(&drift.moved_words),
        moved(&drift.moved_labels),
        new_words(&drift.new_words)
    );
    let lead = format!(
        "{} of the words were known from the training. The population stability index compares shares: less than 0.1 \
         beyond chance is no change, 0.25 or more a large one.",
        percent(drift.known_words)
    );
    section("Are these messages still like the training?", &lead, &body)
}

fn moved(moved: &[Moved]) -> String {
    let row = |it: &Moved| vec![label(&it.name), fine(it.before), fine(it.now)];
    table(&["", "#training", "#now"], &moved.iter().map(row).collect::<Vec<_>>())
}

fn fine(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn new_words(words: &[(String, usize)]) -> String {
    if words.is_empty() {
        return String::new();
    }
    let each: Vec<String> = words.iter().map(|(word, count)| format!("{} × {count}", label(word))).collect();
    format!("<h3>Most frequent words that the training does not know</h3><p>{}</p>", each.join(", "))
}

fn variety(found: &Training) -> String {
    let row = |name: &str, it: &Variety| {
        vec![
            name.to_owned(),
            number(it.messages),
            number(it.median_words),
            number(it.distinct_words),
            percent(it.distinct_pairs),
            number(it.near_duplicates),
        ]
    };
    let headings =
        ["", "#messages", "#words, median", "#different words", "#different pairs", "#near-duplicates"];
    let mut body = table(&headings, &[row("training", &found.learned), row("measured", &found.judged)]);
    if !found.twins.is_empty() {
        let row = |it: &TwinText| vec![message(&it.learned), message(&it.judged), percent(it.alike)];
        let rows: Vec<Vec<String>> = found.twins.iter().map(row).collect();
        body.push_str("<h3>Nearly the same in both</h3>");
        body.push_str(&cards(&["learned", "measured", "#alike"], &rows));
    }
    let lead = format!(
        "{} of {} measured messages ({}) are nearly the same as one that was learned. The more there are, the more the \
         figures above flatter the model.",
        number(found.twin_count),
        number(found.judged.messages),
        percent(found.twin_count as f64 / found.judged.messages.max(1) as f64)
    );
    section("Variety and near-duplicates", &lead, &body)
}
