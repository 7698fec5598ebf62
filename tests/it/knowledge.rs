//! The desk's knowledge on the real program: articles and their revisions, what is found, and what came of it. On both
//! databases where they matter.

mod chat;
mod command;
mod search;
pub(crate) mod stage;

use ticket_dispatch::proto::v1::{self, ArticleState, ArticleUse, Language, event::Fact};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::app::Settings;
use stage::{Desk, article, for_desk, jam, person, settings_of_both, text, vpn, with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_revision_stays_readable_and_readers_keep_what_was_published() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let first = desk.put(jam()).await.unwrap();
        assert!(first.id.starts_with("art_") && first.number == "KB0000001", "{first:?}");
        assert_eq!((first.revision, first.state(), first.published_revision), (1, ArticleState::Draft, 0));
        assert_eq!(first.texts, jam().texts);
        assert!(desk.found("paper jam").await.is_empty(), "a draft is not found");

        let published = desk.publish("kb1").await.unwrap();
        assert_eq!((published.revision, published.published_revision), (2, 2));
        assert_eq!(desk.found("paper jam").await, ["KB0000001"]);

        let change = v1::Article { id: first.id.clone(), ..vpn() };
        let draft = desk.put_at(change.clone(), 2).await.unwrap();
        assert_eq!((draft.revision, draft.state(), draft.published_revision), (3, ArticleState::Draft, 2));
        assert_eq!(desk.found("paper jam").await, ["KB0000001"], "readers keep what was published");
        assert_eq!(desk.put(change).await.unwrap().revision, 3, "what says the same makes no revision");
        let stale = desk.put_at(v1::Article { id: first.id.clone(), ..jam() }, 2).await.unwrap_err();
        assert_eq!(stale.code(), Code::Aborted);

        desk.publish(&first.id).await.unwrap();
        assert_eq!(desk.found("vpn").await, ["KB0000001"]);
        assert!(desk.found("卡纸").await.is_empty(), "the old words are gone with the old revision");
        let retired = desk.retire(&first.id).await.unwrap();
        assert_eq!(
            (retired.revision, retired.state(), retired.published_revision),
            (5, ArticleState::Retired, 0)
        );
        assert!(desk.found("vpn").await.is_empty());

        let refused = desk.publish(&first.id).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains("it may become draft"), "{}", refused.message());
        for (revision, state) in
            [(1, ArticleState::Draft), (2, ArticleState::Published), (3, ArticleState::Draft)]
        {
            let old = desk.get("KB0000001", revision).await.unwrap();
            assert_eq!((old.revision, old.state()), (revision, state));
        }
        assert_eq!(desk.get("KB0000001", 1).await.unwrap().texts, jam().texts);
        assert_eq!(desk.get("KB0000001", 6).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(desk.get("KB0000002", 0).await.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_tag_is_kept_byte_for_byte_and_found_as_words() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let body = "Do not paste <script>alert('x')</script>\r\n\tinto \u{202e}forms & \"fields\"; '); drop table articles; --";
        let written =
            desk.put(article("<script>alert(1)</script>", "Never <b>paste</b> it.", body)).await.unwrap();
        desk.publish(&written.id).await.unwrap();
        let read = desk.get(&written.id, 0).await.unwrap();
        assert_eq!(read.texts[0].body, body);
        assert_eq!(read.texts[0].title, "<script>alert(1)</script>");
        assert_eq!(desk.found("script alert").await, ["KB0000001"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_with_an_article_is_told_at_once() {
    let desk = Desk::start(Settings::default());
    let bad = v1::Article {
        audience: 7,
        texts: vec![
            v1::ArticleText { language: 9, ..text(Language::En, "", "a\u{7}", "x") },
            text(Language::En, "Long", "Long", &"x".repeat(64 * 1024 + 1)),
        ],
        templates: vec!["no_such_template".into()],
        ..Default::default()
    };
    let request =
        v1::PutArticleRequest { request_id: String::new(), article: Some(bad), expected_revision: 4 };
    let refused = desk.knowledge().put_article(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let details = refused.get_error_details();
    let fields: Vec<_> =
        details.bad_request().unwrap().field_violations.iter().map(|it| it.field.clone()).collect();
    let expected = [
        "request_id",
        "expected_revision",
        "article.audience",
        "article.texts[0].language",
        "article.texts[0].title",
        "article.texts[0].summary",
        "article.texts[1].language",
        "article.texts[1].body",
    ];
    assert_eq!(fields, expected);

    let unknown =
        v1::Article { templates: vec!["no_such_template".into()], services: vec!["x".into()], ..jam() };
    let refused = desk.put(unknown).await.unwrap_err();
    assert!(
        refused.message().contains("article.templates[0]: no template `no_such_template`"),
        "{refused:?}"
    );
    assert!(refused.message().contains("article.services[0]"), "{refused:?}");
    // What no call carries is refused by the wire.
    let huge = desk.put(article("Huge", "Huge", &"x".repeat(300 * 1024))).await.unwrap_err();
    assert_eq!(huge.code(), Code::OutOfRange);
    assert!(desk.list(v1::ArticleFilter::default(), v1::ArticleOrder::Unspecified).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_has_one_effect() {
    let desk = Desk::start(Settings::default());
    let request =
        v1::PutArticleRequest { request_id: "put-1".into(), article: Some(jam()), expected_revision: 0 };
    let first = desk.knowledge().put_article(request.clone()).await.unwrap().into_inner();
    let again = desk.knowledge().put_article(request.clone()).await.unwrap().into_inner();
    assert_eq!(again, first);
    let other = v1::PutArticleRequest { article: Some(vpn()), ..request };
    assert_eq!(desk.knowledge().put_article(other).await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(desk.list(v1::ArticleFilter::default(), v1::ArticleOrder::Unspecified).await, ["KB0000001"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_count_once_and_what_does_not_help_surfaces() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let good = desk.published(jam()).await;
        let bad = desk.published(vpn()).await;
        let new = desk.published(article("Nobody has read this", "At all.", "x")).await;
        let draft = desk.put(article("Unfinished", "Not yet.", "x")).await.unwrap();
        for who in ["ada", "mei", "bo"] {
            desk.rate(&good, who, true).await.unwrap();
            desk.rate(&bad, who, false).await.unwrap();
        }
        // The last word counts.
        desk.rate(&bad, "ada", true).await.unwrap();
        let counts = desk.rate(&bad, "ada", true).await.unwrap();
        assert_eq!((counts.shown, counts.helped, counts.not_helped), (3, 1, 2));
        assert!(counts.helps_at_least > 0.0 && counts.helps_at_least < 1.0 / 3.0, "{counts:?}");

        let least = desk.list(v1::ArticleFilter::default(), v1::ArticleOrder::HelpsLeast).await;
        assert_eq!(least, [bad.clone(), good.clone(), new, draft.number.clone()]);
        let refused = desk.rate(&draft.id, "ada", true).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);

        // The counts are what the events say.
        let id = desk.get(&bad, 0).await.unwrap().id;
        let mut folded = [0_i64; 4];
        for event in desk.facts().await.iter().filter(|it| it.subject == id) {
            if let Some(Fact::ArticleUsed(it)) = &event.fact {
                folded[it.r#use as usize] += 1;
                folded[it.before as usize] -= i64::from(it.before() != ArticleUse::Unspecified);
            }
        }
        assert_eq!(folded, [0, 0, 1, 2]);
        let mut revisions =
            desk.facts().await.into_iter().filter(|it| it.subject == id).filter_map(|it| match it.fact {
                Some(Fact::ArticleChanged(it)) => it.article,
                _ => None,
            });
        let last = revisions.next_back().unwrap();
        assert_eq!(
            v1::Article { counts: None, ..desk.get(&bad, 0).await.unwrap() },
            last,
            "the last fact is the row"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn articles_are_listed_by_what_they_are() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let at = |seconds| Some(pbjson_types::Timestamp { seconds, nanos: 0 });
        let old = desk.published(v1::Article { review_time: at(1_000_000_000), ..jam() }).await;
        let late = desk.put(v1::Article { review_time: at(900_000_000), ..vpn() }).await.unwrap().number;
        let later = v1::Article { review_time: at(4_000_000_000), owner: "network".into(), ..vpn() };
        let later = desk.put(later).await.unwrap().number;
        let gone = desk.published(v1::Article { review_time: at(1), ..vpn() }).await;
        desk.retire(&gone).await.unwrap();

        let list = async |filter| desk.list(filter, v1::ArticleOrder::Unspecified).await.join(" ");
        let state = |it: ArticleState| v1::ArticleFilter { state: it.into(), ..Default::default() };
        assert_eq!(list(state(ArticleState::Published)).await, old);
        assert_eq!(list(state(ArticleState::Draft)).await, format!("{late} {later}"));
        assert_eq!(list(state(ArticleState::Retired)).await, gone);
        let chinese = v1::ArticleFilter { language: Language::Zh.into(), ..Default::default() };
        assert_eq!(list(chinese).await, old);
        let of = |template: &str| v1::ArticleFilter { template: template.into(), ..Default::default() };
        assert_eq!(list(of("printer_fault")).await, old);
        assert!(list(of("printer%")).await.is_empty() && list(of("printer")).await.is_empty());
        let owner = v1::ArticleFilter { owner: "network".into(), ..Default::default() };
        assert_eq!(list(owner).await, later);
        let overdue = v1::ArticleFilter { overdue: true, ..Default::default() };
        assert_eq!(desk.list(overdue, v1::ArticleOrder::Review).await, [late.clone(), old.clone()]);
        let all = desk.list(v1::ArticleFilter::default(), v1::ArticleOrder::Review).await;
        assert_eq!(all, [gone, late, old, later]);
        let page = v1::ListArticlesRequest::default();
        let page = desk.knowledge().list_articles(page).await.unwrap().into_inner();
        assert!(
            page.articles
                .iter()
                .flat_map(|it| &it.texts)
                .all(|it| it.body.is_empty() && !it.title.is_empty())
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn employees_see_what_is_published_for_everyone_and_only_managers_publish() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let token = |role: &str| desk.app.token("default", role);
    let (bot, agent, manager) = (token("bot"), token("agent"), token("manager"));
    let put = |article| v1::PutArticleRequest {
        request_id: desk.request(),
        article: Some(article),
        expected_revision: 0,
    };
    let publish = |article: &str| v1::PublishArticleRequest {
        request_id: desk.request(),
        article: article.to_owned(),
        expected_revision: 0,
    };
    for article in [jam(), for_desk(vpn())] {
        let written = desk.knowledge().put_article(with(&agent, put(article))).await.unwrap().into_inner();
        let id = written.article.unwrap().id;
        let refused = desk.knowledge().publish_article(with(&agent, publish(&id))).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        desk.knowledge().publish_article(with(&manager, publish(&id))).await.unwrap();
    }
    let refused = desk.knowledge().put_article(with(&bot, put(jam()))).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);

    let search = |token: &str, query: &str| {
        let request = v1::SearchArticlesRequest { query: query.into(), ..Default::default() };
        let (mut knowledge, request) = (desk.knowledge(), with(token, request));
        async move {
            let hits = knowledge.search_articles(request).await.unwrap().into_inner().hits;
            hits.into_iter().map(|it| it.number).collect::<Vec<_>>()
        }
    };
    assert_eq!(search(&agent, "vpn").await, ["KB0000002"]);
    assert!(!search(&bot, "vpn client restart").await.contains(&"KB0000002".to_owned()));
    assert_eq!(search(&bot, "paper jam").await, ["KB0000001"]);
    let get = |article: &str, revision| v1::GetArticleRequest { article: article.into(), revision };
    let seen = desk.knowledge().get_article(with(&bot, get("KB0000001", 0))).await.unwrap().into_inner();
    assert_eq!(seen.article.unwrap().revision, 2);
    for hidden in [get("KB0000002", 0), get("KB0000001", 1), get("KB0000009", 0)] {
        let refused = desk.knowledge().get_article(with(&bot, hidden)).await.unwrap_err();
        assert_eq!((refused.code(), refused.message()), (Code::NotFound, "no such article"));
    }
    let rate = |reader, article: &str| v1::RateArticleRequest {
        request_id: desk.request(),
        article: article.into(),
        reader,
        helped: true,
    };
    let wrong = [(&bot, None, "KB0000001"), (&agent, Some(person("ada")), "KB0000001")];
    for (token, reader, article) in wrong {
        let refused = desk.knowledge().rate_article(with(token, rate(reader, article))).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    let hidden = desk.knowledge().rate_article(with(&bot, rate(Some(person("ada")), "KB0000002"))).await;
    assert_eq!(hidden.unwrap_err().code(), Code::NotFound);
    desk.knowledge().rate_article(with(&bot, rate(Some(person("ada")), "KB0000001"))).await.unwrap();
    let rated =
        desk.knowledge().rate_article(with(&agent, rate(None, "KB0000001"))).await.unwrap().into_inner();
    assert_eq!(rated.counts.unwrap().helped, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resolved_ticket_becomes_a_draft_without_personal_data() {
    let desk = Desk::start(Settings::default());
    let request = v1::CreateTicketRequest {
        request_id: desk.request(),
        template: "vpn_fault".into(),
        requester: Some(v1::Person { display_name: "Ada Lovelace".into(), ..person("ada") }),
        subject: "No VPN for Ada Lovelace".into(),
        description: "It does not connect. Write to ada@example.com, password: hunter2xyz".into(),
        fields: vec![v1::FieldValue {
            field: "symptom".into(),
            value: Some(v1::field_value::Value::Choice("no_connection".into())),
        }],
        ..Default::default()
    };
    let ticket = desk.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    let draft = || v1::DraftFromTicketRequest { request_id: desk.request(), ticket: ticket.number.clone() };
    let refused = desk.knowledge().draft_from_ticket(draft()).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains("resolve it first"), "{}", refused.message());
    let resolve = v1::TransitionTicketRequest {
        request_id: desk.request(),
        ticket: ticket.number.clone(),
        to: v1::TicketState::Resolved.into(),
        resolution: "Restarted the client at the second try; told Ada Lovelace, 4111 1111 1111 1111".into(),
        ..Default::default()
    };
    desk.tickets().transition_ticket(resolve).await.unwrap();
    let drafted = desk.knowledge().draft_from_ticket(draft()).await.unwrap().into_inner().article.unwrap();
    assert_eq!(drafted.state(), ArticleState::Draft);
    assert_eq!(drafted.audience(), v1::ArticleAudience::Desk);
    assert_eq!(
        (drafted.ticket.as_str(), &drafted.templates[..]),
        (&*ticket.id, &["vpn_fault".to_owned()][..])
    );
    let words = format!("{:?}", drafted.texts);
    for gone in ["Lovelace", "ada@example.com", "hunter2", "4111"] {
        assert!(!words.contains(gone), "{words}");
    }
    assert!(drafted.texts[0].summary.contains("second try"), "{words}");
    let nothing = v1::DraftFromTicketRequest { request_id: desk.request(), ticket: "INC-999999".into() };
    assert_eq!(desk.knowledge().draft_from_ticket(nothing).await.unwrap_err().code(), Code::NotFound);
}
