//! What something costs is agreed to before it is ordered, as it is shown.

use ticket_dispatch::proto::v1::{
    self, catalog_service_client::CatalogServiceClient,
    conversation_service_client::ConversationServiceClient,
};

use super::{Desk, person};
use crate::app::Settings;

/// Parking spaces cost something.
const PARKING: (&str, &str) = (
    "    label: { en: \"Parking, charging or bike\", zh: 停车、充电或自行车 }\n",
    "    label: { en: \"Parking, charging or bike\", zh: 停车、充电或自行车 }\n    price: 40 EUR\n",
);

impl Desk {
    async fn say(&self, who: &str, text: &str) -> v1::SendMessageResponse {
        let request = v1::SendMessageRequest {
            message_id: self.request(),
            conversation: who.into(),
            requester: person(who),
            text: text.into(),
            language: 0,
        };
        let mut chat = ConversationServiceClient::new(self.app.channel());
        chat.send_message(request).await.unwrap().into_inner()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_that_changes_before_the_yes_is_shown_again() {
    let desk = Desk::start(Settings::default(), &[PARKING]);
    let summary = desk.say("ada", "I need a parking space").await;
    assert!(summary.text.contains("40 EUR") && summary.ticket.is_none(), "{summary:?}");
    let mut catalog = CatalogServiceClient::new(desk.app.channel());
    let now = catalog.get_catalog(v1::GetCatalogRequest::default()).await.unwrap().into_inner();
    let dearer = |it: v1::CatalogFile| v1::CatalogFile {
        content: it.content.replace("price: 40 EUR", "price: 45 EUR"),
        ..it
    };
    let files = now.files.into_iter().map(dearer).collect();
    let apply = v1::ApplyCatalogRequest { request_id: desk.request(), files };
    catalog.apply_catalog(apply).await.unwrap();
    let again = desk.say("ada", "yes").await;
    assert!(again.text.contains("45 EUR") && again.ticket.is_none(), "{again:?}");
    let opened = desk.say("ada", "yes").await;
    assert!(opened.ticket.is_some(), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_a_person_has_ordered_nothing() {
    let desk = Desk::start(Settings::default(), &[PARKING]);
    let summary = desk.say("ada", "I need a parking space").await;
    assert!(summary.text.contains("40 EUR"), "{summary:?}");
    let opened = desk.say("ada", "I want to talk to a person").await;
    let request = v1::GetTicketRequest { ticket: opened.ticket.unwrap().id };
    let ticket = desk.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(ticket.template, "other");
    assert!(ticket.description.contains("parking space"), "{ticket:?}");
}

/// Desks in two kinds of wood, one of them dear.
const DESKS: &str = "
templates:
  - id: buy_desk
    kind: request
    label: { en: Standing desk, zh: 升降桌 }
    service: supplies
    group: procurement
    impact: person
    urgency: low
    sla: standard
    price: 100 EUR
    quantity: count
    fields:
      - id: count
        type: number
        label: { en: How many, zh: 数量 }
        ask: { en: 'How many desks?', zh: '几张？' }
        required: true
        min: 1
        max: 20
      - id: wood
        type: choice
        label: { en: Wood, zh: 木材 }
        ask: { en: 'Which wood?', zh: '哪种木材？' }
        options:
          - { id: pine, label: { en: Pine, zh: 松木 } }
          - { id: oak, label: { en: Oak, zh: 橡木 }, price: 900 EUR }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_to_one_price_is_none_to_another() {
    let desk = Desk::start(Settings::default(), &[]);
    let mut catalog = CatalogServiceClient::new(desk.app.channel());
    let now = catalog.get_catalog(v1::GetCatalogRequest::default()).await.unwrap().into_inner();
    let more = v1::CatalogFile { name: "0-desks.yaml".into(), content: DESKS.into() };
    let files: Vec<_> = now.files.into_iter().chain([more]).collect();
    for (messages, opened, price) in [
        // Doubt until somebody takes over is no yes: neither to what was shown, nor to what has become dearer.
        (&["I need standing desks", "2", "hm", "hmm", "hmmm"][..], "other", "Price: 200 EUR"),
        (
            &["I need a standing desk", "1", "yes, and in oak please", "hm", "hmm", "hmmm"],
            "other",
            "Price: 1000 EUR",
        ),
        (&["I need a standing desk", "3", "yes"], "buy_desk", "Price: 300 EUR"),
        (&["I need a standing desk", "1", "yes, and in oak please", "yes"], "buy_desk", "Price: 1000 EUR"),
    ] {
        let request = v1::TryTemplateRequest {
            template: "buy_desk".into(),
            files: files.clone(),
            messages: messages.iter().map(|it| (*it).to_owned()).collect(),
            ..Default::default()
        };
        let tried = catalog.try_template(request).await.unwrap().into_inner();
        assert!(tried.turns.iter().any(|it| it.reply.contains(price)), "{messages:?}: {tried:?}");
        let would = tried.ticket.as_ref().map(|it| it.template.as_str());
        assert_eq!(would, Some(opened), "{messages:?}: {tried:?}");
    }
}
