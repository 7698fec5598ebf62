//! Tickets that are merged, split, linked, followed up, and watched.

use ticket_dispatch::proto::v1::{
    self, CancelReason, LinkRelation, ResolutionCode, TicketState, event::Fact,
};
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    fields,
    stage::{Desk, links, person, to},
};
use crate::{
    app::Settings,
    parts::{installed::Part, postgres::Postgres},
};

/// Each on a database of its own: SQLite, and PostgreSQL where tickets lie in different partitions.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(super::Desk::start(super::Settings::default())).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if super::Part::Postgres.is_missing() {
                    return;
                }
                let postgres = super::Postgres::start();
                let settings = super::Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
                super::$test(super::Desk::start(settings)).await;
            })+
        }
    };
}

on_both!(
    a_merged_ticket_leaves_all_it_has_to_the_survivor,
    two_merges_that_would_make_a_circle_do_not,
    a_resolved_parent_resolves_its_children,
    children_are_resolved_although_the_program_was_killed,
    links_stand_on_both_sides_and_replace_nothing,
);

async fn a_merged_ticket_leaves_all_it_has_to_the_survivor(desk: Desk) {
    let (gone, stays) = (desk.open("ada").await, desk.open("bo").await);
    desk.comment(&gone.number, "Which office?", false).await.unwrap();
    desk.comment(&gone.number, "The gateway again", true).await.unwrap();
    desk.watch(&gone.number, "cy", 0).await.unwrap();
    desk.upload(desk.file(&gone.number, "log.txt", "text/plain"), b"no route to host\n").await.unwrap();
    let before = desk.get(&stays.number).await;

    let merged = desk.merge(&gone.number, &stays.number).await.unwrap();
    assert_eq!((merged.state(), merged.cancel_reason()), (TicketState::Cancelled, CancelReason::Duplicate));
    assert_eq!(links(&merged), [(LinkRelation::MergedInto, stays.number.as_str())]);
    desk.until(|| async { !desk.get(&stays.number).await.links.is_empty() }).await;
    let survivor = desk.get(&stays.number).await;
    assert_eq!(links(&survivor), [(LinkRelation::MergedFrom, gone.number.as_str())]);
    let watchers: Vec<_> = survivor.watchers.iter().map(|it| it.subject.as_str()).collect();
    assert_eq!(watchers, ["ada", "cy"], "the requester of the merged one is told as well");
    assert_eq!(survivor.attachments.len(), 1);
    let (_, bytes) = desk.download(&stays.number, &survivor.attachments[0].id).await.unwrap();
    assert_eq!(bytes, b"no route to host\n");

    let said = desk.comments(&stays.number).await;
    let said: Vec<_> =
        said.iter().map(|it| (it.text.as_str(), it.internal, it.carried_from.as_str())).collect();
    let from = gone.number.as_str();
    assert_eq!(
        said,
        [
            ("The VPN of ada drops", false, from),
            ("Which office?", false, from),
            ("The gateway again", true, from)
        ]
    );
    // The survivor's clock counts, and what was answered elsewhere answers nothing here.
    assert_eq!((survivor.response_time, survivor.asked_time), (before.response_time, before.asked_time));
    assert_eq!(survivor.resolution_due, before.resolution_due);
    assert_eq!((survivor.state(), survivor.requester), (before.state(), before.requester));

    let refused = [
        desk.comment(&gone.number, "hello?", false).await,
        desk.go(to(&gone.number, TicketState::Assigned)).await,
        desk.watch(&gone.number, "di", 0).await,
        desk.merge(&gone.number, &stays.number).await,
        desk.follow_up(&gone.number, "hello?").await,
    ];
    for it in refused {
        let status = it.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
        assert!(status.message().contains(&format!("merged into {}", stays.number)), "{status}");
        assert_eq!(status.get_error_details().error_info().unwrap().metadata["survivor"], stays.number);
    }
    let refused = desk.merge(&stays.number, &gone.number).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "a circle: {refused}");
    let itself = desk.merge(&stays.number, &stays.id).await.unwrap_err();
    assert_eq!((itself.code(), fields(&itself)), (Code::InvalidArgument, vec!["into".to_owned()]));
    let nowhere = desk.merge(&stays.number, "INC-999999").await.unwrap_err();
    assert_eq!(nowhere.code(), Code::NotFound);
    let closed = desk.open("di").await;
    desk.close(&closed.number).await;
    for (ticket, into) in [(&closed.number, &stays.number), (&stays.number, &closed.number)] {
        assert_eq!(desk.merge(ticket, into).await.unwrap_err().code(), Code::FailedPrecondition);
    }
}

async fn two_merges_that_would_make_a_circle_do_not(desk: Desk) {
    for turn in 0..8 {
        let (one, two) = (desk.open(&format!("ada-{turn}")).await, desk.open(&format!("bo-{turn}")).await);
        let (there, back) = tokio::join!(desk.merge(&one.id, &two.id), desk.merge(&two.id, &one.id));
        assert!(there.is_ok() != back.is_ok(), "{there:?} {back:?}");
        let left = [desk.get(&one.id).await, desk.get(&two.id).await];
        assert_eq!(left.iter().filter(|it| it.state() == TicketState::Cancelled).count(), 1);
    }
}

async fn a_resolved_parent_resolves_its_children(desk: Desk) {
    let parent = desk.open("boss").await;
    let mut children = vec![];
    for who in ["ada", "bo", "cy", "di"] {
        let child = desk.open(who).await;
        desk.link(&child.number, LinkRelation::Parent, &parent.number).await.unwrap();
        children.push(child.number);
    }
    // One is over already, one is no child any more.
    desk.close(&children[2]).await;
    desk.unlink(&parent.number, LinkRelation::Child, &children[3]).await.unwrap();
    let resolved = v1::TransitionTicketRequest {
        resolution: "The gateway was replaced".to_owned(),
        resolution_code: ResolutionCode::Fixed.into(),
        ..to(&parent.number, TicketState::Resolved)
    };
    desk.go(resolved).await.unwrap();
    for child in &children[..2] {
        desk.until(|| async { desk.get(child).await.state() == TicketState::Resolved }).await;
        let child = desk.get(child).await;
        assert_eq!(child.resolution, "The gateway was replaced");
        assert_eq!(child.resolution_code(), ResolutionCode::Fixed);
    }
    assert_eq!(desk.get(&children[2]).await.state(), TicketState::Closed);
    assert_eq!(desk.get(&children[3]).await.state(), TicketState::Assigned);
    // A parent that comes back leaves its children as they are: each has its own requester.
    desk.go(to(&parent.number, TicketState::Assigned)).await.unwrap();
    assert_eq!(desk.get(&children[0]).await.state(), TicketState::Resolved);
    assert_eq!(moves_to(&desk, &children[0], TicketState::Resolved).await, 1);
}

/// A command of its own for each child, whose request id is the place of the cause: none is lost, none is done twice.
async fn children_are_resolved_although_the_program_was_killed(mut desk: Desk) {
    let parent = desk.open("boss").await.number;
    let mut children = vec![];
    for turn in 0..12 {
        let child = desk.open(&format!("ada-{turn}")).await.number;
        desk.link(&child, LinkRelation::Parent, &parent).await.unwrap();
        children.push(child);
    }
    desk.resolve(&parent).await;
    desk.app.kill();
    desk.app.restart();
    for child in &children {
        desk.until(|| async { desk.get(child).await.state() == TicketState::Resolved }).await;
        assert_eq!(moves_to(&desk, child, TicketState::Resolved).await, 1);
    }
}

async fn moves_to(desk: &Desk, ticket: &str, state: TicketState) -> usize {
    let is_move = |it: &v1::Event| matches!(&it.fact, Some(Fact::TicketMoved(it)) if it.to() == state);
    desk.events(ticket).await.iter().filter(|it| is_move(it)).count()
}

/// Linking a ticket to another one replaced its earlier links.
async fn links_stand_on_both_sides_and_replace_nothing(desk: Desk) {
    let (one, two, three) = (desk.open("ada").await, desk.open("bo").await, desk.open("cy").await);
    let (one, two, three) = (one.number, two.number, three.number);
    desk.link(&one, LinkRelation::Related, &two).await.unwrap();
    desk.link(&one, LinkRelation::Related, &three).await.unwrap();
    let child = desk.link(&one, LinkRelation::Child, &three).await.unwrap();
    assert_eq!(child.number, three, "of a parent and its child the child is changed first");
    let both = [(LinkRelation::Related, two.as_str()), (LinkRelation::Related, &three)];
    desk.until(|| async { desk.get(&one).await.links.len() == 3 }).await;
    assert_eq!(links(&desk.get(&one).await)[..2], both);
    assert_eq!(links(&desk.get(&one).await)[2], (LinkRelation::Child, three.as_str()));
    assert_eq!(links(&desk.get(&two).await), [(LinkRelation::Related, one.as_str())]);

    let four = desk.open("di").await.number;
    let refused = [
        (desk.link(&one, LinkRelation::Parent, &three).await, "CIRCULAR"),
        (desk.link(&one, LinkRelation::Parent, &four).await, "HAS_CHILDREN"),
        (desk.link(&four, LinkRelation::Parent, &three).await, "HAS_PARENT"),
        (desk.link(&three, LinkRelation::Parent, &four).await, "HAS_PARENT"),
        (desk.link(&one, LinkRelation::Related, &two).await, "ALREADY_THERE"),
        (desk.unlink(&four, LinkRelation::Related, &two).await, "NOT_THERE"),
        (desk.merge(&one, &four).await, "HAS_CHILDREN"),
    ];
    for (it, reason) in refused {
        let status = it.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
        assert_eq!(status.get_error_details().error_info().unwrap().reason, reason, "{status}");
    }
    for relation in [LinkRelation::MergedInto, LinkRelation::Unspecified] {
        let status = desk.link(&one, relation, &two).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["relation".to_owned()]));
    }
    let itself = desk.link(&one, LinkRelation::Parent, &one).await.unwrap_err();
    assert_eq!((itself.code(), fields(&itself)), (Code::InvalidArgument, vec!["other".to_owned()]));
    desk.unlink(&two, LinkRelation::Related, &one).await.unwrap();
    desk.until(|| async { desk.get(&one).await.links.len() == 2 }).await;
    assert_eq!(links(&desk.get(&one).await)[0], (LinkRelation::Related, three.as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_part_of_a_ticket_becomes_one_of_its_own() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await;
    desk.comment(&ticket.number, "The printer on floor 3 jams as well", false).await.unwrap();
    desk.comment(&ticket.number, "She always says so", true).await.unwrap();
    let of = |wanted: &str| {
        let wanted = wanted.to_owned();
        move |it: &&v1::Event| matches!(&it.fact, Some(Fact::TicketCommented(it)) if it.text.starts_with(&wanted))
    };
    let events = desk.events(&ticket.number).await;
    let position = |wanted: &str| events.iter().find(of(wanted)).unwrap().position;
    let split = |it: v1::SplitTicketRequest| {
        desk.split(v1::SplitTicketRequest { ticket: ticket.number.clone(), ..it })
    };
    let comment = v1::SplitTicketRequest {
        comment_position: position("The printer"),
        template: "printer_fault".to_owned(),
        fields: vec![
            field("symptom", v1::field_value::Value::Choice("jam".to_owned())),
            field("location", v1::field_value::Value::Location("floor 3".to_owned())),
        ],
        ..Default::default()
    };
    let new = split(comment.clone()).await.unwrap();
    assert_eq!(new.description, "The printer on floor 3 jams as well");
    assert_eq!((new.template.as_str(), &new.requester), ("printer_fault", &ticket.requester));
    assert_eq!(links(&new), [(LinkRelation::SplitFrom, ticket.number.as_str())]);
    let old = desk.get(&ticket.number).await;
    assert_eq!(links(&old), [(LinkRelation::SplitInto, new.number.as_str())]);
    let text = v1::SplitTicketRequest { text: "Mail is slow as well".to_owned(), ..Default::default() };
    let same = split(text.clone()).await.unwrap();
    assert_eq!((same.template, same.fields), (ticket.template.clone(), ticket.fields.clone()));

    let both = v1::SplitTicketRequest { comment_position: 1, ..text.clone() };
    let bad = [
        (v1::SplitTicketRequest::default(), "text"),
        (both, "comment_position"),
        (
            v1::SplitTicketRequest { comment_position: events[0].position, ..Default::default() },
            "comment_position",
        ),
        (v1::SplitTicketRequest { comment_position: 99_999, ..Default::default() }, "comment_position"),
        (
            v1::SplitTicketRequest { comment_position: position("She"), ..Default::default() },
            "comment_position",
        ),
        (v1::SplitTicketRequest { template: "no_such".to_owned(), ..text.clone() }, "template"),
    ];
    for (request, field) in bad {
        let status = split(request).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec![field.to_owned()]));
    }
    desk.close(&ticket.number).await;
    assert_eq!(split(text).await.unwrap_err().code(), Code::FailedPrecondition);
}

fn field(field: &str, value: v1::field_value::Value) -> v1::FieldValue {
    v1::FieldValue { field: field.to_owned(), value: Some(value) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_said_of_a_closed_ticket_becomes_one_that_follows_it() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await;
    for state in [TicketState::InProgress, TicketState::Resolved] {
        let refused = desk.follow_up(&ticket.number, "It drops again").await.unwrap_err();
        assert_eq!(refused.get_error_details().error_info().unwrap().reason, "NOT_OVER", "{refused}");
        desk.go(to(&ticket.number, state)).await.unwrap();
    }
    desk.go(to(&ticket.number, TicketState::Closed)).await.unwrap();
    let new = desk.follow_up(&ticket.number, "It drops again").await.unwrap();
    assert_eq!(links(&new), [(LinkRelation::Follows, ticket.number.as_str())]);
    assert_eq!((new.description.as_str(), new.state()), ("It drops again", TicketState::Assigned));
    assert_eq!((&new.requester, &new.fields), (&ticket.requester, &ticket.fields));
    let old = desk.get(&ticket.number).await;
    assert_eq!(
        (old.state(), links(&old)),
        (TicketState::Closed, vec![(LinkRelation::FollowedBy, new.number.as_str())])
    );
    // The same request again is the same ticket.
    let mut tickets = desk.tickets();
    let request = v1::FollowUpTicketRequest {
        request_id: "again".to_owned(),
        ticket: ticket.number,
        text: "And again".to_owned(),
    };
    let first = tickets.follow_up_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!(tickets.follow_up_ticket(request).await.unwrap().into_inner(), first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn watchers_come_and_go() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await.number;
    assert_eq!(desk.watch(&ticket, "cy", 0).await.unwrap().watchers, [person("cy")]);
    assert_eq!(desk.watch(&ticket, "bo", 0).await.unwrap().watchers, [person("cy"), person("bo")]);
    for (who, reason) in [("cy", "ALREADY_THERE"), ("ada", "ALREADY_THERE")] {
        let refused = desk.watch(&ticket, who, 0).await.unwrap_err();
        assert_eq!(refused.get_error_details().error_info().unwrap().reason, reason, "{refused}");
    }
    assert_eq!(desk.unwatch(&ticket, "cy").await.unwrap().watchers, [person("bo")]);
    let refused = desk.unwatch(&ticket, "cy").await.unwrap_err();
    assert_eq!(refused.get_error_details().error_info().unwrap().reason, "NOT_THERE", "{refused}");
    let nobody = desk.watch(&ticket, "", 0).await.unwrap_err();
    assert_eq!((nobody.code(), fields(&nobody)), (Code::InvalidArgument, vec!["watcher.subject".to_owned()]));
}

/// Another tenant's ticket looks like one that is not there, whatever is asked of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_is_tied_across_tenants() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let (here, there) = (desk.app.token("acme", "agent"), desk.app.token("globex", "agent"));
    let mut desk = desk.holding(there);
    let theirs = desk.open("bo").await;
    let file = desk.upload(desk.file(&theirs.number, "a.txt", "text/plain"), b"secret").await.unwrap();
    let file = file.attachment.unwrap().id;
    desk.hold(Some(here));
    let ours = desk.open("ada").await;
    let none = "tkt_00000000000000000000000000000000";
    let seen = async |other: &str| {
        let split =
            v1::SplitTicketRequest { ticket: other.to_owned(), text: "x".to_owned(), ..Default::default() };
        let upload = desk.upload(desk.file(other, "a.txt", "text/plain"), b"x").await;
        let all = [
            desk.merge(&ours.id, other).await.map(drop),
            desk.merge(other, &ours.id).await.map(drop),
            desk.link(&ours.id, LinkRelation::Parent, other).await.map(drop),
            desk.link(&ours.id, LinkRelation::Child, other).await.map(drop),
            desk.unlink(&ours.id, LinkRelation::Related, other).await.map(drop),
            desk.split(split).await.map(drop),
            desk.follow_up(other, "x").await.map(drop),
            desk.watch(other, "cy", 0).await.map(drop),
            desk.remove(other, &file).await.map(drop),
            desk.download(other, &file).await.map(drop),
            upload.map(drop),
        ];
        let told = |it: Result<(), tonic::Status>| {
            let status = it.unwrap_err();
            (status.code(), status.message().to_owned(), status.details().to_vec())
        };
        all.map(told)
    };
    let (of_another, of_nobody) = (seen(&theirs.id).await, seen(none).await);
    assert_eq!(of_another, of_nobody);
    assert!(of_nobody.iter().all(|(code, ..)| *code == Code::NotFound));
    assert!(desk.get(&ours.id).await.links.is_empty());
}
