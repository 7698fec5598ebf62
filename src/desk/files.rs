//! Files of tickets: they come in pieces and are looked at as they come; they are on disk before the ticket has them,
//! and a ticket has only files that are there.

mod orphans;
mod places;

use std::sync::Arc;

use tokio::io::AsyncReadExt as _;

use self::places::Place;
pub use self::places::Places;
use super::{
    Desk,
    command::{Change, What, Wish},
    fault::{Fault, Violation},
};
use crate::{
    attachments::{Folder, Incoming},
    clock,
    domain::{
        attachment::{Attachment, Inspector, MediaType, name_problem},
        id::{AttachmentId, Slot},
        lookup::TicketRef,
        people::{Caller, Person},
    },
    proto::v1,
};

/// Bytes of a file that are read at once.
const PIECE: usize = 48 * 1024;

/// Where files are, and which are taken.
#[derive(Debug, Clone)]
pub struct Files {
    /// Where they are.
    pub folder: Folder,
    /// The most bytes that one may have.
    pub size: usize,
    /// The types that are taken.
    pub types: Arc<[MediaType]>,
    /// How many come now.
    pub places: Places,
}

/// What is said of a file before it comes.
#[derive(Debug, Clone)]
pub struct Announced {
    /// Request id.
    pub request: String,
    /// Whose file.
    pub ticket: TicketRef,
    /// What it is called.
    pub name: String,
    /// Its type, as the caller writes it.
    pub content_type: String,
    /// Refuse unless the ticket has this version.
    pub expected: Option<u64>,
    /// Whose ticket it must be: the employee for whom a bot speaks.
    pub requester: Option<Person>,
}

/// A file that comes.
#[derive(Debug)]
pub struct Upload {
    desk: Desk,
    caller: Arc<Caller>,
    announced: Announced,
    media: MediaType,
    file: Incoming,
    inspector: Inspector,
    _place: Place,
}

impl Desk {
    /// Begins to take a file, if the ticket and what is said of the file allow it.
    pub async fn upload(&self, caller: Arc<Caller>, announced: Announced) -> Result<Upload, Fault> {
        let media = self.fitting(&announced)?;
        let ticket = self.find(&caller, &announced.ticket).await?;
        if announced.requester.as_ref().is_some_and(|it| ticket.requester != *it) {
            return Err(Fault::NotFound("ticket"));
        }
        let place = self.files.places.take(&caller.tenant)?;
        // Decided again where it is written; a caller need not send all of it to hear this.
        self.may_have(&caller, &announced).await?;
        let file = self.files.folder.begin().await.map_err(unwritten)?;
        let inspector = Inspector::new(media);
        Ok(Upload { desk: self.clone(), caller, announced, media, file, inspector, _place: place })
    }

    /// Whether a ticket takes one more file now. What was done already is not asked again: it has its answer.
    async fn may_have(&self, caller: &Caller, announced: &Announced) -> Result<(), Fault> {
        if self.store.is_done(&caller.tenant, &announced.request).await? {
            return Ok(());
        }
        let ticket = self.find(caller, &announced.ticket).await?;
        if let Some(expected) = announced.expected.filter(|it| *it != ticket.version) {
            return Err(Fault::Stale { what: "ticket", expected, current: ticket.version });
        }
        Ok(ticket.takes_files()?)
    }

    /// Takes away what uploads of processes that have ended left behind.
    pub fn sweep_uploads(&self) -> std::io::Result<()> {
        self.files.folder.sweep()
    }

    /// All that is wrong with what is said of a file, or its type.
    fn fitting(&self, announced: &Announced) -> Result<MediaType, Fault> {
        let mut wrong = vec![];
        if let Some(problem) = name_problem(&announced.name) {
            wrong.push(Violation::new("start.name", problem));
        }
        let media = MediaType::parse(&announced.content_type).filter(|it| self.files.types.contains(it));
        if media.is_none() {
            let taken: Vec<_> = self.files.types.iter().map(|it| it.as_str()).collect();
            let problem = format!("is not one of the types that are taken: {}", taken.join(", "));
            wrong.push(Violation::new("start.content_type", problem));
        }
        media.filter(|_| wrong.is_empty()).ok_or(Fault::Malformed(wrong))
    }

    /// A file of a ticket: what it is, and its bytes.
    pub async fn download(
        &self,
        caller: &Caller,
        ticket: TicketRef,
        id: AttachmentId,
    ) -> Result<(Attachment, Download), Fault> {
        let ticket = self.find(caller, &ticket).await?;
        let attachment = ticket.ties.attachment(id).ok_or(Fault::NotFound("attachment"))?.clone();
        let file = self.files.folder.read(&caller.tenant, &attachment.hash).await.map_err(unwritten)?;
        Ok((attachment, Download { file }))
    }
}

impl Upload {
    /// Takes the next bytes, unless there are too many.
    pub async fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.inspector.feed(bytes);
        let most = self.desk.files.size;
        if self.inspector.size() > most as u64 {
            return Err(Fault::field(
                "chunk",
                format!("the file has more than {most} bytes, which is the most"),
            ));
        }
        self.file.write(bytes).await.map_err(unwritten)
    }

    /// Puts the file in its place, and gives it to the ticket.
    pub async fn finish(self) -> Result<(v1::Attachment, v1::Ticket), Fault> {
        let size = self.inspector.size();
        self.inspector.finish().map_err(|lie| Fault::field("chunk", format!("the file {lie}")))?;
        // The ticket may have changed since this began: what it does not take need not be kept.
        self.desk.may_have(&self.caller, &self.announced).await?;
        let kept = self.file.keep(&self.caller.tenant).await.map_err(unwritten)?;
        let Announced { request, ticket, name, content_type: _, expected, requester } = self.announced;
        let attachment = Attachment {
            id: AttachmentId::new(clock::new_bytes(), Slot(0)),
            name,
            media: self.media,
            size,
            hash: kept.hash,
            by: requester.map_or_else(|| self.caller.subject.clone(), |it| it.subject),
            at: clock::now(),
        };
        let what = What::Tie(Wish::Attach(attachment));
        let change = self.desk.change(&self.caller, Change { request, ticket, what, expected }).await;
        let settled = match &change {
            Ok(_) => kept.known().await,
            Err(fault) if is_certain(fault) => kept.withdraw().await.map(|_| ()),
            // A ticket may have it.
            Err(_) => Ok(()),
        };
        if let Err(error) = settled {
            // It is looked at again later.
            tracing::warn!(%error, "a file that came, or the note of it, cannot be taken away");
        }
        let ticket = change?;
        // The same request again gives the ticket as it was then, and so the file that it then got: its last one.
        let attachment = ticket.attachments.last().cloned().ok_or(Fault::Unavailable)?;
        Ok((attachment, ticket))
    }
}

/// The bytes of a file.
#[derive(Debug)]
pub struct Download {
    file: tokio::fs::File,
}

impl Download {
    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Vec<u8>, Fault> {
        let mut piece = vec![0; PIECE];
        let count = self.file.read(&mut piece).await.map_err(unwritten)?;
        piece.truncate(count);
        Ok(piece)
    }
}

/// Whether a change that did not go through will not have gone through.
fn is_certain(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused(_) | Fault::Stale { .. } | Fault::NotFound(_))
}

/// The disk is full, or a file is gone: nothing of it is the caller's fault.
fn unwritten(error: std::io::Error) -> Fault {
    tracing::error!(%error, "the folder of attachments cannot be used");
    Fault::Unavailable
}
