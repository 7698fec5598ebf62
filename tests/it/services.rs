//! The portfolio of services on the real program: what is offered, what it costs, and how services keep what is promised of
//! them.

mod prices;
mod stretches;

use std::sync::atomic::{AtomicU32, Ordering};

use ticket_dispatch::proto::v1::{
    self, AssetState, Impact, ServiceStage, TicketState, approval_service_client::ApprovalServiceClient,
    asset_service_client::AssetServiceClient, catalog_service_client::CatalogServiceClient,
    conversation_service_client::ConversationServiceClient, field_value::Value,
    people_service_client::PeopleServiceClient, portfolio_service_client::PortfolioServiceClient,
    ticket_service_client::TicketServiceClient,
};
use tonic::{Code, Request, Status, transport::Channel};

use crate::{
    app::{App, Settings},
    parts::{installed::Part, postgres::settings_of_both},
};

/// Laptops to order: cheap ones at once, dear ones once the owner agrees.
const ORDER: &str = "
templates:
  - id: laptop_order
    kind: request
    label: { en: Laptop of your own, zh: 自选笔记本 }
    service: supplies
    group: procurement
    impact: person
    urgency: low
    sla: standard
    price: 900 EUR
    fields:
      - id: memory
        type: choice
        label: { en: Memory, zh: 内存 }
        ask: { en: 'How much memory?', zh: '多大内存？' }
        required: true
        options:
          - { id: plain, label: { en: Plain, zh: 标准 } }
          - { id: huge, label: { en: Huge, zh: 超大 }, price: 300.50 EUR }
    approval:
      steps:
        - { id: money, label: { en: Money, zh: 预算 }, approvers: [owner], when: { price_above: 1000 EUR } }
";

/// A program with services of its own.
pub(crate) struct Desk {
    app: App,
    calls: AtomicU32,
    _catalog: tempfile::TempDir,
}

fn person(who: &str) -> Option<v1::Person> {
    Some(v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() })
}

impl Desk {
    /// A desk with the starter catalogue and changes, each made once in the file that has it.
    pub(crate) fn start(settings: Settings, changes: &[(&str, &str)]) -> Self {
        let (folder, mut made) = (tempfile::tempdir().unwrap(), vec![]);
        for source in ticket_dispatch::catalog::starter() {
            let mut content = source.content;
            for (place, (from, to)) in changes.iter().enumerate() {
                if content.contains(from) && !made.contains(&place) {
                    content = content.replacen(from, to, 1);
                    made.push(place);
                }
            }
            std::fs::write(folder.path().join(&source.name), content).unwrap();
        }
        assert_eq!(made.len(), changes.len(), "nothing has one of {changes:?}");
        std::fs::write(folder.path().join("0-order.yaml"), ORDER).unwrap();
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self { app: App::start(settings), calls: 0.into(), _catalog: folder }
    }

    fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    async fn open(
        &self,
        template: &str,
        impact: Impact,
        field: Option<(&str, &str)>,
    ) -> Result<v1::Ticket, Status> {
        let value = |(field, value): (&str, &str)| v1::FieldValue {
            field: field.into(),
            value: Some(Value::Choice(value.into())),
        };
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: template.into(),
            requester: person("ada"),
            description: "It does not work".into(),
            impact: impact.into(),
            fields: field.map(value).into_iter().collect(),
            ..Default::default()
        };
        Ok(self.tickets().create_ticket(request).await?.into_inner().ticket.unwrap())
    }

    async fn go(&self, ticket: &v1::Ticket, to: TicketState) {
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.id.clone(),
            to: to.into(),
            resolution: if to == TicketState::Resolved { "It works again".into() } else { String::new() },
            cancel_reason: if to == TicketState::Cancelled { v1::CancelReason::NotForDesk.into() } else { 0 },
            comment: if to == TicketState::Assigned { "It does not".into() } else { String::new() },
            ..Default::default()
        };
        self.tickets().transition_ticket(request).await.unwrap();
    }

    /// On 1 March 2027: accounts 1 h 30 min down by two incidents that overlap; remote access, which needs them, 10 minutes by
    /// one of its own. At noon it gives the first of the incidents.
    pub(crate) async fn morning_of_outages(&self) -> v1::Ticket {
        let at = |time: &str| self.app.set_clock(&format!("2027-03-01T{time}:00Z"));
        let locked = ("account_locked", Impact::Site, Some(("account", "windows")));
        at("08:00");
        let first = self.open(locked.0, locked.1, locked.2).await.unwrap();
        // What one person has, and what was nothing, is no failure.
        self.open(locked.0, Impact::Person, locked.2).await.unwrap();
        let mistake = self.open(locked.0, locked.1, locked.2).await.unwrap();
        self.go(&mistake, TicketState::Cancelled).await;
        at("08:30");
        let second = self.open(locked.0, locked.1, locked.2).await.unwrap();
        at("09:00");
        self.go(&first, TicketState::Resolved).await;
        at("09:30");
        self.go(&second, TicketState::Resolved).await;
        at("10:00");
        let vpn = self.open("vpn_fault", Impact::Team, Some(("symptom", "no_connection"))).await.unwrap();
        at("10:10");
        self.go(&vpn, TicketState::Resolved).await;
        at("12:00");
        first
    }

    /// What a command prints that asks it.
    pub(crate) fn printed(&self, args: &[&str]) -> String {
        let url = self.app.url();
        let output = self.app.command(args).args(["--connect", &url]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn report(&self, service: &str) -> v1::ServiceReport {
        let request = v1::ReportServicesRequest {
            from: "2027-03-01".into(),
            to: "2027-03-01".into(),
            service: service.into(),
            ..Default::default()
        };
        self.ask(request).await.unwrap().services.remove(0)
    }

    async fn ask(&self, request: v1::ReportServicesRequest) -> Result<v1::ReportServicesResponse, Status> {
        let mut portfolio = PortfolioServiceClient::new(self.app.channel());
        Ok(portfolio.report_services(request).await?.into_inner())
    }
}

/// The program's clock goes on between two commands.
fn is_about(seconds: u64, expected: u64) -> bool {
    seconds.abs_diff(expected) < 60
}

/// Accounts: 1 h 30 min down by two incidents that overlap. Remote access needs them, and had 10 minutes of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_as_available_as_its_incidents_and_those_it_needs_say() {
    if Part::Faketime.is_missing() {
        return;
    }
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings.clock(), &[]);
        let first = desk.morning_of_outages().await;
        let accounts = desk.report("accounts").await.availability.unwrap();
        assert_eq!(accounts.failures, 1);
        assert!(
            is_about(accounts.agreed_seconds, 43_200) && is_about(accounts.down_seconds, 5_400),
            "{accounts:?}"
        );
        assert_eq!(accounts.mtbf_seconds, Some(accounts.agreed_seconds - accounts.down_seconds));
        assert_eq!(accounts.mtrs_seconds, Some(accounts.down_seconds));
        assert!((accounts.percent.unwrap() - 87.5).abs() < 0.2 && !accounts.kept && !accounts.down_now);
        let remote = desk.report("remote_access").await.availability.unwrap();
        assert_eq!(remote.failures, 2);
        assert!(is_about(remote.down_seconds, 6_000) && is_about(remote.own_down_seconds, 600), "{remote:?}");
        // In its own hours, 08:00 to 18:00 in Berlin: five of them until noon in Greenwich.
        let email = desk.report("email").await.availability.unwrap();
        assert!(is_about(email.agreed_seconds, 18_000) && is_about(email.down_seconds, 5_400), "{email:?}");
        assert_eq!(email.own_down_seconds, 0);
        assert!(desk.report("printing").await.availability.is_none(), "nothing is promised of it");

        // It was never solved: it has been down all the time.
        desk.go(&first, TicketState::Assigned).await;
        let again = desk.report("accounts").await.availability.unwrap();
        assert_eq!((again.failures, again.down_now), (1, true));
        assert!(is_about(again.down_seconds, 14_400), "{again:?}");
        // Two that are one.
        let third = desk.open("account_locked", Impact::Site, Some(("account", "windows"))).await.unwrap();
        let merge = v1::MergeTicketRequest {
            request_id: desk.request(),
            ticket: third.id.clone(),
            into: first.id.clone(),
            ..Default::default()
        };
        desk.tickets().merge_ticket(merge).await.unwrap();
        desk.go(&first, TicketState::Resolved).await;
        assert!(!desk.report("accounts").await.availability.unwrap().down_now);

        let days = ["--from", "2027-03-01", "--to", "2027-03-01"];
        let table = desk.printed(&[&["services"][..], &days].concat());
        assert!(
            table
                .lines()
                .any(|it| it.starts_with("accounts ") && it.contains("66.") && it.contains(" % of 99.9 %")),
            "{table}"
        );
        let one = desk.printed(&[&["services", "remote_access"][..], &days].concat());
        assert!(one.contains("needs       accounts") && one.contains("of it by its own incidents"), "{one}");
        let csv = desk.printed(&[&["services", "--csv"][..], &days].concat());
        let columns = csv.lines().next().unwrap().split(',').count();
        assert!(csv.lines().all(|it| it.split(',').count() == columns), "{csv}");
        let json = desk.printed(&[&["services", "accounts", "--json"][..], &days].concat());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(is_about(json["availability"]["down_seconds"].as_u64().unwrap(), 14_400), "{json}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_being_made_is_the_desks_and_what_is_retired_is_nobodys() {
    let changes = [
        ("name: Printing and scanning,", "name: Printing and scanning, stage: retired,"),
        ("name: Parking,", "name: Parking, stage: pipeline,"),
    ];
    let desk = Desk::start(Settings::default(), &changes);
    let refused = desk.open("printer_fault", Impact::Person, None).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("service `printing`, which is retired"), "{refused}");
    let incident = desk.open("account_locked", Impact::Person, Some(("account", "windows"))).await.unwrap();
    let split = v1::SplitTicketRequest {
        request_id: desk.request(),
        ticket: incident.id.clone(),
        template: "printer_fault".into(),
        text: "and the printer".into(),
        ..Default::default()
    };
    let split = desk.tickets().split_ticket(split).await.unwrap_err();
    assert!(split.message().contains("retired"), "{split}");

    let mut chat = ConversationServiceClient::new(desk.app.channel());
    for (text, never) in
        [("the printer on floor 3 has a paper jam", "rinter"), ("I need a parking space", "arking")]
    {
        let request = v1::SendMessageRequest {
            message_id: desk.request(),
            conversation: "main".into(),
            requester: person(text),
            text: text.into(),
            language: 0,
        };
        let said = chat.send_message(request).await.unwrap().into_inner();
        let choices: Vec<_> = said.choices.iter().map(|it| it.label.clone()).collect();
        let offers = format!("{} {choices:?}", said.text);
        assert!(!offers.contains(never), "{offers}");
    }
    let stages =
        |stage: ServiceStage| v1::ReportServicesRequest { stage: stage.into(), ..Default::default() };
    let of = |it: v1::ReportServicesResponse| -> Vec<_> {
        it.services.into_iter().map(|it| it.service.unwrap().id).collect()
    };
    assert_eq!(of(desk.ask(stages(ServiceStage::Retired)).await.unwrap()), ["printing"]);
    assert_eq!(of(desk.ask(stages(ServiceStage::Pipeline)).await.unwrap()), ["parking"]);
    let live = of(desk.ask(stages(ServiceStage::Live)).await.unwrap());
    assert!(live.contains(&"email".to_owned()) && !live.contains(&"parking".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_for_has_a_price_that_is_shown_and_asks_for_consent() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings, &[]);
        let cheap = desk.open("laptop_order", Impact::Person, Some(("memory", "plain"))).await.unwrap();
        assert!(cheap.approval.is_none() && cheap.state() != TicketState::WaitingApproval);
        let dear = desk.open("laptop_order", Impact::Person, Some(("memory", "huge"))).await.unwrap();
        assert_eq!(dear.state(), TicketState::WaitingApproval);
        let step = dear.approval.unwrap().steps.remove(0);
        assert_eq!(step.need.unwrap().price_above, "1000 EUR");
        let request = v1::ListApprovalsRequest { ticket: dear.number, ..Default::default() };
        let mut approvals = ApprovalServiceClient::new(desk.app.channel());
        let asked = approvals.list_approvals(request).await.unwrap().into_inner().approvals;
        assert_eq!(asked[0].price, "1200.50 EUR");
        // The cheap one cannot become dear behind everybody's back.
        let huge = v1::FieldValue { field: "memory".into(), value: Some(Value::Choice("huge".into())) };
        let change = v1::UpdateTicketRequest {
            request_id: desk.request(),
            ticket: cheap.id.clone(),
            change: Some(v1::TicketChange { fields: vec![huge], ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields".into()] }),
            expected_version: 0,
        };
        let unasked = desk.tickets().update_ticket(change).await.unwrap_err();
        assert_eq!(unasked.code(), Code::FailedPrecondition, "{unasked}");

        let mut catalog = CatalogServiceClient::new(desk.app.channel());
        let request = v1::TryTemplateRequest {
            template: "laptop_order".into(),
            messages: vec!["a laptop of my own".into(), "huge".into()],
            ..Default::default()
        };
        let tried = catalog.try_template(request).await.unwrap().into_inner();
        let said: Vec<_> = tried.turns.iter().map(|it| it.reply.as_str()).collect();
        assert!(said.iter().any(|it| it.contains("Price: 1200.50 EUR")), "{said:?}");
        let request = v1::GetTemplateRequest { template: "laptop_order".into(), ..Default::default() };
        let template = catalog.get_template(request).await.unwrap().into_inner().template.unwrap();
        assert_eq!(
            (template.price.as_str(), template.fields[0].options[1].price.as_str()),
            ("900 EUR", "300.50 EUR")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn capacity_and_users_are_counted_where_they_are_kept() {
    for (settings, _database) in settings_of_both() {
        let devices = "  - { id: workplace, name: Workplace devices, owner: workplace }";
        let more = "  - id: workplace
    name: Workplace devices
    owner: workplace
    users: [Sales]
    cost_centre: '4711'
    value: Everybody has a tool
    ticket_cost: 18.50 EUR
    capacity:
      - { label: { en: Spare laptops, zh: 备用 }, asset_type: laptop, states: in_stock, at_least: 2 }
      - { label: { en: Laptops in use, zh: 在用 }, asset_type: laptop, states: [in_use, in_repair], at_most: 1 }";
        let desk = Desk::start(settings, &[(devices, more)]);
        for (tag, state) in
            [("LT-1", AssetState::InStock), ("LT-2", AssetState::InUse), ("LT-3", AssetState::InRepair)]
        {
            let asset = v1::Asset {
                tag: tag.into(),
                r#type: "laptop".into(),
                state: state.into(),
                ..Default::default()
            };
            let request =
                v1::PutAssetRequest { request_id: desk.request(), asset: Some(asset), expected_version: 0 };
            AssetServiceClient::new(desk.app.channel()).put_asset(request).await.unwrap();
        }
        for (name, department) in [("ada", "Sales"), ("mei", "sales"), ("bo", "Shipping")] {
            let entry =
                v1::Profile { user_name: name.into(), department: department.into(), ..Default::default() };
            let request = v1::PutPersonRequest {
                request_id: desk.request(),
                person: Some(entry),
                ..Default::default()
            };
            PeopleServiceClient::new(desk.app.channel()).put_person(request).await.unwrap();
        }
        let it =
            desk.ask(v1::ReportServicesRequest { service: "workplace".into(), ..Default::default() }).await;
        let it = it.unwrap().services.remove(0);
        assert_eq!(it.users, 2);
        let counts: Vec<_> = it.capacity.iter().map(|it| (it.count, it.kept)).collect();
        assert_eq!(counts, [(1, false), (2, false)]);
        let service = it.service.unwrap();
        assert_eq!(
            (service.ticket_cost.as_str(), service.value.as_str()),
            ("18.50 EUR", "Everybody has a tool")
        );
        let all = desk.ask(v1::ReportServicesRequest { service: "email".into(), ..Default::default() }).await;
        assert_eq!(all.unwrap().services[0].users, 3, "it is for everybody");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_with_a_question_is_named_and_the_portfolio_is_the_desks() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"), &[]);
    let ask = |role: &str, question: v1::ReportServicesRequest| {
        let mut request = Request::new(question);
        let token = desk.app.token("default", role);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let mut portfolio = PortfolioServiceClient::new(desk.app.channel());
        async move { portfolio.report_services(request).await }
    };
    let wrong = v1::ReportServicesRequest {
        from: "yesterday".into(),
        to: "2027-02-30".into(),
        zone: "Berlin".into(),
        stage: 9,
        ..Default::default()
    };
    let wrong = ask("agent", wrong).await.unwrap_err();
    for field in ["from: ", "to: ", "zone: ", "stage: "] {
        assert!(wrong.message().contains(field), "{wrong}");
    }
    let days = |from: &str, to: &str| v1::ReportServicesRequest {
        from: from.into(),
        to: to.into(),
        ..Default::default()
    };
    let backwards = ask("agent", days("2027-03-02", "2027-03-01")).await.unwrap_err();
    assert!(backwards.message().contains("before it begins"), "{backwards}");
    let long = ask("agent", days("2020-01-01", "2027-03-01")).await.unwrap_err();
    assert!(long.message().contains("ask for fewer days"), "{long}");
    let unknown = v1::ReportServicesRequest { service: "telex".into(), ..Default::default() };
    assert_eq!(ask("agent", unknown).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(ask("bot", days("", "")).await.unwrap_err().code(), Code::PermissionDenied);
}
