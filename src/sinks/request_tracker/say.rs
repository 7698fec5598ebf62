//! Messages on a record, each posted once: its subject carries the event's position, which the record's
//! history shows.

use serde_json::{Value, json};

use super::{RequestTracker, record::Record};
use crate::{proto::v1, sinks::Undelivered};

/// Who sees a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Agents.
    Agents,
    /// The requestor as well, by mail.
    Everybody,
}

impl Audience {
    fn path(self) -> &'static str {
        match self {
            Self::Agents => "comment",
            Self::Everybody => "correspond",
        }
    }
}

/// The most entries that a page of a history holds.
const PAGE: &str = "100";

impl RequestTracker {
    /// Posts a message unless it stands there already. `status` is the one that the record shall have
    /// after it; without one it keeps its own.
    pub(super) async fn say(
        &self,
        event: &v1::Event,
        id: &str,
        audience: Audience,
        text: &str,
        status: Option<&str>,
    ) -> Result<Record, Undelivered> {
        let before = self.read(id).await?;
        let marker = marker(event);
        let mut is_there = self.said(id, &marker).await?;
        if !is_there && !self.seen().posted.contains(&marker) {
            let subject: String = before.subject.chars().take(100).collect();
            let body = json!({
                "Content": text,
                "ContentType": "text/plain",
                "Subject": format!("{subject} {marker}"),
                // Correspondence opens a ticket that is stalled or resolved, unless told to leave it.
                "Status": status.unwrap_or(&before.status),
            });
            self.rest.post(&["ticket", id, audience.path()], &body).await?;
            // Remembered first, so that a token that may not see it does not post it again and again.
            self.seen().posted.insert(marker.clone());
            is_there = self.said(id, &marker).await?;
        }
        if !is_there {
            let right = "give the token's user the rights ShowTicket and ShowTicketComments";
            let why = format!("a message on ticket {id} was taken but its history does not show it; {right}");
            return Err(Undelivered::Blocked { why });
        }
        self.seen().posted.remove(&marker);
        match status {
            Some(status) if before.status != status => self.reach(id, status).await,
            Some(_) | None => Ok(before),
        }
    }

    /// Whether the record's history, newest first, shows a message with this marker.
    async fn said(&self, id: &str, marker: &str) -> Result<bool, Undelivered> {
        for page in 1_u32.. {
            let page = page.to_string();
            let query = [
                ("fields", "Data"),
                ("orderby", "id"),
                ("order", "DESC"),
                ("per_page", PAGE),
                ("page", page.as_str()),
            ];
            let json = self.rest.get(&["ticket", id, "history"], &query).await?;
            let rows = json.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let subject =
                |row: &Value| row.get("Data").and_then(Value::as_str).is_some_and(|it| it.contains(marker));
            if rows.iter().any(subject) {
                return Ok(true);
            }
            // A short page is not the last one: what the token may not see is left out of it.
            if !json.get("next_page").is_some_and(Value::is_string) {
                break;
            }
        }
        Ok(false)
    }
}

/// Stands at the end of a subject; no other event has the same.
fn marker(event: &v1::Event) -> String {
    format!("[dispatch:{}:{}-{}]", event.partition, event.epoch, event.position)
}
