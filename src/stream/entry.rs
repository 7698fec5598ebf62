//! An event as an entry of a stream: its id is the event's position, its fields are CloudEvents 1.0.

use std::{collections::HashMap, fmt, str::FromStr};

use prost::Message as _;

use crate::proto::{
    time::time_from,
    v1::{self, event::Fact},
};

/// Id of an entry, `<epoch>-<position>`. Ordered as Redis orders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Epoch of the event.
    pub epoch: u64,
    /// Position of the event.
    pub position: u64,
}

impl EntryId {
    /// Before every entry: no event has it.
    pub const START: Self = Self { epoch: 0, position: 0 };

    /// The id of an event's entry.
    pub fn of(event: &v1::Event) -> Self {
        Self { epoch: event.epoch, position: event.position }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.position)
    }
}

/// The text is no id of an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no entry id: expected <epoch>-<position>, such as 1-42")]
pub struct NoEntryId(String);

impl FromStr for EntryId {
    type Err = NoEntryId;

    fn from_str(text: &str) -> Result<Self, NoEntryId> {
        let wrong = || NoEntryId(text.to_owned());
        let (epoch, position) = text.split_once('-').ok_or_else(wrong)?;
        let number = |it: &str| it.parse().map_err(|_| wrong());
        Ok(Self { epoch: number(epoch)?, position: number(position)? })
    }
}

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/protobuf";

/// The fields of an event's entry, in the order in which they are written. `data` is protobuf JSON;
/// an event that JSON cannot hold (a newer version's enum value) goes as protobuf bytes instead, so that
/// it holds up nobody.
pub fn fields(event: &v1::Event) -> [(&'static str, Vec<u8>); 10] {
    let (kind, data) = match serde_json::to_vec(event) {
        Ok(json) => (JSON, json),
        Err(_) => (PROTOBUF, event.encode_to_vec()),
    };
    let text = |it: &str| it.as_bytes().to_vec();
    let id = format!("{}/{}/{}", event.tenant, event.partition, EntryId::of(event));
    [
        ("specversion", text("1.0")),
        ("id", id.into_bytes()),
        ("source", format!("/ticket-dispatch/{}", event.tenant).into_bytes()),
        ("type", format!("dispatch.v1.{}", name(event)).into_bytes()),
        ("subject", text(&event.subject)),
        ("time", time(event).into_bytes()),
        ("datacontenttype", text(kind)),
        ("partitionkey", text(&event.subject)),
        ("tenant", text(&event.tenant)),
        ("data", data),
    ]
}

/// The event in an entry's fields, if it is one of ours.
pub fn event_from(fields: &HashMap<String, Vec<u8>>) -> Option<v1::Event> {
    let data = fields.get("data")?;
    if fields.get("datacontenttype").is_some_and(|it| it == PROTOBUF.as_bytes()) {
        v1::Event::decode(data.as_slice()).ok()
    } else {
        serde_json::from_slice(data).ok()
    }
}

/// The message that says what happened, as the contract names it.
pub fn name(event: &v1::Event) -> &'static str {
    match &event.fact {
        Some(Fact::TicketOpened(_)) => "TicketOpened",
        Some(Fact::TicketAssigned(_)) => "TicketAssigned",
        Some(Fact::TicketCommented(_)) => "TicketCommented",
        Some(Fact::TicketMoved(_)) => "TicketMoved",
        Some(Fact::TicketUpdated(_)) => "TicketUpdated",
        Some(Fact::TicketEscalated(_)) => "TicketEscalated",
        Some(Fact::TicketOffered(_)) => "TicketOffered",
        Some(Fact::TicketOfferPassed(_)) => "TicketOfferPassed",
        Some(Fact::TicketTaskChanged(_)) => "TicketTaskChanged",
        Some(Fact::AgentPresenceChanged(_)) => "AgentPresenceChanged",
        Some(Fact::TicketLinked(_)) => "TicketLinked",
        Some(Fact::TicketUnlinked(_)) => "TicketUnlinked",
        Some(Fact::TicketWatched(_)) => "TicketWatched",
        Some(Fact::TicketAttached(_)) => "TicketAttached",
        Some(Fact::TicketDetached(_)) => "TicketDetached",
        Some(Fact::ApprovalAsked(_)) => "ApprovalAsked",
        Some(Fact::ApprovalVoted(_)) => "ApprovalVoted",
        Some(Fact::ApprovalHanded(_)) => "ApprovalHanded",
        Some(Fact::ApprovalReminded(_)) => "ApprovalReminded",
        Some(Fact::ApprovalExpired(_)) => "ApprovalExpired",
        Some(Fact::ApprovalStepEnded(_)) => "ApprovalStepEnded",
        Some(Fact::ApprovalRestarted(_)) => "ApprovalRestarted",
        Some(Fact::ApprovalEnded(_)) => "ApprovalEnded",
        Some(Fact::TurnTaken(_)) => "TurnTaken",
        Some(Fact::CatalogApplied(_)) => "CatalogApplied",
        Some(Fact::PersonChanged(_)) => "PersonChanged",
        Some(Fact::ArticleChanged(_)) => "ArticleChanged",
        Some(Fact::ArticleUsed(_)) => "ArticleUsed",
        Some(Fact::WaveChanged(_)) => "WaveChanged",
        Some(Fact::WaveJoined(_)) => "WaveJoined",
        Some(Fact::WaveLeft(_)) => "WaveLeft",
        Some(Fact::AssetChanged(_)) => "AssetChanged",
        Some(Fact::TicketAssetsChanged(_)) => "TicketAssetsChanged",
        Some(Fact::TicketDiagnosed(_)) => "TicketDiagnosed",
        Some(Fact::TicketPlanned(_)) => "TicketPlanned",
        Some(Fact::TicketScheduled(_)) => "TicketScheduled",
        Some(Fact::TicketReviewed(_)) => "TicketReviewed",
        Some(Fact::TicketSurveyAsked(_)) => "TicketSurveyAsked",
        Some(Fact::TicketRated(_)) => "TicketRated",
        Some(Fact::ImprovementChanged(_)) => "ImprovementChanged",
        None => "Event",
    }
}

fn time(event: &v1::Event) -> String {
    event.time.as_ref().map_or_else(String::new, |it| time_from(it).rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(fact: Fact) -> v1::Event {
        v1::Event {
            tenant: "acme".to_owned(),
            partition: 3,
            epoch: 1,
            position: 42,
            time: Some(pbjson_types::Timestamp { seconds: 1_767_225_600, nanos: 5_000_000 }),
            subject: "tkt_00".to_owned(),
            fact: Some(fact),
            ..v1::Event::default()
        }
    }

    fn moved(to: i32) -> v1::Event {
        event(Fact::TicketMoved(v1::TicketMoved { to, ..v1::TicketMoved::default() }))
    }

    fn map(event: &v1::Event) -> HashMap<String, Vec<u8>> {
        fields(event).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn an_entry_is_a_cloud_event_and_reads_back_as_it_was() {
        let said = event(Fact::TicketCommented(v1::TicketCommented {
            text: "打印 \u{1} \"x\"".to_owned(),
            ..v1::TicketCommented::default()
        }));
        let fields = map(&said);
        let text = |name: &str| String::from_utf8(fields[name].clone()).unwrap();
        assert_eq!(text("id"), "acme/3/1-42");
        assert_eq!(text("type"), "dispatch.v1.TicketCommented");
        assert_eq!(text("time"), "2026-01-01T00:00:00Z");
        assert_eq!(event_from(&fields), Some(said));
    }

    #[test]
    fn what_json_cannot_hold_still_goes_through() {
        let strange = moved(99);
        let fields = map(&strange);
        assert_eq!(fields["datacontenttype"], PROTOBUF.as_bytes());
        assert_eq!(event_from(&fields), Some(strange));
        assert_eq!(map(&moved(5))["datacontenttype"], JSON.as_bytes());
    }

    #[test]
    fn ids_are_ordered_by_epoch_first() {
        let id = |it: &str| it.parse::<EntryId>().unwrap();
        assert!(id("2-81") > id("1-100") && id("1-100") > id("1-81"));
        assert_eq!(id("2-81").to_string(), "2-81");
        assert!("281".parse::<EntryId>().is_err() && "a-1".parse::<EntryId>().is_err());
    }
}
