//! Finding articles: both databases find the same, by words and by meaning, whatever is typed.

use ticket_dispatch::proto::v1::{self, Language};
use tonic::Code;

use super::stage::{Desk, article, jam, settings_of_both, vpn};

/// What is looked for in `all`: each finds the same on both databases.
const QUERIES: [&str; 22] = [
    "paper jam",
    "printers jammed papers",
    "the printer is eating my paper",
    "卡纸",
    "打印机的纸卡住了",
    "印表機卡紙",
    "纸",
    "error 809",
    "cannot reach the company network from home",
    "notebook will not wake up",
    "annual leave",
    "' or 1=1 --",
    "\"vpn\" AND NOT printer*",
    "vpn & !printer | ( jam",
    "words: NEAR(vpn client, 3)",
    "vpn:* <-> client",
    "%",
    "\\",
    "'); drop table articles; --",
    "<script>alert(1)</script>",
    "ＶＰＮ",
    "😀",
];

fn all() -> Vec<v1::Article> {
    let battery = article(
        "A laptop that does not wake up",
        "Hold the power button for twenty seconds, wait, and switch it on again.",
        "The battery keeps the board in a deep sleep. This drains what is left.",
    );
    let script = article("Forms", "Do not paste script tags into forms.", "<script>alert(1)</script>");
    let leave =
        article("Booking annual leave", "Open the portal and choose your days.", "Ask your manager first.");
    vec![jam(), vpn(), battery, script, leave]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_find_the_same_in_the_same_order() {
    let mut answers = vec![];
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for it in all() {
            desk.published(it).await;
        }
        let mut answer = vec![];
        for query in QUERIES {
            let request = v1::SearchArticlesRequest { query: query.to_owned(), ..Default::default() };
            let hits = desk.hits(request).await;
            answer
                .push(hits.into_iter().map(|it| (it.number, it.by_words, it.by_meaning)).collect::<Vec<_>>());
        }
        answers.push(answer);
    }
    for (at, query) in QUERIES.iter().enumerate() {
        eprintln!("{query}: {:?}", answers[0][at]);
        assert!(
            answers.iter().all(|it| it[at] == answers[0][at]),
            "{query}: {:?}",
            answers.iter().map(|it| &it[at]).collect::<Vec<_>>()
        );
    }
    let first = |query: &str| {
        let at = QUERIES.iter().position(|it| *it == query).unwrap();
        answers[0][at].first().map(|it| it.0.as_str())
    };
    assert_eq!(first("printers jammed papers"), Some("KB0000001"));
    assert_eq!(first("印表機卡紙"), Some("KB0000001"), "traditional characters find simplified ones");
    assert_eq!(first("纸"), Some("KB0000001"));
    assert_eq!(first("error 809"), Some("KB0000002"));
    assert_eq!(first("ＶＰＮ"), Some("KB0000002"));
    assert_eq!(first("notebook will not wake up"), Some("KB0000003"));
    assert_eq!(first("\"vpn\" AND NOT printer*"), Some("KB0000002"), "operators are words");
    assert_eq!(first("<script>alert(1)</script>"), Some("KB0000004"));
    assert_eq!(first("%"), None);
    assert_eq!(first("😀"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_none_of_the_words_is_found_by_what_it_means() {
    let desk = Desk::start(Default::default());
    desk.published(vpn()).await;
    let leave = article("Annual leave", "Open the portal and choose your days.", "Ask your manager first.");
    let leave = desk.published(leave).await;
    let request = v1::SearchArticlesRequest { query: "taking a vacation".into(), ..Default::default() };
    let hits = desk.hits(request).await;
    let best = hits.first().expect("nothing found");
    assert_eq!((best.number.as_str(), best.by_words, best.by_meaning), (&*leave, 0, 1));
    assert!(best.likeness > 0.35 && best.likeness <= 1.0, "{best:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_keeps_to_its_language_template_and_limit() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for it in all() {
            desk.published(it).await;
        }
        let search = |query: &str, language: Language, template: &str, limit| {
            let request = v1::SearchArticlesRequest {
                query: query.to_owned(),
                language: language.into(),
                template: template.to_owned(),
                limit,
            };
            desk.hits(request)
        };
        let hits = search("打印机 printer", Language::Zh, "", 0).await;
        assert!(!hits.is_empty() && hits.iter().all(|it| it.language() == Language::Zh), "{hits:?}");
        let hits = search("printer vpn", Language::Unspecified, "vpn_fault", 0).await;
        assert_eq!(hits.iter().map(|it| it.number.as_str()).collect::<Vec<_>>(), ["KB0000002"]);
        assert_eq!(search("printer vpn laptop", Language::Unspecified, "", 1).await.len(), 1);
        assert!(search("printer", Language::Unspecified, "no_such_template", 0).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_cannot_be_is_refused_with_all_its_faults() {
    let desk = Desk::start(Default::default());
    let request =
        v1::SearchArticlesRequest { query: "x".repeat(1001), language: 9, limit: 51, ..Default::default() };
    let refused = desk.knowledge().search_articles(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    for field in ["query", "language", "limit"] {
        assert!(refused.message().contains(&format!("{field}: ")), "{}", refused.message());
    }
    let empty = v1::SearchArticlesRequest::default();
    let refused = desk.knowledge().search_articles(empty).await.unwrap_err();
    assert!(refused.message().contains("query: is required"), "{}", refused.message());
}
