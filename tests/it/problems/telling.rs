//! The article of a known error says what the problem says, no more and no longer.

use ticket_dispatch::proto::v1::{self, ArticleState, LinkRelation, ResolutionCode, TicketState};

use super::stage::{Desk, certificate, reason};
use crate::parts::postgres::settings_of_both;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_follows_what_is_known() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let problem = desk.open_alone("The VPN gateway").await;
        let early = desk.publish(&problem.id).await.unwrap_err();
        assert_eq!(reason(&early), "NOT_KNOWN");
        let private = v1::Diagnosis {
            symptom: "The VPN says error 809, seen by ada@example.com".into(),
            root_cause: "Nobody renewed the certificate".into(),
            ..certificate()
        };
        desk.diagnose(&problem.id, private).await.unwrap();
        let told = desk.publish(&problem.id).await.unwrap();
        let article = told.diagnosis.unwrap().article;
        let first = desk.article(&article).await;
        let text = &first.texts[0];
        let all = format!("{} {} {}", text.title, text.summary, text.body);
        assert!(!all.contains("example.com") && !all.contains("renewed"), "{all}");
        assert!(first.templates.is_empty(), "nobody has met it yet");

        // Who meets it later makes it offered to others who do.
        let incident = desk.incident("ada", "vpn is down", "").await;
        desk.link(&incident.id, LinkRelation::CausedBy, &problem.id).await.unwrap();
        desk.until_article(&article, |it| it.templates == ["vpn_fault"]).await;

        // A translation stays when the rest is told anew.
        let mut translated = desk.article(&article).await;
        translated.texts.push(v1::ArticleText {
            language: v1::Language::Zh.into(),
            title: "VPN 错误 809".into(),
            summary: "请改用第二个网关。".into(),
            body: "请改用第二个网关。".into(),
        });
        let request = v1::PutArticleRequest {
            request_id: desk.request(),
            article: Some(translated),
            expected_revision: 0,
        };
        desk.knowledge().put_article(request).await.unwrap();
        let better = v1::Diagnosis { workaround: "Update the client.".into(), ..certificate() };
        desk.diagnose(&problem.id, better).await.unwrap();
        let anew = desk.until_article(&article, |it| it.texts[0].summary == "Update the client.").await;
        assert_eq!(anew.texts.len(), 2, "{anew:?}");

        // No known error any more, and one again.
        desk.diagnose(&problem.id, v1::Diagnosis { is_known_error: false, ..certificate() }).await.unwrap();
        desk.until_article(&article, |it| it.state() == ArticleState::Retired).await;
        desk.diagnose(&problem.id, certificate()).await.unwrap();
        desk.until_article(&article, |it| it.state() == ArticleState::Published).await;
        desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        desk.until_article(&article, |it| it.state() == ArticleState::Retired).await;
        assert_eq!(reason(&desk.publish(&problem.id).await.unwrap_err()), "OVER");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_takes_nothing_back_that_is_said_at_the_same_moment() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for round in 0..10 {
            let problem = desk.open_alone("The VPN gateway").await;
            desk.diagnose(&problem.id, certificate()).await.unwrap();
            let workaround = format!("Way {round}.");
            let said = v1::Diagnosis { workaround: workaround.clone(), ..certificate() };
            let (published, diagnosed) =
                tokio::join!(desk.publish(&problem.id), desk.diagnose(&problem.id, said));
            let article = published.unwrap().diagnosis.unwrap().article;
            diagnosed.unwrap();
            let now = desk.ticket(&problem.id).await.diagnosis.unwrap();
            assert_eq!((now.workaround, now.article == article), (workaround.clone(), true));
            desk.until_article(&article, |it| it.texts[0].summary == workaround).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_of_a_problem_that_is_resolved_while_it_is_published() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for _ in 0..10 {
            let problem = desk.open_alone("The VPN gateway").await;
            desk.diagnose(&problem.id, certificate()).await.unwrap();
            let (published, resolved) = tokio::join!(
                desk.publish(&problem.id),
                desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed)
            );
            resolved.unwrap();
            if let Ok(ticket) = published {
                let article = ticket.diagnosis.unwrap().article;
                desk.until_article(&article, |it| it.state() == ArticleState::Retired).await;
            }
        }
    }
}
