//! Requests of others that wait for the employee's consent: "approve REQ-000012", "what waits for me?", a yes or a no to
//! "do you approve?", and the reason of a no. What is meant is read here, without an effect: the desk carries a yes or
//! a no out on the request, which is somebody else's, and then the turn tells what came of it.

mod words;

pub use self::words::{Wording, since};

use super::{
    draft::is_sentence,
    emergency::emergency,
    heard::Heard,
    lexicon::{Answer, behind, trimmed},
    reading::{Reading, asks, begins, filled_out, is_asked, is_whole, starts_over},
    slots::ordinal,
    state::{Conversation, Phase, Said},
    turn::{Say, Turn, wanted_language},
};
use crate::{
    domain::{id::TicketId, ticket::Ticket},
    text::found::{Found, Kind, found},
};

/// How many requests are listed at once.
const LISTED: usize = 5;

/// What a message wants of what waits for the employee's consent.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// A yes, or a no with its reason.
    Decide {
        /// On which request.
        ticket: TicketId,
        /// Yes or no.
        approves: bool,
        /// In their words.
        comment: String,
        /// The round of its approval that they were shown, where that is known.
        round: Option<u32>,
    },
    /// Something is still to be asked.
    Ask {
        /// About these; with several, which one.
        tickets: Vec<TicketId>,
        /// What was said already.
        said: Option<Said>,
    },
    /// To be told more of one.
    Details(TicketId),
    /// To know what waits.
    List,
    /// To leave it for now.
    Leave,
    /// This number is none that they are asked about.
    NotTheirs(String),
}

/// What came of a yes or a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It counts.
    Counted {
        /// Yes or no.
        approves: bool,
    },
    /// It does not; the key of the phrase that says why.
    Refused(&'static str),
    /// It does not: the request is another one than they were shown.
    Changed,
}

/// What a message wants of what waits, if it is about that at all. A word counts for the round of the approval that was
/// shown; where it is not known which one that was, and the request has been changed, it is shown first.
pub fn wish(phase: &Phase, heard: &Heard<'_>) -> Option<Wish> {
    let (wish, said) = unchecked(phase, heard)?;
    let Wish::Decide { ticket, approves, comment, .. } = wish else { return Some(wish) };
    let now = round_of(heard, ticket).unwrap_or(1);
    match said.or(phase.shown_round(ticket)) {
        None if now > 1 => Some(Wish::Ask { tickets: vec![ticket], said: None }),
        round => Some(Wish::Decide { ticket, approves, comment, round }),
    }
}

/// The round in which the approval of a request is now.
fn round_of(heard: &Heard<'_>, ticket: TicketId) -> Option<u32> {
    let known = heard.awaiting.iter().chain(heard.known).find(|it| it.id == ticket)?;
    known.approval.as_ref().map(|it| it.round)
}

/// What a message wants, and the round that it speaks of.
fn unchecked(phase: &Phase, heard: &Heard<'_>) -> Option<(Wish, Option<u32>)> {
    if starts_over(heard.phrases, heard.text) || wanted_language(heard).is_some() {
        return None;
    }
    if heard.is(Answer::Approvals) {
        return Some((Wish::List, None));
    }
    let here = matches!(phase, Phase::Approving { .. });
    if heard.awaiting.is_empty() && heard.known.is_empty() && !here {
        return None;
    }
    let named = |it: &&&Ticket| heard.numbers.contains(&it.number);
    let meant = heard.awaiting.iter().find(named).or_else(|| heard.known.iter().find(named)).copied();
    let number = meant.map(|it| it.number.as_str()).or(heard.numbers.first().map(String::as_str));
    let (plain, round) = without(heard.text, number);
    let word = word(heard, &plain);
    if let Some(ticket) = meant {
        return of_one(phase, heard, ticket, word).map(|it| (it, round));
    }
    if let (Some(number), Some(_)) = (number, word.filter(|it| it.apart)) {
        return Some((Wish::NotTheirs(number.to_owned()), None));
    }
    let wish = match phase {
        Phase::Approving { tickets, said, .. } => answered(heard, tickets, *said, word),
        Phase::Idle => unasked(heard, word),
        Phase::Choosing { .. }
        | Phase::Filling { .. }
        | Phase::Confirming { .. }
        | Phase::Pointing { .. }
        | Phase::Picking { .. } => None,
    };
    wish.map(|it| (it, round))
}

/// Whether a message may be about consent, whatever waits.
pub fn may_be_meant(heard: &super::phrases::Phrases, text: &str) -> bool {
    let text = filled_out(heard, text);
    heard.is(Answer::Approvals, text)
        || [Answer::Approve, Answer::Reject].into_iter().any(|it| begins(heard, it, text).is_some())
}

/// A yes or a no at the beginning of a message, and what stands behind it: apart from it, as a clause of its own, or
/// glued to it.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    approves: bool,
    rest: &'a str,
    apart: bool,
}

fn word<'a>(heard: &Heard<'_>, text: &'a str) -> Option<Word<'a>> {
    if is_asked(text) {
        return None;
    }
    let text = filled_out(heard.phrases, text);
    let at = |answer| begins(heard.phrases, answer, text);
    let (approves, rest) =
        at(Answer::Reject).map(|it| (false, it)).or_else(|| at(Answer::Approve).map(|it| (true, it)))?;
    if approves && is_hedged(rest) {
        return None;
    }
    // "Approve it please" says no more than "approve".
    let it = begins(heard.phrases, Answer::Same, trimmed(rest)).filter(|it| trimmed(it).is_empty());
    let bare = trimmed(rest).is_empty() || it.is_some() || is_whole(heard.phrases, Answer::Softener, rest);
    if bare {
        return Some(Word { approves, rest: "", apart: true });
    }
    let apart = rest
        .trim_start()
        .starts_with([',', '.', ':', ';', '-', '–', '—', '!', '\n', '，', '。', '：', '；', '！', '、']);
    let because = heard.phrases.words(Answer::Because).find_map(|it| behind(trimmed(rest), it));
    let rest = trimmed(because.unwrap_or(rest)).trim_start_matches(['-', '–', '—', ' ']);
    Some(Word { approves, rest, apart: apart || because.is_some() })
}

/// Whether a yes is taken back or made to depend on something by what stands behind it. "Approve it if it costs less
/// than 100" is no yes.
fn is_hedged(rest: &str) -> bool {
    const WORDS: &[&str] = &[
        "not",
        "no",
        "never",
        "nothing",
        "dont",
        "cannot",
        "cant",
        "wont",
        "isnt",
        "if",
        "only",
        "unless",
        "but",
        "except",
        "until",
        "till",
        "later",
        "tomorrow",
        "after",
        "when",
        "once",
        "first",
        "maybe",
        "perhaps",
        "mistake",
        "reject",
        "rejected",
        "decline",
        "deny",
        "would",
        "everything",
        "instead",
        "or",
        "without",
    ];
    const CHARACTERS: &[&str] = &[
        "不", "没", "别", "如果", "要是", "除非", "但", "只", "等", "明天", "以后", "再", "先", "拒绝", "或",
    ];
    let plain = rest.to_lowercase().replace(['\'', '’'], "");
    let mut words = plain.split(|it: char| !it.is_alphanumeric());
    words.any(|it| WORDS.contains(&it)) || CHARACTERS.iter().any(|it| rest.contains(it))
}

/// A message with a blank for a ticket's number in it, and the round that stands behind that: "REQ-000123 #2".
fn without(text: &str, number: Option<&str>) -> (String, Option<u32>) {
    let is_it =
        |it: &Found| matches!(&it.kind, Kind::Ticket(named) if number == Some(named.to_string().as_str()));
    let around = found(text).into_iter().find(is_it);
    let around = around.and_then(|it| text.get(..it.start).zip(text.get(it.end..)));
    let Some((before, behind)) = around else { return (text.to_owned(), None) };
    let digits = behind.trim_start().strip_prefix('#').unwrap_or_default();
    let end = digits.find(|it: char| !it.is_ascii_digit()).unwrap_or(digits.len());
    match digits[..end].parse() {
        Ok(round) => (format!("{before} {}", &digits[end..]), Some(round)),
        Err(_) => (format!("{before} {behind}"), None),
    }
}

/// A request is named that they are asked about, or once were.
fn of_one(phase: &Phase, heard: &Heard<'_>, ticket: &Ticket, word: Option<Word<'_>>) -> Option<Wish> {
    let said = match phase {
        Phase::Approving { said, .. } => *said,
        Phase::Idle
        | Phase::Choosing { .. }
        | Phase::Filling { .. }
        | Phase::Confirming { .. }
        | Phase::Pointing { .. }
        | Phase::Picking { .. } => None,
    };
    let waits = heard.awaiting.iter().any(|it| it.id == ticket.id);
    let meant = heard.awaiting.iter().filter(|it| heard.numbers.contains(&it.number)).count();
    if waits && 1 < meant && word.is_some() {
        // One word for several: each is asked about by itself.
        return Some(Wish::Ask { tickets: vec![ticket.id], said: None });
    }
    match (word, said) {
        (Some(word), _) => Some(decided(ticket.id, word.approves, word.rest)),
        (None, Some(said)) => Some(decided(ticket.id, said == Said::Yes, "")),
        (None, None) => waits.then_some(Wish::Details(ticket.id)),
    }
}

/// A yes, or a no with its reason; a no without one is asked for it.
fn decided(ticket: TicketId, approves: bool, comment: &str) -> Wish {
    if approves || !comment.is_empty() {
        Wish::Decide { ticket, approves, comment: comment.to_owned(), round: None }
    } else {
        Wish::Ask { tickets: vec![ticket], said: Some(Said::No) }
    }
}

/// Nothing was asked here: a plain "approve" is about what waits, "decline invitations in Outlook" hardly.
fn unasked(heard: &Heard<'_>, word: Option<Word<'_>>) -> Option<Wish> {
    let word = word?;
    let all: Vec<TicketId> = heard.awaiting.iter().map(|it| it.id).take(LISTED).collect();
    match all.as_slice() {
        [] => None,
        // "Decline meeting invitations in Outlook" is about something else.
        _ if !word.apart && is_sentence(word.rest) => None,
        [one] if word.apart => Some(decided(*one, word.approves, word.rest)),
        [_] => Some(Wish::Ask { tickets: all, said: None }),
        _ if word.apart => Some(Wish::Ask { tickets: all, said: Some(Said::of(word.approves)) }),
        _ => None,
    }
}

/// The answer to "do you approve?", "which one?" or "why not?".
fn answered(
    heard: &Heard<'_>,
    tickets: &[TicketId],
    said: Option<Said>,
    word: Option<Word<'_>>,
) -> Option<Wish> {
    let wants = |answer| heard.is(answer);
    let reading = Reading::of(heard.phrases, heard.text);
    if wants(Answer::Later) || wants(Answer::Other) || reading.answer == Some(Answer::Cancel) {
        return Some(Wish::Leave);
    }
    let [one] = tickets else { return picked(heard, tickets, said, word) };
    if wants(Answer::Details) {
        return Some(Wish::Details(*one));
    }
    if emergency(heard).is_some() {
        return None;
    }
    if let Some(word) = word {
        return Some(decided(*one, word.approves, word.rest));
    }
    match said {
        Some(Said::No) if heard.is_any(&[Answer::Yes, Answer::No, Answer::Hesitation, Answer::Unknown]) => {
            Some(Wish::Ask { tickets: vec![*one], said: Some(Said::No) })
        }
        Some(Said::No) if asks(heard.phrases, heard.text) => Some(Wish::Details(*one)),
        Some(Said::No) => Some(decided(*one, false, heard.text.trim())),
        Some(Said::Yes) | None => match reading.answer {
            Some(Answer::Yes) if is_asked(heard.text) || is_hedged(&reading.rest.join(", ")) => {
                Some(Wish::Details(*one))
            }
            Some(Answer::Yes) => Some(decided(*one, true, &reading.rest.join(", "))),
            Some(Answer::No) => Some(decided(*one, false, &reading.rest.join(", "))),
            _ if asks(heard.phrases, heard.text) => Some(Wish::Details(*one)),
            _ => None,
        },
    }
}

fn picked(
    heard: &Heard<'_>,
    tickets: &[TicketId],
    said: Option<Said>,
    word: Option<Word<'_>>,
) -> Option<Wish> {
    let place = ordinal::place(heard.text).and_then(|it| tickets.get(it.checked_sub(1)?)).copied();
    let said = word.map(|it| Said::of(it.approves)).or(said);
    match (place, said) {
        (Some(one), Some(Said::Yes)) => Some(decided(one, true, "")),
        (Some(one), said) => Some(Wish::Ask { tickets: vec![one], said }),
        (None, said) if word.is_some() || heard.is_any(&[Answer::Yes, Answer::No, Answer::All]) => {
            Some(Wish::Ask { tickets: tickets.to_vec(), said })
        }
        (None, _) => None,
    }
}

impl Conversation {
    /// The turn that tells what came of a yes or a no on somebody's request.
    pub fn decided(mut self, heard: &Heard<'_>, ticket: TicketId, decided: Decided) -> Turn {
        self.turns += 1;
        self.language = heard.language.unwrap_or(self.language);
        self.misses = 0;
        let phase = std::mem::replace(&mut self.phase, Phase::Idle);
        self.offer = None;
        let key = match decided {
            Decided::Counted { approves: true } => "approval_yes",
            Decided::Counted { approves: false } => "approval_no",
            Decided::Refused(key) => key,
            Decided::Changed => "approval_other_now",
        };
        let turn = Turn { conversation: self, effects: vec![], say: vec![] }.put_aside(phase);
        if decided == Decided::Changed {
            return turn.plain(key).ask_approval(heard, vec![ticket], None);
        }
        turn.ticket(key, ticket).resume(heard)
    }
}

impl Turn {
    /// Takes a message about what waits for the employee's consent.
    pub(super) fn approving(self, heard: &Heard<'_>, phase: Phase, wish: Wish) -> Self {
        let turn = self.put_aside(phase);
        match wish {
            // What the desk could not carry out is asked again.
            Wish::Decide { ticket, .. } | Wish::Details(ticket) => {
                turn.ask_approval(heard, vec![ticket], None)
            }
            Wish::Ask { tickets, said } => turn.ask_approval(heard, tickets, said),
            Wish::List => {
                let all: Vec<TicketId> = heard.awaiting.iter().map(|it| it.id).take(LISTED).collect();
                if all.is_empty() {
                    turn.plain("approvals_none").resume(heard)
                } else {
                    turn.ask_approval(heard, all, None)
                }
            }
            Wish::Leave => turn.plain("approval_left").resume(heard),
            Wish::NotTheirs(number) => {
                let mut turn = turn;
                turn.say.push(Say::Number { key: "approval_unknown", number });
                turn.resume(heard)
            }
        }
    }

    pub(super) fn ask_approval(
        mut self,
        heard: &Heard<'_>,
        tickets: Vec<TicketId>,
        said: Option<Said>,
    ) -> Self {
        self = match (tickets.as_slice(), &said) {
            ([one], Some(Said::No)) => self.ticket("approval_why", *one),
            ([one], Some(Said::Yes) | None) => self.ticket("approval_question", *one),
            (many, _) => {
                many.iter().fold(self.plain("approvals_which"), |turn, it| turn.ticket("approval_line", *it))
            }
        };
        let rounds = tickets.iter().map(|it| round_of(heard, *it).unwrap_or_default()).collect();
        self.conversation.phase = Phase::Approving { tickets, rounds, said };
        self
    }

    /// Whatever was under way waits.
    fn put_aside(mut self, phase: Phase) -> Self {
        match phase {
            Phase::Choosing { draft, .. }
            | Phase::Filling { draft, .. }
            | Phase::Confirming { draft }
            | Phase::Pointing { draft } => {
                self.park(draft);
            }
            Phase::Idle | Phase::Picking { .. } | Phase::Approving { .. } => {}
        }
        self
    }
}
