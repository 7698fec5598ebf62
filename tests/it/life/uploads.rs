//! Uploads that come to nothing: what they hold is given back, and what they left is taken away.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use ticket_dispatch::proto::v1::{
    self, TicketState, ticket_service_client::TicketServiceClient, upload_attachment_request::Part,
};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, transport::Endpoint};
use tonic_types::StatusExt as _;

use super::stage::{Desk, to};
use crate::app::Settings;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

type Answer = Result<v1::UploadAttachmentResponse, Status>;

/// An upload that has begun, and that ends when its sender goes.
async fn begun(
    desk: &Desk,
    ticket: &str,
) -> (Sender<v1::UploadAttachmentRequest>, tokio::task::JoinHandle<Answer>) {
    begun_with(desk, desk.file(ticket, "a.png", "image/png")).await
}

async fn begun_with(
    desk: &Desk,
    start: v1::UploadAttachmentStart,
) -> (Sender<v1::UploadAttachmentRequest>, tokio::task::JoinHandle<Answer>) {
    let (sender, receiver) = channel(64);
    sender.send(part(Part::Start(start))).await.unwrap();
    // It is the service that must end it.
    let channel = Endpoint::from_shared(desk.app.url()).unwrap().connect_lazy();
    let (mut tickets, request) =
        (TicketServiceClient::new(channel), desk.request(ReceiverStream::new(receiver)));
    let call = async move { tickets.upload_attachment(request).await.map(tonic::Response::into_inner) };
    (sender, tokio::spawn(call))
}

fn part(part: Part) -> v1::UploadAttachmentRequest {
    v1::UploadAttachmentRequest { part: Some(part) }
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    details.error_info().unwrap_or_else(|| panic!("{status:?}")).reason.clone()
}

/// Files below a folder, but for locks.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let all = entries.filter_map(Result::ok).flat_map(|it| match it.file_type() {
        Ok(kind) if kind.is_dir() => files(&it.path()),
        Ok(_) => vec![it.path()],
        Err(_) => vec![],
    });
    all.filter(|it| it.file_name().is_some_and(|name| name != "lock")).collect()
}

/// A client that has gone without a word holds neither a file nor a place: messages without a byte are no sign of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_upload_of_which_nothing_comes_ends() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await.number;
    let (silent, quiet) = begun(&desk, &ticket).await;
    let (empty, busy) = begun(&desk, &ticket).await;
    let incoming = desk.app.data().join("attachments/incoming");
    desk.until(|| async { files(&incoming).len() == 2 }).await;
    let beat = tokio::spawn(async move {
        while empty.send(part(Part::Chunk(vec![]))).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    for call in [quiet, busy] {
        let status = call.await.unwrap().unwrap_err();
        assert_eq!((status.code(), reason(&status)), (Code::DeadlineExceeded, "UPLOAD_STALLED".to_owned()));
        assert!(status.message().contains("30 seconds"), "{status}");
    }
    drop(silent);
    beat.await.unwrap();
    desk.until(|| async { files(&incoming).is_empty() }).await;
    assert!(files(&desk.app.data().join("attachments/kept")).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_tenant_sends_so_many_files_at_once_and_takes_no_place_of_anothers() {
    const MOST: usize = 32;
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let (acme, globex) = (desk.app.token("acme", "agent"), desk.app.token("globex", "agent"));
    let mut desk = desk.holding(globex.clone());
    let theirs = desk.open("bo").await.number;
    desk.hold(Some(acme));
    let ticket = desk.open("ada").await.number;
    let incoming = desk.app.data().join("attachments/incoming");
    let mut under_way = vec![];
    for _ in 0..MOST {
        under_way.push(begun(&desk, &ticket).await);
    }
    desk.until(|| async { files(&incoming).len() == MOST }).await;
    let refused = desk.upload(desk.file(&ticket, "b.png", "image/png"), PNG).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::ResourceExhausted, "TOO_MANY_UPLOADS".to_owned()));
    assert!(refused.message().contains("32 files") && refused.message().contains("wait"), "{refused}");
    assert!(refused.get_error_details().retry_info().is_some());
    desk.hold(Some(globex));
    desk.upload(desk.file(&theirs, "b.png", "image/png"), PNG).await.unwrap();

    // A client that goes gives its place back.
    let (_, call) = under_way.pop().unwrap();
    call.abort();
    desk.until(|| async { files(&incoming).len() == MOST - 1 }).await;
    desk.hold(Some(desk.app.token("acme", "agent")));
    desk.upload(desk.file(&ticket, "b.png", "image/png"), PNG).await.unwrap();
}

/// The ticket was closed while the file came.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_the_ticket_does_not_take_is_not_kept() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await.number;
    let (sender, call) = begun(&desk, &ticket).await;
    sender.send(part(Part::Chunk(PNG.to_vec()))).await.unwrap();
    let incoming = desk.app.data().join("attachments/incoming");
    desk.until(|| async { !files(&incoming).is_empty() }).await;
    for state in [TicketState::Resolved, TicketState::Closed] {
        desk.go(to(&ticket, state)).await.unwrap();
    }
    drop(sender);
    let refused = call.await.unwrap().unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "OVER".to_owned()));
    assert!(files(&desk.app.data().join("attachments/kept")).is_empty());
    // And a client hears it before it has sent anything.
    let (sender, call) = begun(&desk, &ticket).await;
    assert_eq!(reason(&call.await.unwrap().unwrap_err()), "OVER");
    drop(sender);
}

/// Somebody changed the ticket before the file came, or while it did.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_file_for_another_version_is_refused_before_it_comes_and_not_kept() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await;
    let known = |expected_version| v1::UploadAttachmentStart {
        expected_version,
        ..desk.file(&ticket.number, "a.png", "image/png")
    };
    let (sender, call) = begun_with(&desk, known(ticket.version)).await;
    sender.send(part(Part::Chunk(PNG.to_vec()))).await.unwrap();
    let incoming = desk.app.data().join("attachments/incoming");
    desk.until(|| async { !files(&incoming).is_empty() }).await;
    desk.comment(&ticket.number, "It still drops", false).await.unwrap();
    drop(sender);
    let refused = call.await.unwrap().unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::Aborted, "STALE".to_owned()));
    assert!(files(&desk.app.data().join("attachments/kept")).is_empty());
    assert!(files(&desk.app.data().join("attachments/pending")).is_empty());

    // A client hears it before it has sent anything: this one never ends.
    let (sender, call) = begun_with(&desk, known(ticket.version)).await;
    assert_eq!(reason(&call.await.unwrap().unwrap_err()), "STALE");
    drop(sender);

    let now = desk.get(&ticket.number).await.version;
    let start = known(now);
    let one = desk.upload(start.clone(), PNG).await.unwrap();
    // The same again has its answer, although the ticket has another version by now.
    assert_eq!(desk.upload(start, PNG).await.unwrap().attachment, one.attachment);
}

/// A request id that was used for another file is only found out when the file is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_no_ticket_has_is_taken_away_and_what_one_has_stays() {
    let mut desk = Desk::start(Settings::default());
    let (ticket, other) = (desk.open("ada").await.number, desk.open("bo").await.number);
    let start = desk.file(&ticket, "a.png", "image/png");
    let bytes = |last: u8| [PNG, &[last]].concat();
    let kept = desk.upload(start.clone(), &bytes(1)).await.unwrap().attachment.unwrap();
    let shared = desk.upload(desk.file(&other, "b.png", "image/png"), &bytes(2)).await.unwrap();
    let shared = shared.attachment.unwrap();
    for last in [2, 3] {
        let refused = desk.upload(start.clone(), &bytes(last)).await.unwrap_err();
        assert_eq!(refused.code(), Code::AlreadyExists);
    }
    let (places, notes) =
        (desk.app.data().join("attachments/kept"), desk.app.data().join("attachments/pending"));
    assert_eq!((files(&places).len(), files(&notes).len()), (3, 2));

    desk.app.stop();
    let long_ago = SystemTime::now() - Duration::from_secs(2 * 3600);
    let fresh = files(&places).into_iter().find(|it| {
        let read = std::fs::read(it).unwrap();
        read == bytes(3)
    });
    for it in files(&places).into_iter().chain(files(&notes)).filter(|it| Some(it) != fresh.as_ref()) {
        File::options().write(true).open(it).unwrap().set_modified(long_ago).unwrap();
    }
    desk.app.restart();
    // Both notes were looked at; the file that has just come may be on its way to a ticket.
    desk.until(|| async { files(&notes).len() == 1 }).await;
    assert_eq!(files(&places).len(), 3);

    desk.app.stop();
    File::options().write(true).open(fresh.unwrap()).unwrap().set_modified(long_ago).unwrap();
    desk.app.restart();
    desk.until(|| async { files(&notes).is_empty() }).await;
    assert_eq!(files(&places).len(), 2);
    assert_eq!(desk.download(&ticket, &kept.id).await.unwrap().1, bytes(1));
    assert_eq!(desk.download(&other, &shared.id).await.unwrap().1, bytes(2));
}
