//! How well the desk does, on the real program: figures that a hand has reckoned, figures that are what the history gives
//! whatever happens, and who may see them. On both databases.

mod command;
mod improvements;
mod lives;
pub(crate) mod stage;
mod surveys;
mod whole;

use ticket_dispatch::proto::v1::{
    self, MeasureDimension, MeasureKind, MeasurePeriod, ReportPeriod, SlaGoal, TicketState,
    report_service_client::ReportServiceClient, sla_service_client::SlaServiceClient,
};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::{app::Settings, parts::installed::Part};
use stage::{Desk, both, minutes};

fn row(day: &str, label: &str, count: u64, sum: u64) -> stage::Short {
    (day.to_owned(), label.to_owned(), count, sum)
}

/// A month: one who is answered and helped at once; one who goes to another group and comes back; one who is cancelled;
/// one who is merged; and one of the next month, who waits.
pub(crate) async fn month(desk: &Desk) {
    desk.at("2027-03-01T08:00:00Z");
    let quick = desk.open("ann").await.unwrap().number;
    let slow = desk.open("bob").await.unwrap().number;
    desk.at("2027-03-01T08:10:00Z");
    desk.say(&quick, "Please try again").await.unwrap();
    desk.at("2027-03-01T09:00:00Z");
    desk.go(&quick, TicketState::Resolved).await.unwrap();
    desk.at("2027-03-01T10:00:00Z");
    desk.assign(&slow, "servicedesk").await.unwrap();
    desk.at("2027-03-01T12:00:00Z");
    desk.go(&slow, TicketState::InProgress).await.unwrap();
    desk.at("2027-03-02T08:00:00Z");
    desk.go(&slow, TicketState::Resolved).await.unwrap();
    let wrong = desk.open("cat").await.unwrap().number;
    let double = desk.open("cat").await.unwrap().number;
    desk.at("2027-03-02T09:00:00Z");
    desk.go(&wrong, TicketState::Cancelled).await.unwrap();
    let into = desk.open("dan").await.unwrap().number;
    let merge =
        v1::MergeTicketRequest { request_id: desk.request(), ticket: double, into, expected_version: 0 };
    desk.tickets().merge_ticket(merge).await.unwrap();
    desk.at("2027-03-03T08:00:00Z");
    desk.go(&slow, TicketState::Assigned).await.unwrap();
    desk.at("2027-03-05T08:00:00Z");
    desk.go(&slow, TicketState::Resolved).await.unwrap();
    desk.at("2027-04-01T08:00:00Z");
    desk.open("eve").await.unwrap();
    desk.at("2027-04-03T08:05:00Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_is_measured_as_a_hand_reckons_it() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in both(&Settings::default().clock()) {
        let desk = Desk::start(settings);
        month(&desk).await;
        let (group, none) = ([MeasureDimension::Group], [].as_slice());
        let (march, april) = ("2027-03-01", "2027-04-01");
        let is = async |measure, by: &[MeasureDimension], rows: &[stage::Short]| {
            assert_eq!(desk.monthly(measure, by).await, rows, "{measure:?}");
        };
        is(MeasureKind::Opened, none, &[row(march, "", 5, 5), row(april, "", 1, 1)]).await;
        // It counts for the group that had it then.
        is(MeasureKind::Opened, &group, &[row(march, "network", 5, 5), row(april, "network", 1, 1)]).await;
        is(MeasureKind::Reopened, &group, &[row(march, "servicedesk", 1, 1)]).await;
        is(
            MeasureKind::FirstContact,
            &group,
            &[row(march, "network", 1, 1), row(march, "servicedesk", 1, 0)],
        )
        .await;
        is(MeasureKind::Reassignments, none, &[row(march, "", 2, 1)]).await;
        is(MeasureKind::Automatic, none, &[]).await;
        is(MeasureKind::Knowledge, none, &[row(march, "", 5, 0), row(april, "", 1, 0)]).await;

        let request = v1::MeasureRequest {
            measures: [MeasureKind::Acknowledge, MeasureKind::Respond, MeasureKind::Resolve]
                .map(Into::into)
                .into(),
            from: march.into(),
            to: "2027-03-31".into(),
            ..Default::default()
        };
        let rows = desk.measure(request.clone()).await.unwrap();
        let spread = |it: &v1::MeasureRow| {
            let minutes = |it: Option<u32>| minutes(it.unwrap());
            (it.count, minutes(it.p50), minutes(it.p90), minutes(it.max))
        };
        assert_eq!(
            rows.iter().map(spread).collect::<Vec<_>>(),
            [(2, 10, 120, 120), (2, 10, 240, 240), (2, 60, 5760, 5760)]
        );
        assert!(
            (rows[2].mean / 60.0 - 2910.0).abs() < 1.0
                && rows[0].first_day == march
                && rows[0].last_day == "2027-03-31"
        );
        // What did not hold is not in the day on which it was resolved first.
        let daily = v1::MeasureRequest {
            measures: vec![MeasureKind::Resolve.into()],
            period: MeasurePeriod::Day.into(),
            ..request
        };
        let days = desk.measure(daily).await.unwrap().into_iter().map(|it| it.first_day).collect::<Vec<_>>();
        assert_eq!(days, ["2027-03-01", "2027-03-05"]);

        // Compliance is what the report of service levels adds up.
        for (measure, goal) in
            [(MeasureKind::ResponseMet, SlaGoal::Response), (MeasureKind::ResolutionMet, SlaGoal::Resolution)]
        {
            let report = v1::SlaReportRequest {
                from: march.into(),
                to: "2027-04-30".into(),
                period: ReportPeriod::Month.into(),
                goals: vec![goal.into()],
                ..Default::default()
            };
            let mut levels = SlaServiceClient::new(desk.app.channel());
            // The clock has just been moved: what is missed by it is noticed little by little.
            let mut both = (vec![], vec![]);
            for _ in 0..100 {
                let rows = levels.sla_report(report.clone()).await.unwrap().into_inner().rows;
                let ended = rows.iter().filter(|it| it.met + it.missed > 0);
                let same = ended.map(|it| row(&it.first_day, "", it.met + it.missed, it.met)).collect();
                both = (desk.monthly(measure, none).await, same);
                if both.0 == both.1 && !both.0.is_empty() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            assert!(!both.1.is_empty());
            assert_eq!(both.0, both.1, "{measure:?}");
        }
        desk.is_verified();
        backlog(&desk).await;
    }
}

/// Two tickets wait: one for 32 days, the other for 2.
async fn backlog(desk: &Desk) {
    let by = [MeasureDimension::Group, MeasureDimension::Priority].map(Into::into).to_vec();
    let answer = desk.reports().backlog(v1::BacklogRequest { by, filter: None }).await.unwrap().into_inner();
    let row = &answer.rows[0];
    assert_eq!((answer.rows.len(), row.group.as_str(), row.count), (1, "network", 2), "{answer:?}");
    assert_eq!(row.priority(), v1::Priority::P3);
    assert_eq!((answer.bands[1], answer.bands[5]), (86_400, 30 * 86_400));
    assert_eq!(row.bands, [0, 1, 0, 0, 0, 1, 0]);
    assert_eq!((row.p50 / 86_400, row.max / 86_400), (2, 31));
    let filter = Some(v1::MeasureFilter { group: "servicedesk".into(), ..Default::default() });
    let none = desk.reports().backlog(v1::BacklogRequest { by: vec![], filter }).await.unwrap();
    assert!(none.into_inner().rows.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_with_a_question_is_told_at_once() {
    let desk = Desk::start(Settings::default());
    let ask = async |it: v1::MeasureRequest| {
        let status = desk.reports().measure(it).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let wrong = status.get_details_bad_request().unwrap().field_violations;
        wrong.into_iter().map(|it| (it.field, it.description)).collect::<Vec<_>>()
    };
    let bad = v1::MeasureRequest {
        measures: vec![99],
        from: "1.3.27".into(),
        period: 7,
        by: vec![5],
        ..Default::default()
    };
    let wrong = ask(bad).await;
    let fields: Vec<_> = wrong.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(fields, ["measures[0]", "from", "period", "by[0]"]);
    assert!(wrong[0].1.contains("99 is not one of MEASURE_KIND_OPENED"), "{wrong:?}");
    let span = |from: &str, to: &str, period: MeasurePeriod| v1::MeasureRequest {
        from: from.into(),
        to: to.into(),
        period: period.into(),
        ..Default::default()
    };
    let wrong = ask(span("2027-03-02", "2027-03-01", MeasurePeriod::Unspecified)).await;
    assert_eq!(wrong[0], ("to".into(), "ends on 2027-03-01, before it begins on 2027-03-02".into()));
    let wrong = ask(span("2020-01-01", "2027-03-01", MeasurePeriod::Unspecified)).await;
    assert!(wrong[0].0 == "from" && wrong[0].1.contains("at most 1830 days"), "{wrong:?}");
    let wrong = ask(span("2025-01-01", "2027-03-01", MeasurePeriod::Day)).await;
    assert!(wrong[0].0 == "period" && wrong[0].1.contains("ask for longer ones"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_the_desks_own_and_stay_behind_the_wall_between_tenants() {
    for (settings, _database) in both(&Settings::default().env("DISPATCH_AUTH_MODE", "tokens")) {
        let desk = Desk::start(settings);
        let ask = async |tenant: &str, role: &str| {
            let token = desk.app.token(tenant, role);
            let mut request = Request::new(v1::MeasureRequest {
                measures: vec![MeasureKind::Opened.into()],
                ..Default::default()
            });
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            let mut reports = ReportServiceClient::new(desk.app.channel());
            let rows = reports.measure(request).await?.into_inner().rows;
            Ok::<_, tonic::Status>(rows.iter().map(|it| it.count).sum::<u64>())
        };
        let token = desk.app.token("acme", "agent");
        let mut open = Request::new(v1::CreateTicketRequest {
            request_id: "o-1".into(),
            template: "vpn_fault".into(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "ada".into(),
                ..Default::default()
            }),
            description: "The VPN drops".into(),
            fields: vec![v1::FieldValue {
                field: "symptom".into(),
                value: Some(v1::field_value::Value::Choice("no_connection".into())),
            }],
            ..Default::default()
        });
        open.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        desk.tickets().create_ticket(open).await.unwrap();
        desk.settle();
        assert_eq!(ask("acme", "agent").await.unwrap(), 1);
        assert_eq!(ask("acme", "manager").await.unwrap(), 1);
        assert_eq!(ask("other", "admin").await.unwrap(), 0);
        for role in ["bot", "service", "ml_engineer", "directory"] {
            assert_eq!(ask("acme", role).await.unwrap_err().code(), Code::PermissionDenied, "{role}");
        }
    }
}
