//! Folding a ticket's events gives its row, whatever happened to it.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use ticket_dispatch::{
    domain::{
        asset::Criticality,
        attachment::{Attachment, MediaType},
        change::{self, Against, ChangeType, Plan, Review, Risk, RiskLevel, Scheduled, Span},
        field::FieldValue,
        id::{AssetId, AttachmentId, TicketId},
        lifecycle::{CancelReason, HoldReason, ResolutionCode, State, Who},
        lookup::TicketRef,
        people::{Bilingual, Person},
        priority::{Impact, Priority, Urgency},
        sla::{Due, Ended, Goal, Outcome, Promised, SlaChoice, outcomes},
        task::{Task, TaskItem},
        ticket::{
            AssetFacts, AssetLink, Command, Holder, LinkedHow, MoveTo, Relation, Said, TaskAct, Ticket,
            TicketAssets, Tie, Update,
        },
        time::Timestamp,
    },
    proto::{event::fact_from, time::time_from, v1},
};

use super::stage::{Stage, change, comment, open, open_change, tenant};

on_both!(folding_the_events_gives_the_row, folding_the_events_of_a_change_gives_its_row);

async fn folding_the_events_gives_the_row(stage: Stage) {
    let mut runner = TestRunner::deterministic();
    let histories: Vec<Vec<Command>> =
        (0..24).map(|_| vec(command(), 1..25).new_tree(&mut runner).unwrap().current()).collect();
    let mut ended = BTreeMap::new();
    for (case, history) in histories.into_iter().enumerate() {
        let id = open(&stage.store, "acme", &format!("open {case}"), "ada").await.unwrap().id;
        let mut done = 1;
        for (turn, command) in history.into_iter().enumerate() {
            // What the rules refuse leaves no event.
            if change(&stage.store, "acme", &format!("{case} {turn}"), id, command).await.is_ok() {
                done += 1;
            }
        }
        let events = stage.store.history(&tenant("acme"), id, 0, 1000).await.unwrap();
        let row = stage.store.ticket(&tenant("acme"), &TicketRef::Id(id)).await.unwrap().unwrap();
        assert!(events.len() >= done);
        assert_eq!(row.version, events.len() as u64);
        assert_eq!(folded(id, &events, &mut ended), row);
    }
    outcomes_are_what_the_histories_say(&stage, ended).await;
    loads_are_what_a_recount_says(&stage).await;
}

async fn folding_the_events_of_a_change_gives_its_row(stage: Stage) {
    let mut runner = TestRunner::deterministic();
    let histories: Vec<Vec<Command>> =
        (0..24).map(|_| vec(step(), 5..40).new_tree(&mut runner).unwrap().current()).collect();
    let (mut ended, mut reviewed) = (BTreeMap::new(), 0);
    for (case, history) in histories.into_iter().enumerate() {
        let id = open_change(&stage.store, "acme", &format!("open {case}"), "ada").await.unwrap().id;
        for (turn, command) in history.into_iter().enumerate() {
            // What the rules refuse leaves no event.
            let _ = change(&stage.store, "acme", &format!("{case} {turn}"), id, command).await;
        }
        let events = stage.store.history(&tenant("acme"), id, 0, 1000).await.unwrap();
        let row = stage.store.ticket(&tenant("acme"), &TicketRef::Id(id)).await.unwrap().unwrap();
        assert_eq!(row.version, events.len() as u64);
        assert_eq!(folded(id, &events, &mut ended), row);
        reviewed += usize::from(row.change.is_some_and(|it| it.review.is_some()));
    }
    assert!(0 < reviewed, "none came to its end");
}

/// What happens to a change; more often what brings it on.
fn step() -> impl Strategy<Value = Command> {
    let window = |from: i64| Span { start: Timestamp(from), end: Timestamp(from + 7_200_000) };
    let plan = move |(text, from, level): (String, i64, usize)| Plan {
        kind: ChangeType::Standard,
        implementation: text,
        window: Some(window(from)),
        answers: vec![("downtime".into(), "none".into())],
        risk: Risk {
            level: RiskLevel::ALL[level],
            points: 3,
            against: vec![Against { what: "downtime".into(), points: 3 }],
            down: level > 0,
        },
        ..Plan::default()
    };
    let scheduled = move |from: i64| Scheduled {
        window: window(from),
        by: "mei".into(),
        reason: "it must".into(),
        freezes: vec!["audit".into()],
        windows: vec!["nights".into()],
        accepted: vec!["CHG-000007".into()],
    };
    let review =
        |at: usize| Review { outcome: change::Outcome::ALL[at], text: "So".into(), by: "mei".into() };
    prop_oneof![
        2 => ("[a-c]{1,9}", 0_i64..1_000_000, 0_usize..3).prop_map(move |it| Command::Plan(Box::new(plan(it)))),
        4 => (0_i64..1_000_000).prop_map(move |from| Command::Schedule(Box::new(scheduled(from)))),
        2 => (0_usize..4).prop_map(move |at| Command::Review(Box::new(review(at)))),
        4 => prop_oneof![Just(State::InProgress), Just(State::Resolved)].prop_map(|to| {
            let resolution = "Done".into();
            Command::Move(Box::new(MoveTo { resolution, ..MoveTo::new(to, Who::Manager) }))
        }),
        2 => command(),
    ]
}

async fn loads_are_what_a_recount_says(stage: &Stage) {
    let tickets = stage.store.tickets(&tenant("acme"), &Default::default(), None, 1000).await.unwrap();
    let loads = stage.store.loads(&tenant("acme")).await.unwrap();
    for agent in ["mei", "omar", "lena"] {
        let holds = |it: &&Ticket| it.holder() == Some(Holder::Agent(agent));
        let open = tickets.iter().filter(holds).count();
        assert_eq!(loads.get(agent).map_or(0, |it| it.open as usize), open, "{agent}");
    }
    for group in ["network", "a", "b", "c"] {
        let waiting = tickets.iter().filter(|it| it.holder() == Some(Holder::Group(group))).count();
        let counted = loads.get(&Holder::Group(group).key()).map_or(0, |it| it.open as usize);
        assert_eq!(counted, waiting, "{group}");
    }
}

/// How each goal ended last.
type Outcomes = BTreeMap<(TicketId, Goal, Timestamp), Outcome>;

async fn outcomes_are_what_the_histories_say(stage: &Stage, ended: Outcomes) {
    let mut expected: BTreeMap<_, u64> = BTreeMap::new();
    for it in ended.into_values().filter(|it| it.result != Ended::Open) {
        *expected.entry((it.goal, it.result, it.policy, it.group, it.service, it.priority)).or_default() += 1;
    }
    let sums = stage.store.outcomes(&tenant("acme"), Timestamp(0), Timestamp(i64::MAX)).await.unwrap();
    let sums: BTreeMap<_, u64> = sums
        .into_iter()
        .map(|it| ((it.goal, it.result, it.policy, it.group, it.service, it.priority), it.count))
        .collect();
    assert!(sums.len() > 4, "{sums:?}");
    assert_eq!(sums, expected);
    assert_eq!(stage.store.outcomes(&tenant("other"), Timestamp(0), Timestamp(i64::MAX)).await.unwrap(), []);
}

fn folded(id: TicketId, events: &[v1::Event], ended: &mut Outcomes) -> Ticket {
    let mut ticket: Option<Ticket> = None;
    for event in events {
        assert_eq!(event.subject, id.to_string());
        let fact = fact_from(event.fact.as_ref().unwrap()).unwrap().unwrap();
        let at = time_from(event.time.as_ref().unwrap());
        ticket = Some(match ticket {
            None => Ticket::opened(&fact).unwrap(),
            Some(before) => {
                let after = before.clone().apply(&fact, at);
                let outcomes = outcomes(&before, &fact, &after, at);
                ended.extend(outcomes.into_iter().map(|it| ((it.ticket, it.goal, it.started), it)));
                after
            }
        });
    }
    ticket.unwrap()
}

fn command() -> impl Strategy<Value = Command> {
    let agent = prop_oneof![Just(None), "(mei|omar|lena)".prop_map(Some)];
    let hold = prop_oneof![Just(HoldReason::Requester), Just(HoldReason::Vendor)];
    prop_oneof![
        3 => ".{0,40}".prop_map(|it| comment(&it.replace('\0', ""))),
        2 => Just(Command::Comment { text: "here".into(), internal: false, by_requester: true }),
        2 => ("[a-c]", agent)
            .prop_map(|(group, agent)| Command::Assign { group, agent, because: vec![] }),
        6 => (0..State::ALL.len(), hold, 0_i64..1_000_000).prop_map(|(to, hold, until)| {
            Command::Move(Box::new(MoveTo {
                hold: Some(hold),
                until: Some(Timestamp(until)),
                resolution: "Restarted it".into(),
                code: Some(ResolutionCode::Workaround),
                cancel: Some(CancelReason::Duplicate),
                comment: "Which floor?".into(),
                ..MoveTo::new(State::ALL[to], Who::Manager)
            }))
        }),
        4 => tie().prop_map(Command::Tie),
        2 => assets().prop_map(|it| Command::Assets(Box::new(it))),
        4 => (update(), proptest::option::of(1_i64..1_000_000)).prop_map(|(update, due)| {
            let resolution = due.map(|it| Timestamp(it * 1000));
            let due = Due { resolution, look: resolution, ola: resolution, ..Due::default() };
            Command::Update(Update { due: Some(due), ..update })
        }),
        1 => update().prop_map(Command::Update),
        6 => ("[a-c]", act()).prop_map(|(task, act)| Command::Task { task, act, now: Timestamp(7000) }),
    ]
}

fn act() -> impl Strategy<Value = TaskAct> {
    let item = TaskItem { label: Bilingual::default(), done: false };
    let task = move |id: String| Task {
        id,
        label: Bilingual { en: "Do it".into(), zh: "做".into() },
        group: Some("a".into()),
        agent: None,
        after: vec![],
        optional: true,
        items: vec![item.clone()],
        ended: None,
    };
    prop_oneof![
        3 => "[a-c]".prop_map(move |id| TaskAct::Add(Box::new(task(id)))),
        1 => "(mei|omar)".prop_map(|agent| TaskAct::Take { agent }),
        2 => any::<bool>().prop_map(|done| TaskAct::Tick { item: 0, done }),
        1 => Just(TaskAct::Finish { note: "done".into() }),
        1 => Just(TaskAct::Skip { reason: "no".into(), anyway: false }),
        1 => Just(TaskAct::Reopen { reason: "again".into() }),
    ]
}

fn assets() -> impl Strategy<Value = TicketAssets> {
    let how = prop_oneof![
        Just(LinkedHow::Manual),
        Just(LinkedHow::Computed),
        Just(LinkedHow::NotImpacted),
        Just(LinkedHow::Named)
    ];
    let link = (how, 1_u8..5).prop_map(|(how, which)| AssetLink {
        asset: AssetId::from_bytes([which; 16]),
        tag: format!("NB-{which}"),
        how,
        because: if how == LinkedHow::Computed { "SW-1".into() } else { String::new() },
        facts: AssetFacts {
            kind: "switch".into(),
            criticality: Criticality::ALL[usize::from(which) % 3],
            location: format!("Rack {which}"),
            fields: vec![("ports".to_owned(), FieldValue::Number(which.into()))],
        },
    });
    let level = || proptest::option::of(0_usize..3);
    let said = |it: usize| Said {
        impact: Impact::ALL[it],
        urgency: Urgency::ALL[2 - it],
        priority: Priority::ALL[it + 1],
    };
    let counts = (any::<u32>(), any::<u32>());
    (vec(link, 0..4), counts, level(), level()).prop_map(move |(links, (computed, people), impact, least)| {
        let agreed = least.map(|it| Impact::ALL[it]);
        TicketAssets {
            links,
            computed,
            people,
            impact: impact.map(|it| Impact::ALL[it]),
            agreed,
            said: least.map(said),
        }
    })
}

/// One of a few people, files and tickets, so that ties are taken away as well.
fn tie() -> impl Strategy<Value = Tie> {
    (0_u8..7, 1_u8..4).prop_map(|(what, which)| {
        let person = Person { issuer: "idp".into(), subject: format!("watcher-{which}"), name: "Bo".into() };
        let other = Ticket {
            number: format!("INC-{which}"),
            ..super::stage::ticket(TicketId::from_bytes([which; 16]), &person)
        };
        let file = AttachmentId::from_bytes([which; 16]);
        match what {
            0 => Tie::Watch(person),
            1 => Tie::Unwatch(person),
            2 => Tie::Attach(Attachment {
                id: file,
                name: format!("{which}.png"),
                media: MediaType::Png,
                size: 7,
                hash: [which; 32],
                by: "mei".into(),
                at: Timestamp(1_800_000_000_000),
            }),
            3 => Tie::Detach { id: file, reason: "wrong file".into() },
            4 => Tie::Link { relation: Relation::Related, other: Box::new(other) },
            5 => Tie::Link { relation: Relation::Parent, other: Box::new(other) },
            _ => Tie::Unlink { relation: Relation::Related, other: other.id },
        }
    })
}

fn update() -> impl Strategy<Value = Update> {
    (proptest::option::of("[a-z]{1,9}"), 0_usize..3, proptest::option::of(any::<i32>())).prop_map(
        |(subject, level, number)| Update {
            subject,
            impact: Some(Impact::ALL[level]),
            urgency: Some(Urgency::ALL[2 - level]),
            priority: Some(Priority::ALL[level]),
            promised: number
                .map(|_| Promised { urgency: Urgency::ALL[level], priority: Priority::ALL[3 - level] }),
            fields: number
                .map(|it| ("floor".to_owned(), FieldValue::Number(it.into())))
                .into_iter()
                .collect(),
            due: None,
            sla: (level == 1)
                .then(|| SlaChoice { policy: "strict".into(), rule: number.map(|_| "by-site".into()) }),
            catalog: number.map(|it| it.unsigned_abs().into()),
        },
    )
}
