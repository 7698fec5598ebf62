//! The register of improvements: its baseline and how far it is are what the measure says.

use ticket_dispatch::proto::v1::{
    self, ImprovementStanding, ImprovementState, MeasureFigure, MeasureKind, TicketState,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

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
        let nothing =
            v1::ImprovementPlan { measure: MeasureKind::Satisfaction.into(), target: 4.5, ..plan() };
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_is_compared_with_one_of_as_many_days() {
    if Part::Faketime.is_missing() {
        return;
    }
    let desk = Desk::start(Settings::default().clock());
    // One ticket every ten days: nine in ninety days, three in thirty.
    for day in ["01-10", "01-20", "01-30", "02-09", "02-19", "03-01", "03-11", "03-21", "03-31"] {
        desk.at(&format!("2027-{day}T08:00:00Z"));
        desk.open(&format!("on-{day}")).await.unwrap();
    }
    desk.at("2027-04-01T08:00:00Z");
    let fewer = v1::ImprovementPlan {
        title: "Fewer tickets".into(),
        measure: MeasureKind::Opened.into(),
        figure: 0,
        baseline_from: "2027-01-01".into(),
        baseline_to: "2027-03-31".into(),
        target: 2.0,
        target_date: "2027-12-31".into(),
        review_date: "2027-05-01".into(),
        ..plan()
    };
    let it = put(&desk, "", fewer).await.unwrap();
    assert_eq!((it.plan.unwrap().baseline, it.unit.as_str()), (Some(3.0), "in 30 days"));
    let reading = get(&desk).await;
    assert_eq!(
        (reading.value, reading.standing()),
        (Some(3.0), ImprovementStanding::Behind),
        "as many as before"
    );
    // Of 31, 28 and 31 days, and the one day of April.
    let months: Vec<_> = reading.months.iter().map(|it| it.value.map(|it| (it * 10.0).round())).collect();
    assert_eq!(months, [Some(29.0), Some(21.0), Some(39.0), Some(0.0)]);
    go(&desk, ImprovementState::UnderWay).await.unwrap();
    let nothing_changed = go(&desk, ImprovementState::Reached).await.unwrap_err();
    assert_eq!(nothing_changed.code(), Code::FailedPrecondition, "{nothing_changed:?}");
    let shown = said(&desk.command(&["improvements", "show", "IMP-000001"]));
    assert!(shown.contains("baseline  3 in 30 days, 2027-01-01 to 2027-03-31"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_with_a_plan_is_told_at_once() {
    let desk = Desk::start(Settings::default());
    let wrong = async |plan: v1::ImprovementPlan| {
        let status = put(&desk, "", plan).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        let wrong = status.get_details_bad_request().unwrap().field_violations;
        wrong.into_iter().map(|it| (it.field, it.description)).collect::<Vec<_>>()
    };
    let sane = v1::ImprovementPlan {
        baseline: Some(2400.0),
        baseline_from: "2026-01-01".into(),
        baseline_to: "2026-01-31".into(),
        target_date: "2099-03-31".into(),
        review_date: "2099-03-01".into(),
        ..plan()
    };
    let bad = v1::ImprovementPlan {
        title: String::new(),
        measure: MeasureKind::FirstContact.into(),
        figure: MeasureFigure::Mean.into(),
        baseline: Some(70.0),
        target: 90.0,
        filter: Some(v1::MeasureFilter {
            service: "telepathy".into(),
            group: "netwerk".into(),
            template: "vpn".into(),
            ..Default::default()
        }),
        owner: "nobody".into(),
        ..sane.clone()
    };
    let told = wrong(bad).await;
    let fields: Vec<_> = told.iter().map(|it| it.0.as_str()).collect();
    let all = [
        "plan.title",
        "plan.baseline",
        "plan.target",
        "plan.filter.service",
        "plan.filter.group",
        "plan.filter.template",
        "plan.owner",
    ];
    assert_eq!(fields, all, "{told:?}");
    assert!(told[2].1.contains("a share from 0 to 1, such as 0.9"), "{told:?}");
    assert!(told[4].1.contains("no group `netwerk`") && told[4].1.contains("network"), "{told:?}");

    // Slower answers are no improvement, nor is a score above five.
    let slower = wrong(v1::ImprovementPlan { target: 3600.0, ..sane.clone() }).await;
    assert!(slower[0].0 == "plan.target" && slower[0].1.contains("is better when it is lower"), "{slower:?}");
    let satisfied = v1::ImprovementPlan {
        measure: MeasureKind::Satisfaction.into(),
        figure: MeasureFigure::Mean.into(),
        baseline: Some(3.0),
        target: 6.0,
        ..sane.clone()
    };
    let told = wrong(satisfied).await;
    assert!(told[0].0 == "plan.target" && told[0].1.contains("a score from 1 to 5"), "{told:?}");
    // Articles are nobody's.
    let knowledge = v1::ImprovementPlan {
        measure: MeasureKind::Knowledge.into(),
        figure: MeasureFigure::Mean.into(),
        baseline: Some(0.1),
        target: 0.2,
        ..sane.clone()
    };
    let told = wrong(knowledge).await;
    assert!(told[0].0 == "plan.filter" && told[0].1.contains("no service, group, template"), "{told:?}");
    // What is not over cannot be a baseline.
    let today = v1::ImprovementPlan { baseline_to: "2098-01-01".into(), ..sane.clone() };
    let told = wrong(today).await;
    assert!(told[0].0 == "plan.baseline_to" && told[0].1.contains("must be over"), "{told:?}");

    for owner in ["servicedesk-1", "network", "head-of-it@example.com"] {
        let plan = v1::ImprovementPlan { owner: owner.into(), ..sane.clone() };
        assert_eq!(put(&desk, "", plan).await.unwrap().plan.unwrap().owner, owner);
    }
}

/// Whoever moves an improvement while somebody else changes its plan moves it by the plan that it has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_is_taken_by_the_plan_that_it_is_taken_under() {
    for (settings, _database) in both(&Settings::default()) {
        let desk = Desk::start(settings);
        desk.open("ann").await.unwrap();
        // The one is reached, the other is not.
        let plan = |baseline: f64, target: f64| v1::ImprovementPlan {
            measure: MeasureKind::Opened.into(),
            figure: 0,
            filter: None,
            baseline: Some(baseline),
            baseline_from: "2026-01-01".into(),
            baseline_to: "2026-01-31".into(),
            target,
            target_date: "2099-03-31".into(),
            review_date: "2099-03-01".into(),
            ..plan()
        };
        let (network, desk_of_all) = (
            v1::ImprovementPlan {
                filter: Some(v1::MeasureFilter { group: "identity".into(), ..Default::default() }),
                ..plan(9.0, 0.0)
            },
            plan(9.0, 0.0),
        );
        let mut reached = 0;
        for round in 1..=25 {
            let number = put(&desk, "", network.clone()).await.unwrap().number;
            let move_to = |to: ImprovementState| v1::MoveImprovementRequest {
                request_id: desk.request(),
                improvement: number.clone(),
                to: to.into(),
                ..Default::default()
            };
            desk.reports().move_improvement(move_to(ImprovementState::UnderWay)).await.unwrap();
            let change = v1::PutImprovementRequest {
                request_id: desk.request(),
                improvement: number.clone(),
                plan: Some(desk_of_all.clone()),
                expected_version: 0,
            };
            let (mut one, mut other) = (desk.reports(), desk.reports());
            let (moved, changed) = tokio::join!(
                one.move_improvement(move_to(ImprovementState::Reached)),
                other.put_improvement(change)
            );
            // Nothing of that group is open: under the first plan it is reached, under the second it is not.
            match moved {
                Ok(it) => {
                    let it = it.into_inner().improvement.unwrap();
                    assert_eq!(it.plan.unwrap().filter.unwrap().group, "identity", "round {round}");
                    reached += 1;
                    assert_eq!(changed.unwrap_err().code(), Code::FailedPrecondition);
                }
                Err(status) => assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}"),
            }
        }
        assert!(reached <= 25);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_longest_overdue_come_first_whatever_was_entered_since() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in both(&Settings::default().clock()) {
        let desk = Desk::start(settings);
        desk.at("2027-02-01T08:00:00Z");
        for review in ["02-20", "02-10", "05-01", "02-20", "06-01", "07-01"] {
            let review_date = format!("2027-{review}");
            put(&desk, "", v1::ImprovementPlan { review_date, baseline: Some(2400.0), ..plan() })
                .await
                .unwrap();
        }
        desk.at("2027-03-01T08:00:00Z");
        for size in [1, 2, 3, 200] {
            let (mut all, mut page_token) = (vec![], String::new());
            loop {
                let request =
                    v1::ListImprovementsRequest { page_size: size, page_token, ..Default::default() };
                let page = desk.reports().list_improvements(request).await.unwrap().into_inner();
                assert!(page.due == 3 && page.improvements.len() <= size.try_into().unwrap());
                all.extend(page.improvements.into_iter().map(|it| it.number));
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            let order = [2, 1, 4, 6, 5, 3].map(|it| format!("IMP-{it:06}"));
            assert_eq!(all, order, "pages of {size}");
        }
        let listed = said(&desk.command(&["improvements", "list"]));
        assert!(
            listed.lines().count() >= 7 && listed.contains("IMP-000002  proposed   2027-02-10"),
            "{listed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_register_is_listed_and_no_report_reaches_the_end_of_time() {
    let desk = Desk::start(Settings::default());
    let listed = desk.reports().list_improvements(v1::ListImprovementsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner(), v1::ListImprovementsResponse::default());
    let request =
        v1::MeasureRequest { from: "2026-11-01".into(), to: "9999-12-31".into(), ..Default::default() };
    let refused = desk.measure(request).await.unwrap_err();
    assert!(refused.message().contains("at most 1830 days"), "{refused}");
}
