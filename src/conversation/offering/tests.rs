//! Offers of articles: what is shown, what counts, and what is never offered.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{
    catalog,
    conversation::{
        heard::{Policy, Reader},
        phrases::Phrases,
        pointing::Stock,
        state::Conversation,
        waves::Waves,
    },
    domain::{
        assignment::Understanding,
        catalog::Catalog,
        id::{ConversationId, Slot, TicketId},
        people::Person,
        time::Timestamp,
    },
};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| catalog::parse(&catalog::starter(), 1, None).unwrap());
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::built_in().unwrap());

static ARTICLE: LazyLock<ArticleId> = LazyLock::new(|| ArticleId::from_bytes([7; 16]));

fn understood(text: &str) -> Understanding {
    let label = if text.contains("phishing") {
        "phishing_report"
    } else if text.contains("human") {
        "person"
    } else if text.contains("vpn") {
        "vpn_fault"
    } else {
        "printer_fault"
    };
    Understanding { labels: vec![(label.to_owned(), 0.9)], ..Understanding::default() }
}

fn start() -> Conversation {
    let id = ConversationId::new([0; 16], Slot(0));
    Conversation::new(id, String::new(), Person::default(), Language::En)
}

/// One message to a conversation that has an article for whatever is asked.
fn say(talk: Conversation, text: &str, policy: Policy<'_>) -> Turn {
    let understanding = understood(text);
    let (title, summary) = ("A paper jam".to_owned(), "Open the door.".to_owned());
    let suggest =
        |_: Sought<'_>| Some(Suggested { id: *ARTICLE, title: title.clone(), summary: summary.clone() });
    talk.take_turn(&Heard {
        text,
        language: None,
        understanding: &understanding,
        numbers: &[],
        assets: &[],
        stock: Stock::default(),
        tickets: &[],
        awaiting: &[],
        known: &[],
        at: Timestamp(0),
        new_id: TicketId::new([0; 16], Slot(0)),
        catalog: &CATALOG,
        policy,
        phrases: &PHRASES,
        details: None,
        reader: Reader(&understood),
        shelf: Shelf(&suggest),
        waves: Waves { known: &[], joined: &[], fits: &|_, _| false },
    })
}

fn uses(turn: &Turn) -> Vec<Use> {
    let used = |it: &Effect| if let Effect::UseArticle { now, .. } = it { Some(*now) } else { None };
    turn.effects.iter().filter_map(used).collect()
}

fn opens(turn: &Turn) -> bool {
    turn.effects.iter().any(|it| matches!(it, Effect::Open { .. }))
}

#[test]
fn a_plain_yes_is_the_end_and_a_no_goes_on() {
    let offered = say(start(), "the printer in room 4.11 jams", Policy::default());
    assert_eq!(uses(&offered), [Use::Shown]);
    let solved = say(offered.conversation.clone(), "Yes, thanks!", Policy::default());
    assert_eq!((uses(&solved), &solved.conversation.phase), (vec![Use::Helped], &Phase::Idle));
    let unsolved = say(offered.conversation, "no", Policy::default());
    assert_eq!(uses(&unsolved), [Use::NotHelped]);
    assert!(matches!(unsolved.conversation.phase, Phase::Confirming { .. } | Phase::Filling { .. }));
    assert_eq!(unsolved.conversation.offer, None);
}

#[test]
fn nothing_is_offered_for_security_nor_where_the_machine_acts() {
    let security = say(start(), "a phishing mail", Policy::default());
    assert!(uses(&security).is_empty());
    let acting = Policy { auto: crate::conversation::heard::Auto::From(0.5), ..Policy::default() };
    let opened = say(start(), "the printer in room 4.11 jams", acting);
    assert!(opens(&opened) && uses(&opened).is_empty(), "{:?}", opened.say);
}

#[test]
fn a_consent_in_between_takes_the_offer_back() {
    let offered = say(start(), "the printer in room 4.11 jams", Policy::default()).conversation;
    let yes = say(Conversation { offer: None, ..offered }, "yes", Policy::default());
    assert!(uses(&yes).is_empty(), "a yes behind anything else is no word about the article");
}

proptest! {
    /// Whatever is said: an article is shown once, only what was just shown is spoken of, and what it has saved opens no
    /// ticket.
    #[test]
    fn an_article_is_shown_once_and_spoken_of_right_behind(
        said in prop::collection::vec(prop::sample::select(vec![
            "the printer in room 4.11 jams", "vpn is down", "yes", "no", "ok", "hm", "solved", "room 2.05",
            "get me a human", "cancel", "also the printer jams again", "a phishing mail", "no, it still jams",
            "please open a ticket", "it keeps dropping", "in chinese please", "start over",
        ]), 1..12)
    ) {
        let (mut talk, mut shown, mut pending) = (start(), 0, false);
        for text in said {
            let turn = say(talk, text, Policy::default());
            for now in uses(&turn) {
                match now {
                    Use::Shown => shown += 1,
                    Use::Helped => prop_assert!(pending && !opens(&turn), "{text}"),
                    Use::NotHelped => prop_assert!(pending, "{text}"),
                }
            }
            prop_assert!(shown <= 1);
            pending = turn.conversation.offer.is_some();
            let waits = matches!(turn.conversation.phase, Phase::Filling { .. } | Phase::Confirming { .. });
            prop_assert!(!pending || waits, "{}", text);
            talk = turn.conversation;
        }
    }
}
