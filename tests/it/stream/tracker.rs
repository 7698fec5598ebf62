//! A stand-in for Request Tracker: fast, and ready to refuse. The real one has tests of its own.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{Method, StatusCode, Uri},
};
use serde_json::{Value, json};
use ticket_dispatch::sinks::{
    Sink,
    settings::{Secret, SinkKind, SinkSettings},
};

/// A running stand-in.
pub(crate) struct Tracker {
    pub(crate) address: SocketAddr,
    pub(crate) desk: Arc<Mutex<Records>>,
}

/// What it has, and how it behaves.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) tickets: Vec<Record>,
    /// Answers everything with this status instead.
    pub(crate) fault: Option<u16>,
    /// Answers a new ticket whose subject has this word with this status.
    pub(crate) poison: Option<(&'static str, u16)>,
    /// Takes tickets and changes of them without our key, as for a user who may not set it.
    pub(crate) drops_keys: bool,
    /// Takes messages and does not show them, as to a user who may not see them.
    pub(crate) hides_messages: bool,
    pub(crate) requests: usize,
}

/// Entries of a history on one page, whatever was asked for.
const PAGE: usize = 2;

/// One of its tickets.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) subject: String,
    pub(crate) status: String,
    pub(crate) queue: String,
    pub(crate) messages: Vec<String>,
    subjects: Vec<String>,
}

impl Tracker {
    pub(crate) async fn start() -> Self {
        let desk = Arc::new(Mutex::new(Records::default()));
        let app = Router::new().fallback(answer).with_state(desk.clone());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, desk }
    }

    /// A sink that speaks to it, or to a proxy before it.
    pub(crate) fn sink(at: SocketAddr) -> Arc<Sink> {
        let settings = SinkSettings {
            name: "rt".to_owned(),
            kind: SinkKind::RequestTracker,
            url: format!("http://{at}"),
            token: Secret("t".to_owned()),
            queues: [("network".to_owned(), "Network".to_owned())].into(),
            default_queue: "General".to_owned(),
            owners: [].into(),
            attempts: 3,
        };
        Arc::new(Sink::new(&settings).unwrap())
    }

    /// Looks at its tickets, or changes how it behaves.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut Records) -> T) -> T {
        look(&mut self.desk.lock().unwrap())
    }
}

type Answer = (StatusCode, Json<Value>);

async fn answer(
    State(desk): State<Arc<Mutex<Records>>>,
    method: Method,
    uri: Uri,
    body: axum::body::Bytes,
) -> Answer {
    let mut desk = desk.lock().unwrap();
    desk.requests += 1;
    if let Some(fault) = desk.fault {
        return refuse(fault, "told to");
    }
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path: Vec<&str> = uri.path().trim_start_matches("/REST/2.0/").split('/').collect();
    let query = uri.query().unwrap_or_default();
    match (method.as_str(), path.as_slice()) {
        ("GET", ["queue", _]) => ok(json!({"TicketCustomFields": [{"name": "DispatchKey"}]})),
        ("GET", ["tickets"]) => ok(desk.search(query)),
        ("POST", ["ticket"]) => desk.create(&body),
        ("GET", ["ticket", id]) => ok(desk.at(id).shown()),
        ("PUT", ["ticket", id]) => {
            let key = desk.key_in(&body);
            desk.at(id).put(&body);
            desk.at(id).key.push_str(&key);
            ok(json!([]))
        }
        ("GET", ["ticket", id, "history"]) => {
            let shows = !desk.hides_messages;
            ok(desk.at(id).history(query, shows))
        }
        ("POST", ["ticket", id, _]) => {
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let record = desk.at(id);
            record.messages.push(text("Content"));
            record.subjects.push(text("Subject"));
            record.put(&body);
            (StatusCode::CREATED, Json(json!(["added"])))
        }
        _ => refuse(404, "Not Found"),
    }
}

fn ok(value: Value) -> Answer {
    (StatusCode::OK, Json(value))
}

fn refuse(status: u16, why: &str) -> Answer {
    (StatusCode::from_u16(status).unwrap(), Json(json!({ "message": why })))
}

impl Records {
    fn at(&mut self, id: &str) -> &mut Record {
        &mut self.tickets[id.parse::<usize>().unwrap() - 1]
    }

    fn search(&self, query: &str) -> Value {
        // The key is the only word of the query that looks like one.
        let key = query.find("tkt_").map(|at| &query[at..at + 36]).unwrap_or_default();
        let has = |it: &Record| if query.contains("LIKE") { it.subject.contains(key) } else { it.key == key };
        let found = (1..).zip(&self.tickets).filter(|(_, it)| has(it));
        let rows: Vec<Value> = found.map(|(id, it)| it.row(&id.to_string())).collect();
        json!({ "items": rows })
    }

    fn key_in(&self, body: &Value) -> String {
        let key = body["CustomFields"]["DispatchKey"].as_str().unwrap_or_default();
        if self.drops_keys { String::new() } else { key.to_owned() }
    }

    fn create(&mut self, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if let Some((word, status)) = self.poison
            && text("Subject").contains(word)
        {
            return refuse(status, "poisoned");
        }
        self.tickets.push(Record {
            key: self.key_in(body),
            subject: text("Subject"),
            status: text("Status"),
            queue: text("Queue"),
            ..Record::default()
        });
        (StatusCode::CREATED, Json(json!({"id": self.tickets.len().to_string()})))
    }
}

impl Record {
    fn put(&mut self, body: &Value) {
        for (name, field) in
            [("Subject", &mut self.subject), ("Status", &mut self.status), ("Queue", &mut self.queue)]
        {
            // The subject of a message is not the ticket's.
            if let (Some(value), None) =
                (body[name].as_str(), body.get("Content").filter(|_| name == "Subject"))
            {
                value.clone_into(field);
            }
        }
    }

    fn row(&self, id: &str) -> Value {
        json!({"id": id, "Subject": self.subject, "CustomFields": self.fields()})
    }

    fn fields(&self) -> Value {
        let keys: Vec<&String> = [&self.key].into_iter().filter(|it| !it.is_empty()).collect();
        json!([{"name": "DispatchKey", "values": keys}])
    }

    /// One page, the newest entry first. Hidden entries are left out of it and counted all the same.
    fn history(&self, query: &str, shows: bool) -> Value {
        let page = query.rsplit_once("page=").map_or(1, |(_, page)| page.parse::<usize>().unwrap());
        let rows = self.subjects.iter().rev().skip((page - 1) * PAGE).take(PAGE);
        let rows: Vec<Value> = rows.filter(|_| shows).map(|it| json!({"Data": it})).collect();
        if page * PAGE < self.subjects.len() {
            json!({ "items": rows, "next_page": format!("?page={}", page + 1) })
        } else {
            json!({ "items": rows })
        }
    }

    fn shown(&self) -> Value {
        json!({
            "Status": self.status, "Subject": self.subject, "Queue": {"Name": self.queue},
            "Owner": {"id": "Nobody"}, "CustomFields": self.fields(),
        })
    }
}
