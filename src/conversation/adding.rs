//! Adding to a ticket that stands without saying so: "forgot to say: it is the lower tray", "about the
//! laptop: it beeps now", "on the second floor".

use super::{
    heard::{self, Heard},
    lexicon::Answer,
    meaning::{Meaning, meaning},
    meant::speaks_of,
    reading::{begins, filled_out},
    slots::place,
    state::TicketIntent,
    turn::Turn,
};
use crate::domain::ticket::Ticket;

impl Turn {
    /// Takes a message that adds to a ticket talked about here: "forgot to say: it is the lower tray", "about
    /// the laptop: it beeps", "on the second floor". `Err` gives the turn back if it does not.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    pub(super) fn added(self, heard: &Heard<'_>) -> Result<Self, Self> {
        let add = TicketIntent::Comment;
        let open: Vec<&Ticket> = heard.tickets.iter().copied().filter(|it| add.fits(it.state)).collect();
        let known = |it: &&Ticket| self.conversation.tickets.contains(&it.id);
        let here: Vec<&Ticket> = open.iter().copied().filter(known).collect();
        if !heard.numbers.is_empty() || here.is_empty() {
            return Err(self);
        }
        let text = filled_out(heard.phrases, heard.text);
        let starts = |answer| begins(heard.phrases, answer, text).is_some();
        let spoken_of: Vec<&Ticket> = open.iter().copied().filter(|it| speaks_of(heard, it)).collect();
        let last = here.iter().max_by_key(|it| self.conversation.tickets.iter().position(|id| *id == it.id));
        match (spoken_of.as_slice(), here.as_slice(), last) {
            ([one], ..) | (_, [one], _) if starts(Answer::Addition) && !is_of_another(heard, one) => {
                Ok(self.act(heard, add, one, heard.text))
            }
            ([], many, _) if starts(Answer::Addition) => Ok(self.pick_one(heard, add, many)),
            (many, ..) if starts(Answer::Addition) || starts(Answer::Regarding) && !many.is_empty() => {
                Ok(self.pick_one(heard, add, many))
            }
            (.., Some(one)) if goes_on(heard, one) => Ok(self.pick_one(heard, add, &[one])),
            _ => Err(self),
        }
    }

    /// What shall not be added to a ticket may be a matter of its own.
    pub(super) fn not_added(self, heard: &Heard<'_>, intent: TicketIntent, text: &str) -> Self {
        let understanding = (heard.reader.0)(text);
        let alone = heard.of(text, &understanding);
        let own = matches!(meaning(&alone), Meaning::Template(_) | Meaning::Unsure(_));
        let turn = self.plain("left_alone");
        if own && intent == TicketIntent::Comment { turn.begin_with(&alone) } else { turn }
    }
}

/// Whether a message is a few words that only make sense behind what was said about a ticket.
fn goes_on(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    /// Longest such message in characters.
    const FEW: usize = 40;
    let text = filled_out(heard.phrases, heard.text);
    let article = begins(heard.phrases, Answer::Article, text).is_some_and(|it| it.starts_with(' '));
    let continues = begins(heard.phrases, Answer::Continuing, text).is_some() && !article;
    let same = begins(heard.phrases, Answer::Same, text).is_some();
    let points = place::find(text).is_some() || !heard.assets.is_empty();
    let speaks = !matches!(meaning(heard), Meaning::Ticket(_) | Meaning::Person | Meaning::Thanks);
    let other = if same { heard::DIGRESSION } else { heard.policy.sure };
    let of_another = heard.templates().next().is_some_and(|(id, it)| id != ticket.template && it >= other);
    text.chars().count() <= FEW && (continues || same || points) && speaks && !of_another
}

/// Whether a message is likely about another template than a ticket's.
fn is_of_another(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    heard.templates().next().is_some_and(|(id, it)| id != ticket.template && it >= heard.policy.sure)
}
