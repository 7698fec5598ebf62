//! Templates as people use them: versions, defaults, patterns, steps, trying out, editing, and the same rules
//! whichever way a ticket comes.

mod numbers;
mod stage;

use ticket_dispatch::proto::v1::{self, TaskState};
use tonic::Code;

use self::stage::{Desk, LAPTOP, choice, states, text, value};
use crate::app::Settings;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_gets_its_tasks_from_the_template_and_is_resolved_when_they_are_done() {
    let mut desk = Desk::start();
    let ticket = desk.laptop().await;
    let id = ticket.id.as_str();
    let begin = [("order", TaskState::Ready), ("install", TaskState::Waiting), ("show", TaskState::Waiting)];
    assert_eq!(states(&ticket), begin);
    assert_eq!(desk.ready("procurement").await, [(ticket.number.clone(), "order".to_owned())]);
    assert_eq!(desk.ready("workplace").await, []);

    let early = desk.finish(id, "install").await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition);
    assert!(early.message().contains("comes after `order`"), "{early:?}");
    let open = desk.resolve(id).await.unwrap_err();
    assert!(open.message().contains("`order`, `install`") && !open.message().contains("show"), "{open:?}");

    desk.finish(id, "order").await.unwrap();
    // A restart loses none of it.
    desk.app.kill();
    desk.app.restart();
    assert_eq!(desk.ready("workplace").await, [(ticket.number.clone(), "install".to_owned())]);
    let unticked = desk.finish(id, "install").await.unwrap_err();
    assert!(unticked.message().contains("The disk is encrypted; The tag is on it"), "{unticked:?}");
    desk.tick(id, "install", 0).await.unwrap();
    desk.tick(id, "install", 1).await.unwrap();
    assert!(desk.tick(id, "install", 2).await.unwrap_err().message().contains("2 lines"));
    desk.finish(id, "install").await.unwrap();
    assert_eq!(desk.finish(id, "install").await.unwrap_err().code(), Code::FailedPrecondition);

    // `show` is optional, and over with the ticket.
    desk.resolve(id).await.unwrap();
    assert_eq!(desk.ready("procurement").await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_taken_by_agents_of_their_group_left_out_by_managers_and_opened_again() {
    let desk = Desk::start();
    let ticket = desk.laptop().await;
    let id = ticket.id.as_str();
    let stranger = desk.take(id, "order", "network-1").await.unwrap_err();
    assert!(stranger.message().contains("its agents are procurement-1"), "{stranger:?}");
    let taken = desk.take(id, "order", "procurement-2").await.unwrap();
    assert_eq!(taken.tasks[0].agent, "procurement-2");

    let added = desk.add(id, "call", &["order"]).await.unwrap();
    assert_eq!(states(&added)[3], ("call", TaskState::Waiting));
    assert!(desk.add(id, "call", &[]).await.unwrap_err().message().contains("already"));
    assert!(desk.add(id, "more", &["nothing"]).await.unwrap_err().message().contains("`nothing`"));
    desk.finish(id, "order").await.unwrap();
    desk.finish(id, "call").await.unwrap();
    let followed = desk.reopen(id, "order").await.unwrap_err();
    assert!(followed.message().contains("`call` came after"), "{followed:?}");
    desk.reopen(id, "call").await.unwrap();
    let open = desk.reopen(id, "order").await.unwrap();
    assert_eq!(states(&open)[0], ("order", TaskState::Ready));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_manager_leaves_out_a_task_that_the_ticket_needs() {
    let desk = Desk::guarded();
    let ticket = desk.laptop().await;
    let refused = desk.skip_as("agent", &ticket.id, "order").await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains("a manager may leave it out"), "{refused:?}");
    let shown = desk.skip_as("agent", &ticket.id, "show").await.unwrap();
    assert_eq!(states(&shown)[2], ("show", TaskState::Skipped));
    let ordered = desk.skip_as("manager", &ticket.id, "order").await.unwrap();
    assert_eq!(states(&ordered)[..2], [("order", TaskState::Skipped), ("install", TaskState::Ready)]);
    assert_eq!(
        (ordered.tasks[0].ended_by.as_str(), ordered.tasks[0].note.as_str()),
        ("default-manager", "not this time")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_follow_the_values_of_their_ticket() {
    let desk = Desk::start();
    let ticket = desk.laptop().await;
    let strong = desk.update(&ticket.id, &[("model", choice("strong"))]).await.unwrap();
    assert_eq!(states(&strong)[3], ("licence", TaskState::Ready));
    assert_eq!(desk.ready("applications").await.len(), 1);
    let light = desk.update(&ticket.id, &[("model", choice("light"))]).await.unwrap();
    assert_eq!(states(&light)[3], ("licence", TaskState::Skipped));
    let again = desk.update(&ticket.id, &[("model", choice("strong"))]).await.unwrap();
    assert_eq!(states(&again)[3], ("licence", TaskState::Ready));
    // What somebody has begun is theirs to end.
    desk.take(&ticket.id, "licence", "applications-1").await.unwrap();
    let light = desk.update(&ticket.id, &[("model", choice("light"))]).await.unwrap();
    assert_eq!(states(&light)[3], ("licence", TaskState::Ready));
}

/// Peers let a mandatory field pass or not by the way a ticket comes (glpi#15225, glpi#2084, zammad#2998).
/// glpi#16955, #15225, #2084, zammad#2998: rules that held in the form only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_rules_hold_for_programs_files_and_the_chat() {
    let desk = Desk::start();
    let missing = desk.open(&[]).await.unwrap_err();
    assert!(missing.message().contains("fields.cost_centre: is required"), "{missing:?}");
    let wrong = desk.open(&[("cost_centre", text("1234"))]).await.unwrap_err();
    assert!(wrong.message().contains("must look like `DE-1234`"), "{wrong:?}");
    let needs = [("cost_centre", text("DE-0001")), ("model", choice("strong"))];
    assert!(desk.open(&needs).await.unwrap_err().message().contains("fields.reason: is required"));
    let ticket = desk.laptop().await;
    assert_eq!(value(&ticket, "model"), Some(choice("light")), "the default");

    let head = "id,template,requester,description,fields.cost_centre,fields.model\n";
    let rows = "1,new_laptop,ada,first day,,\n2,new_laptop,ada,first day,1234,\n\
                3,new_laptop,ada,first day,DE-0001,strong\n4,new_laptop,ada,first day,DE-0001,\n";
    let (said, all) = desk.import("rows.csv", &format!("{head}{rows}"));
    assert!(!all);
    for part in [
        "line 2: fields.cost_centre: is required",
        "line 3: fields.cost_centre: must look like `DE-1234`",
        "line 4: fields.reason: is required",
        "1 opened, 3 not",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }

    let talk = ["I need a new laptop", "1234", "it's FR-0007", "yes"];
    let tried = desk.try_out("new_laptop", &talk).await;
    let replies: Vec<_> = tried.turns.iter().map(|it| it.reply.as_str()).collect();
    assert!(replies[0].contains("Which cost centre pays?"), "{replies:?}");
    assert!(replies[1].contains("please write it like DE-1234"), "{replies:?}");
    let opened = tried.ticket.unwrap();
    assert_eq!(
        opened.fields.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(),
        ["cost_centre", "model"]
    );
    assert_eq!(opened.group, "workplace");
    assert_eq!(
        opened.tasks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(),
        ["order", "install", "show"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_imported_again_opens_nothing_twice() {
    let desk = Desk::start();
    let row =
        r#"{"template":"new_laptop","requester":"ada","description":"x","fields":{"cost_centre":"DE-0001"}}"#;
    let rows = format!("{row}\n{row}\n");
    for _ in 0..2 {
        let (said, all) = desk.import("rows.jsonl", &rows);
        assert!(all && said.contains("2 opened, 0 not"), "{said}");
        assert_eq!(desk.count().await, 2, "two rows that say the same are two tickets, and stay two");
    }
    let (said, all) = desk.import("bad.jsonl", "{\"template\":\"printer\"}\n");
    assert!(!all && said.contains("line 1: template: no template `printer`"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bot_would_ask_is_known_before_a_template_goes_live() {
    let desk = Desk::start();
    let outline = desk.try_out("new_laptop", &[]).await;
    let asked: Vec<_> = outline.questions.iter().map(|it| (it.field.as_str(), it.asked())).collect();
    assert_eq!(
        asked,
        [
            ("model", v1::QuestionAsked::Never),
            ("cost_centre", v1::QuestionAsked::Always),
            ("reason", v1::QuestionAsked::When),
        ]
    );
    assert_eq!(outline.questions[0].default, "Light");
    assert!(outline.turns.is_empty() && outline.ticket.is_none());
    let talk = ["a strong laptop please", "DE-0001", "I build large models", "yes"];
    let strong = desk.try_out("new_laptop", &talk).await;
    assert!(strong.turns[1].reply.contains("Why does it have to be a strong one?"), "{:?}", strong.turns);
    assert!(strong.ticket.unwrap().tasks.iter().any(|it| it.id == "licence"));
    assert_eq!(desk.count().await, 0, "nothing is stored");

    // From files that are not in use, faults included.
    let mut files =
        desk.client().catalog().get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner().files;
    let of = |files: &[v1::CatalogFile]| v1::TryTemplateRequest {
        template: "new_laptop".into(),
        files: files.to_vec(),
        language: v1::Language::Zh.into(),
        messages: vec!["要一台笔记本".into()],
    };
    files.iter_mut().for_each(|it| it.content = it.content.replace("由哪个成本中心支付", "谁出钱"));
    let tried = desk.client().catalog().try_template(of(&files)).await.unwrap().into_inner();
    assert!(tried.turns[0].reply.contains("谁出钱"), "{:?}", tried.turns);
    files.iter_mut().for_each(|it| it.content = it.content.replace("after: order", "after: odrer"));
    let tried = desk.client().catalog().try_template(of(&files)).await.unwrap().into_inner();
    assert!(tried.faults[0].problem.contains("did you mean `order`?"), "{:?}", tried.faults);

    let printed =
        desk.app.command(&["check", "--try", "printer_fault", "--say", "the printer jams"]).output();
    let printed = String::from_utf8(printed.unwrap().stdout).unwrap();
    assert!(printed.contains("> the printer jams"), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_keeps_the_version_of_its_template() {
    let mut desk = Desk::start();
    let before = desk.laptop().await;
    let old = desk.template("new_laptop", 0).await.unwrap();
    let definition = old.definition.replace("model", "kind").replace("- id: show", "- id: demonstrate");
    desk.put(&definition, 0).await.unwrap();
    let after = desk.laptop().await;
    assert!(before.template_version < after.template_version);

    for _ in 0..2 {
        // The field that is gone is still one of the older ticket, and the new one is none.
        let strong = desk.update(&before.id, &[("model", choice("strong"))]).await.unwrap();
        assert_eq!(value(&strong, "model"), Some(choice("strong")));
        assert!(strong.tasks.iter().any(|it| it.id == "licence"));
        desk.update(&before.id, &[("model", choice("light"))]).await.unwrap();
        let unknown = desk.update(&before.id, &[("kind", choice("strong"))]).await.unwrap_err();
        assert!(unknown.message().contains("has no field `kind`"), "{unknown:?}");
        assert!(desk.update(&after.id, &[("model", choice("strong"))]).await.is_err());
        let earlier = desk.template("new_laptop", before.template_version).await.unwrap().template.unwrap();
        assert_eq!(earlier.fields[0].id, "model");
        desk.app.kill();
        desk.app.restart();
    }
    // Out of the catalogue, it is still what its tickets were opened from.
    let request = v1::RemoveTemplateRequest {
        request_id: desk.request(),
        template: "new_laptop".into(),
        ..Default::default()
    };
    desk.client().catalog().remove_template(request).await.unwrap();
    assert_eq!(desk.template("new_laptop", 0).await.unwrap_err().code(), Code::NotFound);
    desk.update(&after.id, &[("kind", choice("strong"))]).await.unwrap();
    assert!(desk.update(&after.id, &[("model", choice("strong"))]).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_templates_are_written_into_the_files_and_nothing_else_changes() {
    let desk = Desk::start();
    let found = desk.template("new_laptop", 0).await.unwrap();
    assert_eq!(found.file, "laptop.yaml");
    assert!(found.definition.starts_with("id: new_laptop\nkind: request\n"), "{}", found.definition);
    let version = desk.put(&found.definition.replace("New laptop", "Another laptop"), 0).await.unwrap();
    let catalog = desk.client().catalog().get_catalog(v1::GetCatalogRequest {}).await.unwrap().into_inner();
    assert_eq!(catalog.version, version);
    let file = catalog.files.iter().find(|it| it.name == "laptop.yaml").unwrap();
    assert_eq!(file.content, LAPTOP.replace("New laptop", "Another laptop"), "comments included");

    let stale = desk.put(&found.definition, version - 1).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    let bad = desk.put(&found.definition.replace("group: workplace", "group: nobody"), 0).await.unwrap_err();
    assert!(bad.message().contains("no group `nobody`"), "{bad:?}");
    assert!(desk.put("id: [", 0).await.unwrap_err().message().contains("definition: line 1"));
    assert_eq!(desk.template("new_laptop", 0).await.unwrap().template.unwrap().label_en, "Another laptop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn templates_that_many_write_at_once_are_all_there() {
    let desk = Desk::start();
    let definition = desk.template("new_laptop", 0).await.unwrap().definition;
    let puts = (0..3).map(|turn| {
        let (client, definition) =
            (desk.client(), definition.replace("new_laptop", &format!("laptop_{turn}")));
        async move {
            let request_id = format!("put-{turn}");
            let request = v1::PutTemplateRequest { request_id, definition, expected_version: 0 };
            client.catalog().put_template(request.clone()).await.unwrap();
            // The same again has no second effect.
            client.catalog().put_template(request).await.unwrap()
        }
    });
    futures_util::future::join_all(puts).await;
    for turn in 0..3 {
        desk.template(&format!("laptop_{turn}"), 0).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_the_desk_opens_is_not_there_in_a_chat() {
    let hide = |files: &mut Vec<(String, String)>| {
        for (_, content) in files {
            *content = content.replace("  - id: vpn_fault\n", "  - id: vpn_fault\n    audience: desk\n");
        }
    };
    let desk = Desk::with(Settings::default(), hide);
    let answer = desk.say("c-1", "the vpn drops every ten minutes").await;
    assert!(answer.ticket.is_none_or(|it| it.template != "vpn_fault"));
    assert!(answer.choices.iter().all(|it| it.value != "vpn_fault"), "{:?}", answer.choices);
    let request = v1::CreateTicketRequest {
        request_id: "r-1".into(),
        template: "vpn_fault".into(),
        requester: Some(v1::Person { issuer: "chat".into(), subject: "ada".into(), ..Default::default() }),
        description: "it drops".into(),
        fields: vec![v1::FieldValue { field: "symptom".into(), value: Some(choice("no_connection")) }],
        ..Default::default()
    };
    desk.client().tickets().create_ticket(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_that_the_model_has_never_heard_of_is_found_by_its_name() {
    let desk = Desk::start();
    let definition = "id: bike_repair\nkind: request\nlabel: { en: Bike repair, zh: 修自行车服务 }\nservice: workplace\n\
                      group: workplace\nimpact: person\nurgency: low\nsla: standard\n";
    desk.put(definition, 0).await.unwrap();
    for (turn, text) in ["Bike repair", "Could you arrange a bike repair, please?", "我想要修自行车服务"]
        .into_iter()
        .enumerate()
    {
        let answer = desk.say(&format!("c-{turn}"), text).await;
        assert_eq!(answer.expecting(), v1::Expecting::Confirmation, "{text}: {}", answer.text);
        assert!(answer.text.contains(["Bike repair", "修自行车服务"][turn / 2]), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_taken_out_while_a_chat_asks_for_it_is_not_asked_for_again() {
    let desk = Desk::start();
    let say = async |text| desk.say("c-1", text).await;
    let asked = say("the printer has a paper jam again").await;
    assert_eq!(asked.expecting(), v1::Expecting::Field, "{asked:?}");
    let definition = desk.template("printer_fault", 0).await.unwrap().definition;
    let (head, rest) = definition.split_once("  - id: location\n").unwrap();
    let (_, tail) = rest.split_once("  - id: printer\n").unwrap();
    desk.put(&format!("{head}  - id: printer\n{tail}"), 0).await.unwrap();
    let answered = say("third floor, next to the kitchen").await;
    assert_eq!(answered.expecting(), v1::Expecting::Confirmation, "{answered:?}");
    let ticket = say("yes").await.ticket.unwrap();
    assert_eq!(ticket.template, "printer_fault");
}
