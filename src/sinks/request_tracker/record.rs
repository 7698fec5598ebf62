//! A ticket as Request Tracker shows it, and the changes that it is asked for.

use serde_json::{Value, json};

use super::{KEY, RequestTracker};
use crate::sinks::Undelivered;

/// What was read of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) status: String,
    pub(super) subject: String,
    pub(super) queue: String,
    pub(super) owner: String,
    /// Our key, if it carries one.
    pub(super) key: Option<String>,
}

impl RequestTracker {
    /// Reads a record.
    pub(super) async fn read(&self, id: &str) -> Result<Record, Undelivered> {
        let query = [("fields", "Status,Subject,Queue,Owner,CustomFields"), ("fields[Queue]", "Name")];
        let json = self.rest.get(&["ticket", id], &query).await?;
        let text = |at: &str| json.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Record {
            status: text("/Status"),
            subject: text("/Subject"),
            queue: text("/Queue/Name"),
            owner: text("/Owner/id"),
            key: key_of(&json),
        })
    }

    /// Asks for changes, and for what became of them: the answer is 200 even if they were refused, so
    /// each field asked for is compared with what the record shows.
    pub(super) async fn change(&self, id: &str, fields: &[(&str, &str)]) -> Result<Record, Undelivered> {
        let body: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let said = self.rest.put(&["ticket", id], &body).await?;
        let record = self.read(id).await?;
        let refused = fields.iter().find(|(name, value)| record.shows(name).is_some_and(|it| it != *value));
        match refused {
            None => Ok(record),
            Some((name, value)) => Err(unchanged(id, name, value, &said)),
        }
    }
}

impl Record {
    fn shows(&self, field: &str) -> Option<&str> {
        match field {
            "Status" => Some(&self.status),
            "Subject" => Some(&self.subject),
            "Queue" => Some(&self.queue),
            "Owner" => Some(&self.owner),
            _ => None,
        }
    }
}

/// The key that a record, or a row of a search, carries.
pub(super) fn key_of(json: &Value) -> Option<String> {
    let fields = json.get("CustomFields")?.as_array()?;
    let field = fields.iter().find(|it| it.get("name").and_then(Value::as_str) == Some(KEY))?;
    field.pointer("/values/0").and_then(Value::as_str).map(str::to_owned)
}

/// Why a field stayed as it was. A subject is what people wrote, and what was said about it repeats it:
/// neither belongs in a log.
fn unchanged(id: &str, field: &str, value: &str, said: &Value) -> Undelivered {
    let said: Vec<&str> = said.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let said = if said.is_empty() { "nothing".to_owned() } else { said.join("; ") };
    let why = match field {
        "Subject" => format!("ticket {id} did not take its new Subject; Request Tracker's own log says why"),
        _ => format!("ticket {id} did not take {field} `{value}`: it said {said}"),
    };
    // The only sign of a missing right is this sentence.
    if said.to_lowercase().contains("permission denied") {
        Undelivered::Blocked { why: format!("{why}; give the token's user the right ModifyTicket") }
    } else {
        Undelivered::Never { why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_calls_for_a_person_and_a_refused_value_does_not() {
        let said = json!(["Ticket 7: Permission Denied"]);
        assert!(matches!(unchanged("7", "Status", "open", &said), Undelivered::Blocked { .. }));
        let said = json!(["Ticket 7: Status 'wrong' isn't a valid status for this ticket."]);
        let verdict = unchanged("7", "Status", "wrong", &said);
        assert!(matches!(verdict, Undelivered::Never { .. }));
        let right = "ticket 7 did not take Status `wrong`: it said Ticket 7: Status 'wrong' isn't a valid \
                     status for this ticket.";
        assert_eq!(verdict.to_string(), right);
    }

    #[test]
    fn what_people_wrote_is_not_repeated_when_it_is_refused() {
        let said = json!(["Ticket 7: Subject 'my password is sesame' was refused"]);
        let verdict = unchanged("7", "Subject", "my password is sesame", &said).to_string();
        assert!(verdict.contains("Subject") && !verdict.contains("sesame"), "{verdict}");
    }

    #[test]
    fn a_key_is_read_from_its_own_custom_field_alone() {
        let json = json!({"CustomFields": [
            {"name": "Impact", "values": ["tkt_b"]}, {"name": KEY, "values": ["tkt_a"]},
        ]});
        assert_eq!(key_of(&json).as_deref(), Some("tkt_a"));
        assert_eq!(key_of(&json!({"CustomFields": [{"name": KEY, "values": []}]})), None);
        assert_eq!(key_of(&json!({})), None);
    }
}
