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
    pub(crate) requests: usize,
}

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
            desk.at(id).put(&body);
            ok(json!([]))
        }
        ("GET", ["ticket", id, "history"]) => {
            let rows: Vec<Value> = desk.at(id).subjects.iter().map(|it| json!({"Data": it})).collect();
            ok(json!({ "items": rows }))
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
        let found = (1..).zip(&self.tickets).filter(|(_, it)| query.contains(&it.key));
        let rows: Vec<Value> = found.map(|(id, it)| it.row(&id.to_string())).collect();
        json!({ "items": rows })
    }

    fn create(&mut self, body: &Value) -> Answer {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        if let Some((word, status)) = self.poison
            && text("Subject").contains(word)
        {
            return refuse(status, "poisoned");
        }
        self.tickets.push(Record {
            key: body["CustomFields"]["DispatchKey"].as_str().unwrap().to_owned(),
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
        json!({"id": id, "CustomFields": [{"name": "DispatchKey", "values": [self.key]}]})
    }

    fn shown(&self) -> Value {
        json!({
            "Status": self.status, "Subject": self.subject, "Queue": {"Name": self.queue},
            "Owner": {"id": "Nobody"}, "CustomFields": [{"name": "DispatchKey", "values": [self.key]}],
        })
    }
}
