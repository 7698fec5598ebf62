//! Numbers that people type and files bring: read as they are meant, or asked about with a reason.

use ticket_dispatch::proto::v1::{self, Language, field_value::Value};

use super::stage::Desk;
use crate::app::Settings;

const BUDGET: &str = r#"templates:
  - id: budget
    kind: request
    label: { en: Budget, zh: 预算 }
    service: workplace
    group: workplace
    impact: person
    urgency: low
    sla: standard
    fields:
      - id: amount
        type: number
        label: { en: Amount, zh: 金额 }
        ask: { en: "What is the amount?", zh: "金额是多少？" }
        required: true
        min: 1
        max: 50000
"#;

fn desk() -> Desk {
    Desk::with(Settings::default(), |files| files.push(("budget.yaml".into(), BUDGET.into())))
}

/// What the bot says to an answer, and the number on the ticket that would be opened.
async fn told(desk: &Desk, language: Language, answer: &str) -> (String, Option<Value>) {
    let said = ["I need a budget", answer];
    let request = v1::TryTemplateRequest {
        template: "budget".into(),
        language: language.into(),
        messages: said.map(str::to_owned).into(),
        ..Default::default()
    };
    let tried = desk.client().catalog().try_template(request).await.unwrap().into_inner();
    let fields = tried.ticket.map_or_else(Vec::new, |it| it.fields);
    let amount = fields.into_iter().find(|it| it.field == "amount").and_then(|it| it.value);
    (tried.turns[1].reply.clone(), amount)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_said_in_chat_is_taken_as_it_is_meant() {
    let desk = desk();
    for (answer, amount) in [
        ("1k", 1000.0),
        ("1.200,50", 1200.5),
        ("about 1,200.50 euros", 1200.5),
        ("1,200", 1200.0),
        ("10 000 €", 10_000.0),
        ("1万", 10_000.0),
        ("twenty-five", 25.0),
        ("三千五", 3500.0),
    ] {
        let (reply, value) = told(&desk, Language::En, answer).await;
        assert_eq!(value, Some(Value::Number(amount)), "{answer}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_may_be_another_is_asked_about_and_never_taken() {
    let desk = desk();
    for (answer, reason) in [
        ("1.200 euros", "1.200 may be 1200 or 1.2"),
        ("100 or 200", "several numbers there (100, 200)"),
        ("1m", "which number \"1m\" is"),
        ("1/2", "which number \"1/2\" is"),
        ("100k", "100000 does not fit here: it must be a number from 1 to 50000"),
        ("-5", "-5 does not fit here"),
    ] {
        let (reply, value) = told(&desk, Language::En, answer).await;
        assert!(reply.contains(reason) && reply.contains("What is the amount?"), "{answer}: {reply}");
        assert_eq!(value, None, "{answer}");
    }
    let (reply, _) = told(&desk, Language::Zh, "1.200元").await;
    assert!(reply.contains("1.200 可能是 1200，也可能是 1.2"), "{reply}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_tried_as_it_is_imported() {
    let desk = desk();
    let rows = "id;template;requester;description;fields.amount\n\
        1;budget;ada;pens;1.200,50\n2;budget;ada;pens;1.200\n3;budget;ada;pens;1k\n4;budget;ada;pens;70000\n\
        5;budget;ada;pens;\n6;budget;;pens;7\n7;budget;ada;;7\n1;budget;ada;other pens;7\n8;nothing;ada;pens;7\n\
        9;budget;ada;pens;12,5\n";
    let bad = [
        "line 3: fields.amount: `1.200` may be 1200 or 1.2; write 1200 or 1.2",
        "line 4: fields.amount: `1k` is no number that can be told",
        "line 5: fields.amount: must be a number from 1 to 50000",
        "line 6: fields.amount: is required",
        "line 7: requester",
        "line 8: description",
        "line 9: id: `1` stands in line 2 already, with other content",
        "line 10: template: no template `nothing`",
    ];
    let (tried, none) = desk.try_import("rows.csv", rows);
    assert_eq!(desk.count().await, 0, "nothing was written");
    let (done, all) = desk.import("rows.csv", rows);
    assert!(!none && !all);
    for part in bad {
        assert!(tried.contains(part) && done.contains(part), "{part}\n{tried}\n{done}");
    }
    assert_eq!(tried.replace("could be opened", "opened"), done, "the same rows, for the same reasons");
    assert!(done.contains("2 opened, 8 not"), "{done}");
    assert_eq!(desk.count().await, 2);

    // What the desk knows already counts as well.
    let known =
        "id,template,requester,description,fields.amount\n1,budget,ada,pens,1200.5\n9,budget,ada,rulers,1\n";
    let (tried, _) = desk.try_import("known.csv", known);
    assert!(tried.contains("line 3: ") && tried.contains("import-9"), "{tried}");
    assert!(tried.contains("1 could be opened, 1 not"), "{tried}");
    let (done, _) = desk.import("known.csv", known);
    assert_eq!(tried.replace("could be opened", "opened"), done);
    assert_eq!(desk.count().await, 2);
}
