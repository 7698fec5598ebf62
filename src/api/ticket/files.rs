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

/// The longest from one piece to the next.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes a file in.
pub(super) async fn upload(
    desk: &Desk,
    caller: Arc<Caller>,
    mut pieces: Streaming<v1::UploadAttachmentRequest>,
    stop: &CancellationToken,
) -> Result<v1::UploadAttachmentResponse, Status> {
    let Some(In::Start(start)) = next(&mut pieces, stop).await? else {
        return Err(Fault::field("start", "must come first: what the file is, and whose").into());
    };
    let mut upload = desk.upload(Arc::clone(&caller), announced(&caller, start)?).await?;
    while let Some(part) = next(&mut pieces, stop).await? {
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

/// The next piece; nothing at the end.
async fn next(
    pieces: &mut Streaming<v1::UploadAttachmentRequest>,
    stop: &CancellationToken,
) -> Result<Option<In>, Status> {
    let piece = stop.run_until_cancelled(timeout(PATIENCE, pieces.message())).await;
    let piece = piece.ok_or(Denied::Stopping)?.map_err(|_| Denied::Late)??;
    match piece {
        None => Ok(None),
        Some(v1::UploadAttachmentRequest { part: Some(part) }) => Ok(Some(part)),
        Some(v1::UploadAttachmentRequest { part: None }) => {
            Err(Fault::field("part", "is empty: each message has `start` or `chunk`").into())
        }
    }
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
