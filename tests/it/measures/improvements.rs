//! The register of improvements: its baseline and how far it is are what the measure says.

use ticket_dispatch::proto::v1::{
    self, ImprovementStanding, ImprovementState, MeasureFigure, MeasureKind, TicketState,
};
use tonic::{Code, Status};

use super::stage::{Desk, both};
use crate::{
    app::{Settings, said},
    parts::installed::Part,
};

/// Somebody's ticket is answered after so many minutes of a day.
async fn answered(desk: &Desk, who: &str, day: &str, minutes: u32) {
    desk.at(&format!("{day}T08:00:00Z"));
    let ticket = desk.open(who).await.unwrap().number;
    desk.at(&format!("{day}T08:{minutes:02}:00Z"));
    desk.go(&ticket, TicketState::InProgress).await.unwrap();
}

fn plan() -> v1::ImprovementPlan {
    v1::ImprovementPlan {
        title: "Answer sooner".into(),
        why: "People wait".into(),
        measure: MeasureKind::Respond.into(),
        figure: MeasureFigure::P50.into(),
        filter: Some(v1::MeasureFilter { group: "network".into(), ..Default::default() }),
        baseline_from: "2027-01-01".into(),
        baseline_to: "2027-01-31".into(),
        target: 600.0,
        target_date: "2027-03-31".into(),
        owner: "servicedesk-1".into(),
        review_date: "2027-03-01".into(),
        ..Default::default()
    }
}

async fn put(desk: &Desk, improvement: &str, plan: v1::ImprovementPlan) -> Result<v1::Improvement, Status> {
    let request = v1::PutImprovementRequest {
        request_id: desk.request(),
        improvement: improvement.to_owned(),
        plan: Some(plan),
        expected_version: 0,
    };
    desk.settle();
    Ok(desk.reports().put_improvement(request).await?.into_inner().improvement.unwrap())
}

async fn go(desk: &Desk, to: ImprovementState) -> Result<v1::Improvement, Status> {
    let request = v1::MoveImprovementRequest {
        request_id: desk.request(),
        improvement: "imp-1".into(),
        to: to.into(),
        note: "so be it".into(),
        expected_version: 0,
    };
    desk.settle();
    Ok(desk.reports().move_improvement(request).await?.into_inner().improvement.unwrap())
}

async fn get(desk: &Desk) -> v1::GetImprovementResponse {
    desk.settle();
    let request = v1::GetImprovementRequest { improvement: "IMP-000001".into() };
    desk.reports().get_improvement(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_improvement_reads_its_own_measure() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in both(&Settings::default().clock()) {
        let desk = Desk::start(settings);
        answered(&desk, "ann", "2027-01-11", 40).await;
        desk.at("2027-02-01T08:00:00Z");
        let nothing = v1::ImprovementPlan { measure: MeasureKind::Satisfaction.into(), ..plan() };
        let refused = put(&desk, "", nothing).await.unwrap_err();
        assert!(
            refused.code() == Code::InvalidArgument && refused.message().contains("nothing was measured"),
            "{refused:?}"
        );
        let it = put(&desk, "", plan()).await.unwrap();
        assert_eq!(
            (it.number.as_str(), it.version, it.state()),
            ("IMP-000001", 1, ImprovementState::Proposed)
        );
        let baseline = it.plan.clone().unwrap().baseline.unwrap();
        assert!((baseline / 60.0 - 40.0).abs() < 0.5, "{baseline}");

        // 40 minutes at the beginning, 10 in two months: half of that way is 25 minutes.
        go(&desk, ImprovementState::UnderWay).await.unwrap();
        answered(&desk, "bob", "2027-02-25", 35).await;
        desk.at("2027-03-01T12:00:00Z");
        let reading = get(&desk).await;
        assert_eq!(reading.standing(), ImprovementStanding::Behind);
        let months: Vec<_> = reading
            .months
            .iter()
            .map(|it| (it.first_day.as_str(), it.value.map(|it| (it / 60.0).round())))
            .collect();
        assert_eq!(months, [("2027-01-01", Some(40.0)), ("2027-02-01", Some(35.0)), ("2027-03-01", None)]);
        let early = go(&desk, ImprovementState::Reached).await.unwrap_err();
        assert!(
            early.code() == Code::FailedPrecondition && early.message().contains("the measure says 2"),
            "{early:?}"
        );

        // It is to be looked at again, and stands first.
        let later =
            v1::ImprovementPlan { review_date: "2027-05-01".into(), title: "Another".into(), ..plan() };
        put(&desk, "", later).await.unwrap();
        let list = desk
            .reports()
            .list_improvements(v1::ListImprovementsRequest::default())
            .await
            .unwrap()
            .into_inner();
        let numbers: Vec<_> = list.improvements.iter().map(|it| it.number.as_str()).collect();
        assert_eq!((list.due, numbers), (1, vec!["IMP-000001", "IMP-000002"]));

        answered(&desk, "cat", "2027-04-05", 5).await;
        let reading = get(&desk).await;
        assert_eq!(reading.standing(), ImprovementStanding::Reached, "{reading:?}");
        let missed = go(&desk, ImprovementState::Missed).await.unwrap_err();
        assert_eq!(missed.code(), Code::FailedPrecondition);
        let reached = go(&desk, ImprovementState::Reached).await.unwrap();
        assert_eq!(
            (reached.state(), reached.version, reached.history.len()),
            (ImprovementState::Reached, 3, 3)
        );
        assert_eq!(put(&desk, "IMP-000001", plan()).await.unwrap_err().code(), Code::FailedPrecondition);
        let shown = said(&desk.command(&["improvements", "show", "IMP-000001"]));
        assert!(
            shown.contains("target    10m by 2027-03-31") && shown.contains("baseline  40m, 2027-01-01"),
            "{shown}"
        );
        let listed = said(&desk.command(&["improvements", "list", "--state", "reached"]));
        assert!(listed.lines().nth(1).unwrap().starts_with("IMP-000001  reached"), "{listed}");
    }
}
