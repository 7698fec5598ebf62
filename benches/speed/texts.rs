//! What employees write here: the training corpora's messages about faults and wishes, each with
//! several endings, so that no text is sent twice in a row and caches are not flattered.

use std::sync::atomic::{AtomicU64, Ordering};

use ticket_dispatch::{
    model::corpora,
    proto::v1::{Person, SendMessageRequest, SuggestRequest},
};

use crate::Outcome;

/// Labels that open no ticket.
const NO_TEMPLATE: [&str; 8] =
    ["close", "comment", "greeting", "out_of_scope", "person", "reopen", "status", "thanks"];

/// What people add.
const ENDINGS: [&str; 6] = [
    "",
    " - since this morning, nothing was changed on my side",
    ". Could somebody have a look please?",
    ", and I have already restarted everything twice",
    ". I am in the office until five",
    " (same for the colleague next to me)",
];

/// Requests without end, each with an identity of its own.
#[derive(Debug)]
pub(crate) struct Source {
    run: String,
    texts: Vec<String>,
    next: AtomicU64,
    /// Tickets that answers told of.
    pub(crate) acknowledged: AtomicU64,
}

/// All candidates, those of one corpus far apart.
pub(crate) fn candidates() -> Outcome<Vec<String>> {
    let examples = corpora::examples()?;
    let about: Vec<_> = examples.iter().filter(|it| !NO_TEMPLATE.contains(&it.label.as_str())).collect();
    let all = ENDINGS.iter().flat_map(|ending| about.iter().map(move |it| format!("{}{ending}", it.text)));
    let mut all: Vec<String> = all.collect();
    // A fixed shuffle: the texts come in the same order in every run.
    let mut state = 1_u64;
    for place in (1..all.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all.swap(place, (state >> 33) as usize % (place + 1));
    }
    Ok(all)
}

impl Source {
    /// Requests with these texts, in turn.
    pub(crate) fn new(run: &str, texts: Vec<String>) -> Self {
        Self { run: run.to_owned(), texts, next: AtomicU64::new(0), acknowledged: AtomicU64::new(0) }
    }

    /// The text that goes with a number.
    pub(crate) fn text(&self, number: u64) -> &str {
        &self.texts[number as usize % self.texts.len()]
    }

    /// A number that no request had.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A message in a conversation of its own.
    pub(crate) fn message(&self, number: u64) -> SendMessageRequest {
        SendMessageRequest {
            message_id: format!("{}-{number}", self.run),
            conversation: format!("thread-{number}"),
            requester: Some(Person {
                issuer: "bench".to_owned(),
                // Whoever writes twice may be answered with the ticket that is open already.
                subject: format!("{}-{number}", self.run),
                display_name: String::new(),
            }),
            text: self.text(number).to_owned(),
            language: 0,
        }
    }

    /// A text to route.
    pub(crate) fn suggestion(&self, number: u64) -> SuggestRequest {
        SuggestRequest { id: format!("{number}"), text: self.text(number).to_owned(), explain: false }
    }

    /// Notes whether an answer told of a ticket.
    pub(crate) fn answered(&self, ticket: bool) -> bool {
        self.acknowledged.fetch_add(u64::from(ticket), Ordering::Relaxed);
        ticket
    }
}

/// The number in a message's identity.
pub(crate) fn number_of(message_id: &str) -> Option<u64> {
    message_id.rsplit_once('-')?.1.parse().ok()
}
