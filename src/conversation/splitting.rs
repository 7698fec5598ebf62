//! Two problems in one message: each becomes a ticket of its own, one after the other.

use super::{
    draft::{has, is_sentence},
    heard::Heard,
    lexicon::{Answer, lower, trimmed},
    reading::halves,
    state::Draft,
    turn::Turn,
};

/// From this confidence on a half is about a template of its own.
const OWN: f32 = 0.6;
/// From this confidence on the second half is likely about another template.
const ANOTHER: f32 = 0.35;
/// "A and B" names two things if the whole is about both at least so much.
const MIXED: f32 = 0.04;

impl Turn {
    /// Begins with the first of two things that a message names and parks the second; `Err` gives the turn
    /// back if the message names but one.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    pub(super) fn split(self, heard: &Heard<'_>) -> Result<Self, Self> {
        if let Some((lead, list)) = announced(heard) {
            let list = heard.of(list, heard.understanding);
            return self.split_at(&list, lead, Answer::BetweenTwo, (0.0, 0.0));
        }
        let turn = self.split_at(heard, "", Answer::Between, (ANOTHER, 0.0));
        turn.or_else(|turn| turn.split_at(heard, "", Answer::PerhapsBetween, (ANOTHER, MIXED)))
    }

    /// Splits at these words, if the second half is about another template at least so much, and the message as
    /// a whole about either.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    fn split_at(
        mut self,
        heard: &Heard<'_>,
        lead: &str,
        between: Answer,
        (least, mixed): (f32, f32),
    ) -> Result<Self, Self> {
        let Some((one, other)) = halves(heard.phrases, between, heard.text) else { return Err(self) };
        let (first, second) = ((heard.reader.0)(one), (heard.reader.0)(other));
        // "Since Monday nothing works, two things: ..." belongs to both.
        let led = |it: &str| if is_sentence(lead) { format!("{lead}\n{it}") } else { it.to_owned() };
        let (one, other) = (led(one), led(other));
        let (tags, other_tags) = (named_in(heard.assets, &one), named_in(heard.assets, &other));
        let first = Heard { assets: &tags, ..heard.of(&one, &first) };
        let second = Heard { assets: &other_tags, ..heard.of(&other, &second) };
        let both = (about(&first).filter(|(_, it)| *it >= OWN), about(&second));
        let (Some((one, _)), Some((other, sure))) = both else { return Err(self) };
        let same = says(&first, other) >= heard.policy.floor || says(&second, one) >= heard.policy.floor;
        let either = says(heard, one).min(says(heard, other));
        if same || sure < least || either < mixed {
            return Err(self);
        }
        self.park(if sure >= OWN { Draft::begun(&second, other) } else { Draft::of(&second, "") });
        Ok(self.plain("two_things").begin(&first, one))
    }
}

/// The template that a half of a message is about, if it is long enough to be about anything.
fn about<'a>(heard: &'a Heard<'_>) -> Option<(&'a str, f32)> {
    heard.templates().next().filter(|_| has(heard.text, 2, 4))
}

/// What stands before and behind an announcement of two things: "two things: the printer is out of toner, and
/// I cannot get in".
fn announced<'a>(heard: &Heard<'a>) -> Option<(&'a str, &'a str)> {
    let said = lower(heard.text);
    let place = |it: &String| Some((said.find(it.as_str())?, it.len()));
    let (at, length) = heard.phrases.words(Answer::Two).filter_map(place).min()?;
    let list = trimmed(&heard.text[at + length..]).trim_start_matches(['1', '①', '一']);
    Some((trimmed(&heard.text[..at]), list.trim_start_matches(['.', ')', '、', '，', ' '])))
}

fn says(heard: &Heard<'_>, template: &str) -> f32 {
    heard.templates().find(|(id, _)| *id == template).map_or(0.0, |(_, it)| it)
}

fn named_in(assets: &[String], text: &str) -> Vec<String> {
    let upper = text.to_uppercase();
    assets.iter().filter(|it| upper.contains(it.as_str())).cloned().collect()
}
