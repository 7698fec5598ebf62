//! A message beside the ticket in the making: about a ticket that stands, about another problem, or about
//! nothing that the desk does. It is dealt with, and then back to what waits.

use super::{
    adding::follows,
    draft::is_sentence,
    heard::{DIGRESSION, Heard},
    lexicon::Answer,
    meaning::{Meaning, meaning},
    reading::{Reading, adds, begins, filled_out},
    state::{Draft, TicketIntent},
    turn::Turn,
};

/// From this confidence on a whole sentence says that what was not opened yet is over.
const OVER: f32 = 0.6;

impl Turn {
    /// "It does not print" answers what was asked about the printer before the badge came in between.
    #[expect(clippy::result_large_err, reason = "the draft moves, it is not copied")]
    fn take_up(mut self, heard: &Heard<'_>, draft: Draft) -> Result<Self, (Self, Draft)> {
        let about = |it: &Draft| {
            let meant = heard.templates().next().filter(|(_, it)| *it >= DIGRESSION);
            it.template != draft.template && meant.is_some_and(|(id, _)| id == it.template)
        };
        let also = adds(heard.phrases, heard.text);
        let Some(at) = self.conversation.parked.iter().rposition(about).filter(|_| !also) else {
            return Err((self, draft));
        };
        let meant = self.conversation.parked.remove(at);
        self.park(draft);
        let template = heard.catalog.template(&meant.template);
        match template.and_then(|it| it.missing(&meant.fields, &meant.skipped)) {
            Some(field) => Ok(self.filled(heard, meant, field.id.clone(), 1)),
            None => Ok(self.confirmed(heard, meant)),
        }
    }

    /// A message that is not about the ticket in the making: dealt with, and then back to it. `Err`
    /// gives turn and draft back when there is no such thing in the message.
    #[expect(clippy::result_large_err, reason = "the draft moves, it is not copied")]
    pub(super) fn digress(self, heard: &Heard<'_>, draft: Draft) -> Result<Self, (Self, Draft)> {
        let (mut this, draft) = match self.take_up(heard, draft) {
            Ok(turn) => return Ok(turn),
            Err(back) => back,
        };
        let (_, confidence) = heard.best();
        let named = !heard.numbers.is_empty();
        let also = adds(heard.phrases, heard.text) && is_sentence(heard.text);
        if heard.is(Answer::Help) {
            return Ok(this.say_between(heard, draft, "help"));
        }
        if heard.is(Answer::Identity) {
            return Ok(this.say_between(heard, draft, "identity"));
        }
        let reading = Reading::of(heard.phrases, heard.text);
        if heard.is(Answer::Hesitation) || (reading.answer.is_some() && reading.is_bare()) {
            return Err((this, draft));
        }
        let meaning = meaning(heard);
        let works = matches!(meaning, Meaning::Template(_) | Meaning::Unsure(_));
        // Nothing stands yet that could be lost by it, and asking on would be worse.
        let over = meaning == Meaning::Ticket(TicketIntent::Close) && is_sentence(heard.text);
        let least = if over { OVER } else { DIGRESSION };
        if !(confidence >= least || named || (also && works)) {
            return Err((this, draft));
        }
        // What tells more about the ticket just opened is no new one.
        let fresh = this.last_ticket(heard).filter(|it| it.template != draft.template && follows(heard, it));
        if let (Meaning::Template(id), Some(ticket)) = (&meaning, fresh)
            && ticket.template == *id
        {
            this.park(draft);
            return Ok(this.go_on(heard, ticket));
        }
        match meaning {
            // "It works again": the ticket in the making is what is no longer needed.
            Meaning::Ticket(TicketIntent::Close) if !named => Ok(this.drop_it(heard)),
            Meaning::Ticket(TicketIntent::Comment) if !named => Err((this, draft)),
            Meaning::Person => Ok(this.hand_over(heard, draft)),
            Meaning::Ticket(intent) => {
                this.park(draft);
                Ok(this.about_tickets(heard, intent).resume(heard))
            }
            Meaning::Greeting => {
                this.park(draft);
                Ok(this.resume(heard))
            }
            Meaning::Thanks => Ok(this.say_between(heard, draft, "welcome")),
            Meaning::OutOfScope => Ok(this.say_between(heard, draft, "out_of_scope")),
            Meaning::Template(id) if is_second_problem(heard, id, &draft) => {
                Ok(this.second(heard, id, draft))
            }
            Meaning::Unsure(list) if also && list.first() != Some(&draft.template) => {
                this.park(draft);
                Ok(this.plain("parked").choose("choose_template", Draft::of(heard, ""), list))
            }
            Meaning::Template(_) | Meaning::Unsure(_) | Meaning::Nothing => Err((this, draft)),
        }
    }

    /// Says something, and goes back to the ticket in the making.
    fn say_between(mut self, heard: &Heard<'_>, draft: Draft, key: &'static str) -> Self {
        self.park(draft);
        self.plain(key).resume(heard)
    }

    /// Begins another ticket; the one in the making waits, unless this corrects it.
    pub(super) fn second(mut self, heard: &Heard<'_>, id: &str, draft: Draft) -> Self {
        if draft.is_corrected_by(heard) {
            // What was said before is about the same matter, only of another kind.
            let whole = format!("{}\n{}", draft.description, heard.text);
            return self.begin(&heard.of(&whole, heard.understanding), id);
        }
        self.park(draft);
        self.plain("parked").begin(heard, id)
    }
}

/// "On my laptop, to install it" goes on with what was said, whatever else it sounds like.
fn is_second_problem(heard: &Heard<'_>, id: &str, draft: &Draft) -> bool {
    let adds = adds(heard.phrases, heard.text);
    let goes_on = begins(heard.phrases, Answer::Continuing, filled_out(heard.phrases, heard.text)).is_some();
    (adds || !goes_on)
        && id != draft.template
        && is_sentence(heard.text)
        && (adds || heard.says_apart_from_its_place(id))
}
