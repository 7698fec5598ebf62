//! Files of tickets: what is taken and what is not, that they come back as they were, and that nothing is half there.

use std::path::Path;

use ticket_dispatch::proto::v1::{self, TicketState, event::Fact, upload_attachment_request::Part};
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    fields,
    stage::{Desk, person, to},
};
use crate::app::Settings;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// A picture of so many bytes.
fn picture(size: usize) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    let noise = (0_u32..).map(|it| it.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    bytes.extend(noise.take(size - PNG.len()));
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_file_comes_back_as_it_was_also_after_a_restart() {
    let mut desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await;
    let bytes = picture(300_000);
    let start = desk.file(&ticket.number, "屏幕 1.png", "image/png");
    let answer = desk.upload(start.clone(), &bytes).await.unwrap();
    let file = answer.attachment.unwrap();
    assert_eq!(
        (file.name.as_str(), file.size, file.content_type.as_str()),
        ("屏幕 1.png", 300_000, "image/png")
    );
    assert_eq!(answer.ticket.unwrap().attachments, std::slice::from_ref(&file));
    // The same request again is one file.
    let again = desk.upload(start.clone(), &bytes).await.unwrap();
    assert_eq!(again.attachment.unwrap(), file);
    let other = desk.upload(start, &picture(300_001)).await.unwrap_err();
    assert_eq!(other.code(), Code::AlreadyExists);
    assert_eq!(desk.get(&ticket.number).await.attachments.len(), 1);

    desk.app.stop();
    desk.app.restart();
    let (said, read) = desk.download(&ticket.id, &file.id).await.unwrap();
    assert_eq!(said, file);
    assert!(read == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_no_fit_file_is_refused_with_what_would_be() {
    let settings = Settings::default()
        .config("[attachments]\nsize = \"64KiB\"\ntypes = \"image/png, text/plain, application/pdf\"\n");
    let desk = Desk::start(settings);
    let ticket = desk.open("ada").await.number;
    let lies: [(&str, &str, &[u8], &str, &str); 11] = [
        ("a.png", "image/png", b"", "chunk", "is empty"),
        ("a.png", "image/png", &picture(64 * 1024 + 1), "chunk", "more than 65536 bytes"),
        ("a.png", "image/png", b"MZ\x90\0\x03", "chunk", "is a program"),
        ("a.txt", "text/plain", b"#!/bin/sh\nid\n", "chunk", "is a program"),
        ("a.pdf", "application/pdf", PNG, "chunk", "is not of the type"),
        ("a.txt", "text/plain", b"a\0b", "chunk", "has control characters"),
        ("../a.png", "image/png", PNG, "start.name", "without a path"),
        ("a\u{7}.png", "image/png", PNG, "start.name", "control character"),
        ("a\u{202e}gnp.exe", "image/png", PNG, "start.name", "control character"),
        ("a.exe", "image/png", PNG, "start.name", "is a program"),
        ("a.gif", "image/gif", b"GIF89a", "start.content_type", "text/plain, application/pdf"),
    ];
    for (name, content_type, bytes, field, problem) in lies {
        let refused = desk.upload(desk.file(&ticket, name, content_type), bytes).await.unwrap_err();
        assert_eq!(
            (refused.code(), fields(&refused)),
            (Code::InvalidArgument, vec![field.to_owned()]),
            "{name}"
        );
        assert!(refused.message().contains(problem), "{refused}");
    }
    let two = desk.upload(desk.file(&ticket, "a/b", "x/y"), PNG).await.unwrap_err();
    assert_eq!(fields(&two), ["start.name", "start.content_type"], "all that is wrong at once");
    let start = || Part::Start(desk.file(&ticket, "a.png", "image/png"));
    let chunk = || Part::Chunk(PNG.to_vec());
    for parts in [vec![], vec![chunk()], vec![start(), chunk(), start()]] {
        let refused = desk.upload_parts(parts).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["start".to_owned()]));
    }
    let exactly = desk.upload(desk.file(&ticket, "a.png", "image/png"), &picture(64 * 1024)).await;
    assert_eq!(exactly.unwrap().attachment.unwrap().size, 64 * 1024);
    assert_eq!(desk.get(&ticket).await.attachments.len(), 1);
    assert_eq!(files_below(&desk.app.data().join("attachments/incoming")), 0, "nothing half is left");

    desk.go(to(&ticket, TicketState::Resolved)).await.unwrap();
    desk.go(to(&ticket, TicketState::Closed)).await.unwrap();
    let over = desk.upload(desk.file(&ticket, "b.png", "image/png"), PNG).await.unwrap_err();
    assert_eq!(over.code(), Code::FailedPrecondition);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_removed_file_is_seen_no_more_and_its_history_stays() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await.number;
    let file = desk.upload(desk.file(&ticket, "salaries.png", "image/png"), PNG).await.unwrap();
    let file = file.attachment.unwrap().id;
    let kept = desk.upload(desk.file(&ticket, "screen.png", "image/png"), PNG).await.unwrap();
    let kept = kept.attachment.unwrap().id;
    let left = desk.remove(&ticket, &file).await.unwrap();
    assert_eq!(left.attachments.iter().map(|it| &it.id).collect::<Vec<_>>(), [&kept]);
    let gone = desk.download(&ticket, &file).await.unwrap_err();
    let never = desk.download(&ticket, "att_00000000000000000000000000000000").await.unwrap_err();
    assert_eq!(
        (gone.code(), gone.message(), gone.details()),
        (never.code(), never.message(), never.details())
    );
    assert_eq!(gone.code(), Code::NotFound);
    // The same bytes under another name are there.
    assert_eq!(desk.download(&ticket, &kept).await.unwrap().1, PNG);
    let again = desk.remove(&ticket, &file).await.unwrap_err();
    assert_eq!(again.get_error_details().error_info().unwrap().reason, "NOT_THERE");
    let facts: Vec<_> = desk.events(&ticket).await.into_iter().filter_map(|it| it.fact).collect();
    let attached = facts.iter().filter(|it| matches!(it, Fact::TicketAttached(_))).count();
    let detached =
        facts.into_iter().find_map(|it| if let Fact::TicketDetached(it) = it { Some(it) } else { None });
    assert_eq!((attached, detached.unwrap().reason.as_str()), (2, "the wrong file"));
    let bad = desk.remove(&ticket, "att_7").await.unwrap_err();
    assert_eq!((bad.code(), fields(&bad)), (Code::InvalidArgument, vec!["attachment".to_owned()]));
}

/// A screenshot that an employee sends in the chat comes through the bot: to a ticket of theirs, and to no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_bot_brings_the_files_of_its_employee() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let (agent, bot) = (desk.app.token("default", "agent"), desk.app.token("default", "bot"));
    let mut desk = desk.holding(agent.clone());
    let ticket = desk.open("ada").await.number;
    desk.hold(Some(bot));
    let file = |ticket: &str, requester| v1::UploadAttachmentStart {
        requester,
        ..desk.file(ticket, "screen.png", "image/png")
    };
    let refused = desk.upload(file(&ticket, None), PNG).await.unwrap_err();
    assert_eq!(
        (refused.code(), fields(&refused)),
        (Code::InvalidArgument, vec!["start.requester".to_owned()])
    );
    let (bo, ada) = (Some(person("bo")), Some(person("ada")));
    let others = desk.upload(file(&ticket, bo), PNG).await.unwrap_err();
    let nobodys = desk.upload(file("INC-999999", ada.clone()), PNG).await.unwrap_err();
    assert_eq!(
        (others.code(), others.message(), others.details()),
        (Code::NotFound, nobodys.message(), nobodys.details())
    );
    let answer = desk.upload(file(&ticket, ada), PNG).await.unwrap();
    let taken = answer.attachment.unwrap();
    assert_eq!((taken.author.as_str(), answer.ticket), ("ada", None));
    let denied = desk.download(&ticket, &taken.id).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    desk.hold(Some(agent));
    assert_eq!(desk.download(&ticket, &taken.id).await.unwrap().1, PNG);
}

/// Killed in the middle of a file: neither the ticket nor the folder has half of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_there_as_a_whole_or_not_at_all() {
    let mut desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await.number;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let pieces = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let piece = |part| v1::UploadAttachmentRequest { part: Some(part) };
    sender.send(piece(Part::Start(desk.file(&ticket, "a.png", "image/png")))).await.unwrap();
    sender.send(piece(Part::Chunk(picture(50_000)))).await.unwrap();
    let mut tickets = desk.tickets();
    let call = tokio::spawn(async move { tickets.upload_attachment(pieces).await });
    let incoming = desk.app.data().join("attachments/incoming");
    desk.until(|| async { bytes_below(&incoming) == 50_000 }).await;
    desk.app.kill();
    assert!(call.await.unwrap().is_err());
    drop(sender);
    assert_eq!(bytes_below(&incoming), 50_000, "as the kill left it");
    desk.app.restart();
    assert_eq!(bytes_below(&incoming), 0);
    assert_eq!(files_below(&desk.app.data().join("attachments/kept")), 0);
    assert!(desk.get(&ticket).await.attachments.is_empty());
    desk.upload(desk.file(&ticket, "a.png", "image/png"), PNG).await.unwrap();
}

/// Bytes of the files below a folder; locks have none.
fn bytes_below(folder: &Path) -> u64 {
    below(folder).iter().sum()
}

/// How many files below a folder have something in them.
fn files_below(folder: &Path) -> usize {
    below(folder).len()
}

fn below(folder: &Path) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let sizes = entries.filter_map(Result::ok).flat_map(|it| match it.metadata() {
        Ok(about) if about.is_dir() => below(&it.path()),
        Ok(about) => vec![about.len()],
        Err(_) => vec![],
    });
    sizes.filter(|it| *it > 0).collect()
}
