//! Which tickets may be tied, and that no order of ties makes a circle.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::{
    id::Slot,
    ticket::{Command, tests::ticket},
    time::Timestamp,
};

fn numbered(count: u8) -> Ticket {
    let id = TicketId::new([count; 16], Slot(0));
    Ticket { id, number: format!("INC-{count}"), ..ticket() }
}

fn apply(ticket: &Ticket, events: &[Event]) -> Ticket {
    events.iter().fold(ticket.clone(), |it, event| it.apply(event, Timestamp(9)))
}

/// Makes one part of another, with both sides of the link.
fn part_of(child: &mut Ticket, parent: &mut Ticket) -> Result<(), Refusal> {
    let tie = Tie::Link { relation: Relation::Parent, other: Box::new(parent.clone()) };
    *child = apply(child, &child.decide(Command::Tie(tie), "mei")?);
    let link = child.as_link(Relation::Child);
    *parent = apply(parent, &[Event::Tied(Tied::Linked(link))]);
    Ok(())
}

fn merged(ticket: &Ticket, into: &Ticket) -> Result<Vec<Event>, Refusal> {
    ticket.decide(Command::Tie(Tie::Merge { into: Box::new(into.clone()) }), "mei")
}

#[test]
fn a_parent_has_no_parent_and_nobody_is_above_themselves() {
    let (mut one, mut two, mut three) = (numbered(1), numbered(2), numbered(3));
    assert_eq!(part_of(&mut one.clone(), &mut one), Err(Knot::Itself.into()));
    part_of(&mut one, &mut two).unwrap();
    assert_eq!(part_of(&mut two, &mut one), Err(Knot::Circular("INC-1".into()).into()));
    let has_parent = Knot::HasParent { child: "INC-1".into(), parent: "INC-2".into() };
    assert_eq!(part_of(&mut three, &mut one), Err(has_parent.clone().into()));
    assert_eq!(part_of(&mut one, &mut three), Err(has_parent.into()));
    assert_eq!(part_of(&mut two, &mut three), Err(Knot::HasChildren("INC-2".into()).into()));
}

/// Linking a ticket replaces its earlier links.
#[test]
fn a_link_takes_no_other_links_place() {
    let (mut parent, other) = (numbered(9), numbered(8));
    let tie = Tie::Link { relation: Relation::Related, other: Box::new(other.clone()) };
    parent = apply(&parent, &parent.decide(Command::Tie(tie.clone()), "mei").unwrap());
    for count in 1..4 {
        part_of(&mut numbered(count), &mut parent).unwrap();
    }
    let numbers: Vec<_> = parent.ties.links.iter().map(|it| it.number.as_str()).collect();
    assert_eq!(numbers, ["INC-8", "INC-1", "INC-2", "INC-3"]);
    assert!(matches!(parent.decide(Command::Tie(tie), "mei"), Err(Refusal::Tie(Knot::There(_)))));
    let unlink = Tie::Unlink { relation: Relation::Related, other: other.id };
    let left = apply(&parent, &parent.decide(Command::Tie(unlink), "mei").unwrap());
    assert_eq!(left.ties.links.len(), 3);
}

#[test]
fn a_merged_ticket_is_cancelled_and_every_command_names_the_survivor() {
    let (one, two) = (numbered(1), numbered(2));
    let gone = apply(&one, &merged(&one, &two).unwrap());
    assert_eq!((gone.state, gone.course.cancel), (State::Cancelled, Some(CancelReason::Duplicate)));
    let refusal = Refusal::Merged { number: "INC-1".into(), survivor: "INC-2".into() };
    let comment = Command::Comment { text: "x".into(), internal: true, by_requester: false };
    let commands = [
        comment,
        Command::Tie(Tie::Watch(Person::default())),
        Command::Assign { group: "a".into(), agent: None, because: vec![] },
        Command::Tie(Tie::Merge { into: Box::new(two.clone()) }),
    ];
    for command in commands {
        assert_eq!(gone.decide(command, "mei"), Err(refusal.clone()));
    }
    let over = Knot::OtherOver { number: "INC-1".into(), state: State::Cancelled };
    assert_eq!(merged(&two, &gone), Err(over.into()), "a circle");
    assert_eq!(merged(&two, &two), Err(Knot::Itself.into()));
    let closed = Ticket { state: State::Closed, ..numbered(3) };
    assert_eq!(merged(&closed, &two), Err(Refusal::Over(State::Closed)));
    assert!(merged(&two, &closed).is_err());
}

#[test]
fn a_merge_that_would_lose_a_file_or_a_person_is_refused_with_how_many_are_too_many() {
    let file = |count: u8| Attachment {
        id: AttachmentId::new([count; 16], Slot(0)),
        name: "a.png".into(),
        media: crate::domain::attachment::MediaType::Png,
        size: 1,
        hash: [0; 32],
        by: "mei".into(),
        at: Timestamp(1),
    };
    let person =
        |count: usize| Person { issuer: "chat".into(), subject: format!("p{count}"), name: String::new() };
    let (mut one, mut two) = (numbered(1), numbered(2));
    one.requester = person(0);
    one.ties.attachments = (0..30).map(file).collect();
    two.ties.attachments = (30..55).map(file).collect();
    let refused =
        |what, count, most| Err(Knot::Overfull { number: "INC-2".into(), what, count, most }.into());
    assert_eq!(merged(&one, &two), refused("files", 55, FILES));
    let told = merged(&one, &two).unwrap_err().to_string();
    assert!(told.contains("would have 55 files") && told.contains("5 more"), "{told}");
    // One that both have is one.
    two.ties.attachments = (10..50).map(file).collect();
    merged(&one, &two).unwrap();

    one.ties.watchers = (1..50).map(person).collect();
    two.ties.watchers = (40..100).map(person).collect();
    merged(&one, &two).unwrap();
    two.ties.watchers.push(person(100));
    assert_eq!(merged(&one, &two), refused("watchers", 101, WATCHERS), "the requester is told as well");
    two.requester = person(0);
    merged(&one, &two).unwrap();

    let link = |it: usize| Link { relation: Relation::Related, ticket: one.id, number: it.to_string() };
    two.ties.links = (0..LINKS).map(link).collect();
    assert_eq!(merged(&one, &two), refused("links", 501, LINKS));
}

#[test]
fn a_survivor_is_left_what_causes_and_what_settles() {
    let (mut one, mut two) = (numbered(1), numbered(2));
    let link = |relation, count: u8| numbered(count).as_link(relation);
    let passed = [
        link(Relation::CausedBy, 3),
        link(Relation::SettledBy, 4),
        link(Relation::Causes, 5),
        link(Relation::Settles, 6),
    ];
    one.ties.links = passed.to_vec();
    one.ties.links.extend([link(Relation::Related, 7), link(Relation::Follows, 8)]);
    assert_eq!(one.links_left_to(&two).cloned().collect::<Vec<_>>(), passed);
    two.ties.links = vec![link(Relation::SettledBy, 4)];
    assert!(one.links_left_to(&two).all(|it| it.relation != Relation::SettledBy), "it has it already");
}

#[test]
fn what_is_scheduled_gets_no_assets_by_a_merge() {
    use crate::domain::{
        change::{Record, Scheduled, Span},
        id::AssetId,
        ticket::{AssetLink, LinkedHow, TicketAssets},
    };
    let about = |tag: u8| TicketAssets {
        links: vec![AssetLink::new(AssetId::from_bytes([tag; 16]), "SW", LinkedHow::Manual)],
        ..TicketAssets::default()
    };
    let change = |count, tag| Ticket {
        kind: TicketKind::Change,
        assets: about(tag),
        change: Some(Box::default()),
        ..numbered(count)
    };
    let (planned, mut scheduled) = (change(1, 1), change(2, 1));
    let window = Span { start: Timestamp(0), end: Timestamp(9) };
    let (by, reason, freezes, windows, accepted) = (String::new(), String::new(), vec![], vec![], vec![]);
    let place = Some(Scheduled { window, by, reason, freezes, windows, accepted });
    scheduled.change = Some(Box::new(Record { scheduled: place, ..Record::default() }));
    merged(&planned, &scheduled).unwrap();
    let refused = merged(&change(3, 3), &scheduled);
    assert!(matches!(refused, Err(Refusal::Unplanned(Unplanned::OtherAsAgreed { .. }))), "{refused:?}");
}

#[test]
fn what_was_said_elsewhere_answers_nothing_and_asks_for_nothing() {
    let before = ticket();
    for by_requester in [false, true] {
        let carried = Some(crate::domain::ticket::Carried { number: "INC-2".into(), at: Timestamp(1) });
        let (author, text) = ("bo".to_owned(), "Restarted it".to_owned());
        let said = Event::Commented { author, text, internal: false, by_requester, carried };
        let after = apply(&before, &[said]);
        assert_eq!((after.responded, &after.clocks), (before.responded, &before.clocks));
        assert_eq!(after.comments, 1);
    }
}

#[test]
fn watchers_come_and_go_once() {
    let person = Person { issuer: "chat".into(), subject: "bo".into(), name: "Bo".into() };
    let watched = |it: &Ticket| it.decide(Command::Tie(Tie::Watch(person.clone())), "mei");
    let after = apply(&ticket(), &watched(&ticket()).unwrap());
    assert!(matches!(watched(&after), Err(Refusal::Tie(Knot::There(_)))));
    let requester = Command::Tie(Tie::Watch(ticket().requester));
    assert!(matches!(after.decide(requester, "mei"), Err(Refusal::Tie(Knot::There(_)))));
    let gone = Command::Tie(Tie::Unwatch(person.clone()));
    let left = apply(&after, &after.decide(gone.clone(), "mei").unwrap());
    assert!(left.ties.watchers.is_empty());
    assert!(matches!(left.decide(gone, "mei"), Err(Refusal::Tie(Knot::Absent(_)))));
}

proptest! {
    /// Whatever is made part of whatever, in whatever order: one level, no circle, and both sides agree.
    #[test]
    fn no_order_of_links_makes_a_circle(pairs in vec((0_usize..6, 0_usize..6), 0..40)) {
        let mut all: Vec<Ticket> = (0..6).map(numbered).collect();
        for (child, parent) in pairs {
            let (mut below, mut above) = (all[child].clone(), all[parent].clone());
            if part_of(&mut below, &mut above).is_ok() {
                all[child] = below;
                all[parent] = above;
            }
        }
        for it in &all {
            let parents: Vec<_> = it.ties.related(Relation::Parent).collect();
            prop_assert!(parents.len() <= 1);
            prop_assert!(parents.is_empty() || it.ties.related(Relation::Child).next().is_none());
            for link in parents {
                let above = all.iter().find(|other| other.id == link.ticket).unwrap();
                prop_assert!(above.ties.has(Relation::Child, it.id));
            }
        }
    }
}
