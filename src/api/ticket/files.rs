//! Files that come and go in pieces.

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use super::{life::attachment, request::expected};
use crate::{
    api::{parse::Checks, status::Denied},
    desk::{
        Desk,
        fault::Fault,
        files::{Announced, Download},
    },
    domain::people::{Caller, Role},
    proto::{
        life::attachment_to,
        v1::{self, download_attachment_response::Part as Out, upload_attachment_request::Part as In},
    },
};

/// The longest from one byte of a file to the next: a client that sends nothing for this long has gone, and what it
/// holds, an open file and a place among its tenant's uploads, is for others. Networks that come back do so sooner.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes a file in.
pub(super) async fn upload(
    desk: &Desk,
    caller: Arc<Caller>,
    mut pieces: Streaming<v1::UploadAttachmentRequest>,
    stop: &CancellationToken,
) -> Result<v1::UploadAttachmentResponse, Status> {
    let Some(In::Start(start)) = next(&mut pieces, stop, PATIENCE).await? else {
        return Err(Fault::field("start", "must come first: what the file is, and whose").into());
    };
    let mut upload = desk.upload(Arc::clone(&caller), announced(&caller, start)?).await?;
    while let Some(part) = next(&mut pieces, stop, PATIENCE).await? {
        match part {
            In::Chunk(bytes) => upload.feed(&bytes).await?,
            In::Start(_) => return Err(Fault::field("start", "comes once, and first").into()),
        }
    }
    let (attachment, ticket) = upload.finish().await?;
    let ticket = works(&caller).then_some(ticket);
    Ok(v1::UploadAttachmentResponse { attachment: Some(attachment), ticket })
}

/// Whether the caller works on tickets; else they speak for an employee.
fn works(caller: &Caller) -> bool {
    caller.has(&[Role::Agent, Role::Manager, Role::Admin])
}

/// The next piece that has something in it; nothing at the end.
async fn next(
    pieces: &mut (impl Stream<Item = Result<v1::UploadAttachmentRequest, Status>> + Unpin),
    stop: &CancellationToken,
    patience: Duration,
) -> Result<Option<In>, Status> {
    let piece = async {
        loop {
            match pieces.next().await.transpose()? {
                None => return Ok(None),
                // No byte of the file came.
                Some(v1::UploadAttachmentRequest { part: Some(In::Chunk(bytes)) }) if bytes.is_empty() => {}
                Some(v1::UploadAttachmentRequest { part: Some(part) }) => return Ok(Some(part)),
                Some(v1::UploadAttachmentRequest { part: None }) => {
                    return Err(Fault::field("part", "is empty: each message has `start` or `chunk`").into());
                }
            }
        }
    };
    let piece = stop.run_until_cancelled(timeout(patience, piece)).await;
    piece.ok_or(Denied::Stopping)?.map_err(|_| Denied::Stalled(patience))?
}

/// Names and types are the desk's to judge: it knows which are taken.
fn announced(caller: &Caller, raw: v1::UploadAttachmentStart) -> Result<Announced, Fault> {
    let mut checks = Checks::default();
    let announced = Announced {
        request: checks.id("start.request_id", raw.request_id),
        ticket: checks.ticket("start.ticket", &raw.ticket),
        name: raw.name,
        content_type: raw.content_type,
        expected: expected(raw.expected_version),
        requester: (!works(caller)).then(|| checks.person("start.requester", raw.requester)),
    };
    checks.done(announced)
}

/// Gives a file out.
pub(super) async fn download(
    desk: &Desk,
    caller: &Caller,
    raw: v1::DownloadAttachmentRequest,
) -> Result<impl Stream<Item = Result<v1::DownloadAttachmentResponse, Status>> + Send + use<>, Status> {
    let mut checks = Checks::default();
    let ticket = checks.ticket("ticket", &raw.ticket);
    let id = attachment(&mut checks, &raw.attachment);
    let (ticket, id) = checks.done((ticket, id))?;
    let (attachment, file) = desk.download(caller, ticket, id).await?;
    let answer = |part| v1::DownloadAttachmentResponse { part: Some(part) };
    let first = stream::iter([Ok(answer(Out::Attachment(attachment_to(&attachment))))]);
    let rest = stream::try_unfold(file, piece).map(move |it| it.map(answer).map_err(Status::from));
    Ok(first.chain(rest))
}

async fn piece(mut file: Download) -> Result<Option<(Out, Download)>, Fault> {
    let bytes = file.next().await?;
    Ok((!bytes.is_empty()).then_some((Out::Chunk(bytes), file)))
}

#[cfg(test)]
mod tests {
    use futures_util::future::pending;
    use tonic::Code;
    use tonic_types::StatusExt as _;

    use super::*;

    fn chunk(bytes: &[u8]) -> Result<v1::UploadAttachmentRequest, Status> {
        Ok(v1::UploadAttachmentRequest { part: Some(In::Chunk(bytes.to_vec())) })
    }

    #[tokio::test]
    async fn who_sends_no_byte_is_not_waited_for_without_end() {
        let (stop, patience) = (CancellationToken::new(), Duration::from_millis(20));
        let mut silent = Box::pin(stream::once(pending::<Result<v1::UploadAttachmentRequest, Status>>()));
        // Messages that bring nothing are no sign of life.
        let mut empty = Box::pin(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Some((chunk(b""), ()))
        }));
        let refused = [next(&mut silent, &stop, patience).await, next(&mut empty, &stop, patience).await];
        for it in refused {
            let status = it.unwrap_err();
            assert_eq!(status.code(), Code::DeadlineExceeded);
            assert_eq!(status.get_error_details().error_info().unwrap().reason, "UPLOAD_STALLED");
        }
        let status = Status::from(Denied::Stalled(PATIENCE));
        assert!(status.message().contains("30 seconds") && status.message().contains("again"), "{status}");
        let mut pieces = stream::iter([chunk(b""), chunk(b"a"), chunk(b"")]);
        assert!(matches!(next(&mut pieces, &stop, PATIENCE).await, Ok(Some(In::Chunk(it))) if it == b"a"));
        assert!(matches!(next(&mut pieces, &stop, PATIENCE).await, Ok(None)));
    }
}
