//! Opening a record once: search by key, verify what was found, else create, read back, compare.

use serde_json::{Value, json};

use super::{KEY, NUMBER, RequestTracker, change::status_of, record::key_of, wording};
use crate::{
    proto::v1,
    sinks::{Delivered, Undelivered},
};

impl RequestTracker {
    pub(super) async fn open(
        &self,
        event: &v1::Event,
        opened: &v1::TicketOpened,
    ) -> Result<Delivered, Undelivered> {
        let Some(ticket) = &opened.ticket else {
            return Err(Undelivered::Never { why: "ticket_opened carries no ticket".to_owned() });
        };
        let key = &event.subject;
        let found = match self.find(key).await? {
            None => self.find_marked(key).await?,
            found => found,
        };
        #[cfg(debug_assertions)]
        let found = found.filter(|_| !self.is_careless);
        let known = found.or_else(|| self.seen().keyless.get(key).cloned());
        let id = match known {
            Some(id) => id,
            None => self.create(key, ticket).await?,
        };
        self.keep_key(&id, key, &ticket.subject).await?;
        Ok(Delivered::To(id))
    }

    /// The record that carries this key; of several, the oldest.
    pub(super) async fn find(&self, key: &str) -> Result<Option<String>, Undelivered> {
        self.first(key, &format!("CF.{{{KEY}}} ="), |row| key_of(row).as_deref() == Some(key)).await
    }

    /// The record that was made for this key, did not keep it, and still has it in its subject.
    async fn find_marked(&self, key: &str) -> Result<Option<String>, Undelivered> {
        let has_mark = |row: &Value| row.get("Subject")?.as_str().map(|it| it.ends_with(&mark(key)));
        let fits = |row: &Value| has_mark(row) == Some(true) && key_of(row).is_none();
        self.first(key, "Subject LIKE", fits).await
    }

    /// The oldest record whose `place` has the key, and which fits.
    async fn first(
        &self,
        key: &str,
        place: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Option<String>, Undelivered> {
        // The key goes into a query: nothing may pass that could end its quotes.
        if !key.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_') {
            return Err(Undelivered::Never { why: format!("`{key}` is no ticket id") });
        }
        let search = format!("{place} '{key}'");
        let query = [("query", search.as_str()), ("fields", "Subject,CustomFields"), ("orderby", "id")];
        let found = self.rest.get(&["tickets"], &query).await?;
        let rows = found.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<u64> = rows
            .iter()
            .filter(|row| fits(row))
            .filter_map(|row| row.get("id")?.as_str()?.parse().ok())
            .collect();
        ids.sort_unstable();
        if ids.len() > 1 {
            tracing::warn!(sink.name = %self.name, ticket.id = %key, records = ?ids, "several records carry one key");
        }
        Ok(ids.first().map(u64::to_string))
    }

    async fn create(&self, key: &str, ticket: &v1::Ticket) -> Result<String, Undelivered> {
        let queue = self.queue_of(&ticket.group);
        let with_number = self.check(queue).await?;
        let is_keeping = self.seen().keeping.contains(queue);
        let subject = if is_keeping { ticket.subject.clone() } else { marked(&ticket.subject, key) };
        let mut fields = json!({ KEY: key });
        if with_number && let Some(fields) = fields.as_object_mut() {
            fields.insert(NUMBER.to_owned(), json!(ticket.number));
        }
        let mut body = json!({
            "Queue": queue,
            "Subject": subject,
            "Content": wording::opened(ticket),
            "ContentType": "text/plain",
            // It refuses to be born in any other state than these two.
            "Status": if status_of(ticket.state()) == "open" { "open" } else { "new" },
            "CustomFields": fields,
        });
        let address = ticket.requester.as_ref().map(|it| it.subject.as_str()).filter(|it| is_address(it));
        let owner = self.owners.get(&ticket.agent).map(String::as_str);
        for (name, value) in [("Requestor", address), ("Owner", owner)] {
            if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                body.insert(name.to_owned(), json!(value));
            }
        }
        let made = self.rest.post(&["ticket"], &body).await?;
        let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() || !id.bytes().all(|it| it.is_ascii_digit()) {
            return Err(Undelivered::Again {
                after: None,
                why: "a ticket was made without an id".to_owned(),
            });
        }
        Ok(id.to_owned())
    }

    /// Finds out, before anything is made there, whether a queue can keep our key: a record made without
    /// it could not be found again. True if the queue has a field for the number as well.
    pub(super) async fn check(&self, queue: &str) -> Result<bool, Undelivered> {
        if let Some(with_number) = self.seen().queues.get(queue) {
            return Ok(*with_number);
        }
        let json = self.rest.get(&["queue", queue], &[]).await.map_err(|it| no_queue(queue, it))?;
        let fields = json.get("TicketCustomFields").and_then(Value::as_array);
        let has = |name| {
            let mut fields = fields.into_iter().flatten();
            fields.any(|it| it.get("name").and_then(Value::as_str) == Some(name))
        };
        if !has(KEY) {
            let why = format!(
                "queue `{queue}` has no custom field {KEY} that the token's user can see: create it (type: \
                 enter one value, applies to: tickets), apply it to the queue or globally, and give the \
                 user the rights SeeCustomField, SetInitialCustomField and ModifyCustomField"
            );
            return Err(Undelivered::Blocked { why });
        }
        self.seen().queues.insert(queue.to_owned(), has(NUMBER));
        Ok(has(NUMBER))
    }

    /// Reads a record back and compares its key; one that has none gets a second chance to take it. Once it
    /// has the key it needs no mark in its subject any more.
    async fn keep_key(&self, id: &str, key: &str, subject: &str) -> Result<(), Undelivered> {
        let mut record = self.read(id).await?;
        if record.key.as_deref() != Some(key) {
            // Remembered and marked, so that no attempt after this one makes another record, nor one of a
            // process that remembers nothing.
            self.seen().keyless.insert(key.to_owned(), id.to_owned());
            let body = json!({ "Subject": marked(subject, key), "CustomFields": { KEY: key } });
            self.rest.put(&["ticket", id], &body).await?;
            record = self.read(id).await?;
        }
        if record.key.as_deref() == Some(key) {
            if record.subject.ends_with(&mark(key))
                && let Err(error) = self.rest.put(&["ticket", id], &json!({ "Subject": subject })).await
            {
                // The record is there and has its key: an ugly subject is worth no second attempt.
                tracing::warn!(sink.name = %self.name, record = id, %error, "a mark stays in a subject");
            }
            let mut seen = self.seen();
            seen.keyless.remove(key);
            seen.keeping.insert(record.queue);
            return Ok(());
        }
        let mut seen = self.seen();
        seen.queues.clear();
        seen.keeping.clear();
        drop(seen);
        let why = format!(
            "ticket {id} was made but did not keep {KEY} {key}: give the token's user the rights \
             SeeCustomField, SetInitialCustomField and ModifyCustomField"
        );
        Err(Undelivered::Blocked { why })
    }
}

/// What stands at the end of a subject while it is not known whether the record keeps its key.
fn mark(key: &str) -> String {
    format!("[{key}]")
}

fn marked(subject: &str, key: &str) -> String {
    // Request Tracker cuts a subject after 200 characters, and it is the end that counts here.
    let subject: String = subject.chars().take(140).collect();
    format!("{subject} {}", mark(key))
}

fn no_queue(queue: &str, error: Undelivered) -> Undelivered {
    match error {
        Undelivered::Never { why } | Undelivered::Blocked { why } if !why.contains("answered 401") => {
            let right = "create it, or give the token's user the rights SeeQueue and CreateTicket there";
            Undelivered::Blocked { why: format!("queue `{queue}` cannot be used: {why}; {right}") }
        }
        other @ (Undelivered::Again { .. }
        | Undelivered::Away { .. }
        | Undelivered::Never { .. }
        | Undelivered::Blocked { .. }) => other,
    }
}

/// Whether the text can stand as a requestor: it would make a user of whatever it is given.
fn is_address(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || "._+-".contains(it);
    match text.split_once('@') {
        Some((name, host)) => {
            let host_fits = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
            !name.is_empty() && name.chars().all(plain) && host_fits && host.chars().all(plain)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_address_becomes_a_requestor() {
        for good in ["ann@example.com", "a.b+c@mail.example.org"] {
            assert!(is_address(good), "{good}");
        }
        for bad in
            ["U123", "@example.com", "ann@localhost", "a b@example.com", "a@b.c, d@e.f", "a@b@c.d", "a@.d"]
        {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_queue_that_is_not_there_says_what_to_create() {
        let refused = Undelivered::Never { why: "GET /queue/Gone answered 404: Not Found".to_owned() };
        let why = no_queue("Gone", refused).to_string();
        assert!(why.starts_with("queue `Gone` cannot be used") && why.contains("create it"), "{why}");
        let denied = Undelivered::Blocked { why: "GET /queue/x answered 401: Unauthorized".to_owned() };
        assert_eq!(no_queue("x", denied.clone()), denied);
    }
}
