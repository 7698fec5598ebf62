//! Good bots and busy agents: each sends the same again after an unknown outcome, until it is answered;
//! some are impatient and send everything twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ticket_dispatch::proto::v1;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::call::{Call, Reply, Wire};
use super::chance::Chance;
use super::journal::Journal;
use crate::app::App;

/// Between two attempts of a bot whose server is gone.
const PAUSE: Duration = Duration::from_millis(20);

/// What employees write first.
const PROBLEMS: [&str; 8] = [
    "My VPN does not connect from home since this morning",
    "The printer on the third floor has a paper jam again",
    "我的笔记本一开机就蓝屏，重启三次都这样",
    "Outlook does not send my mails any more",
    "Please unlock my windows account, I mistyped the password",
    "The heating in room 312 is cold",
    "我要申请一台新的显示器",
    "I got a strange mail that asks for my password",
];

/// A load that goes on until it is ended.
pub(super) struct Load {
    pub(super) runtime: Runtime,
    pub(super) journal: Arc<Journal>,
    stop: Arc<AtomicBool>,
    workers: JoinSet<()>,
}

/// What a bot may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    /// The program is killed: calls are cut, and sent again.
    Kills,
    /// Nothing that a caller may notice: a call that fails is a complaint.
    Fair,
}

impl Load {
    /// So many bots and agents at once, in a runtime of their own.
    pub(super) fn start(app: &App, chance: &Chance, workers: u64, weather: Weather) -> Load {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let mut load = Load {
            runtime: runtime.unwrap(),
            journal: Arc::default(),
            stop: Arc::default(),
            workers: JoinSet::new(),
        };
        let inside = load.runtime.enter();
        let channels = [app.channel(), app.channel(), app.channel()];
        drop(inside);
        for number in 0..workers {
            let worker = Worker {
                wire: Wire::new(&channels[usize::try_from(number).unwrap() % channels.len()]),
                journal: Arc::clone(&load.journal),
                chance: chance.branch(number + 1),
                stop: Arc::clone(&load.stop),
                weather,
                name: format!("w{number}"),
                sent: 0,
            };
            load.workers.spawn_on(worker.work(), load.runtime.handle());
        }
        load
    }

    /// Ends it; every call that was begun is answered by then.
    pub(super) fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let workers = std::mem::take(&mut self.workers);
        self.runtime.block_on(async {
            let all = tokio::time::timeout(Duration::from_secs(60), workers.join_all()).await;
            assert!(all.is_ok(), "the load does not come to an end");
        });
    }
}

struct Worker {
    wire: Wire,
    journal: Arc<Journal>,
    chance: Chance,
    stop: Arc<AtomicBool>,
    weather: Weather,
    name: String,
    sent: u64,
}

impl Worker {
    async fn work(mut self) {
        while !self.is_over() {
            let done = if self.chance.one_in(3) { self.handle().await } else { self.talk().await };
            // Refused for good: the complaint is written down, and the next one may fare better.
            let _ = done;
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn next_id(&mut self) -> String {
        self.sent += 1;
        format!("{}-{}", self.name, self.sent)
    }

    fn person(&self, first: &str) -> Option<v1::Person> {
        let subject = format!("{}-{first}", self.name);
        Some(v1::Person { issuer: "chat".into(), subject, display_name: String::new() })
    }

    /// An employee reports something, and answers what is asked until there is a ticket.
    async fn talk(&mut self) -> Option<()> {
        let conversation = self.next_id();
        let mut text = self.chance.of(&PROBLEMS).to_owned();
        for _ in 0..6 {
            let message = v1::SendMessageRequest {
                message_id: self.next_id(),
                conversation: conversation.clone(),
                requester: self.person(&conversation),
                text,
                language: 0,
            };
            let call = if self.chance.one_in(2) { Call::Say(message) } else { Call::Stream(message) };
            let Reply::Said(answer) = self.answered(call).await? else { return None };
            text = match answer.expecting() {
                v1::Expecting::Choice
                | v1::Expecting::Ticket
                | v1::Expecting::Field
                | v1::Expecting::Reason
                | v1::Expecting::Asset => {
                    answer.choices.first().map_or("room 312".to_owned(), |it| it.value.clone())
                }
                v1::Expecting::Confirmation => "yes".to_owned(),
                v1::Expecting::Unspecified => return Some(()),
            };
            if self.is_over() {
                return None;
            }
        }
        None
    }

    /// A program opens a ticket, says something about it, and works on it.
    async fn handle(&mut self) -> Option<()> {
        let request_id = self.next_id();
        let open = v1::CreateTicketRequest {
            requester: self.person(&request_id),
            request_id,
            template: self.chance.of(&["leave_question", "payroll_question", "expense_claim"]).to_owned(),
            subject: format!("asked by {}", self.name),
            description: "It was not in the handbook".to_owned(),
            ..v1::CreateTicketRequest::default()
        };
        let Reply::Ticket(ticket) = self.answered(Call::Open(open)).await? else { return None };
        for _ in 0..self.chance.below(3) {
            let request_id = self.next_id();
            let text = format!("Said in {request_id}");
            let ticket = ticket.id.clone();
            let comment = v1::CommentTicketRequest { request_id, ticket, text, internal: true };
            self.answered(Call::Comment(comment)).await?;
        }
        if self.chance.one_in(2) {
            let request_id = self.next_id();
            let to = v1::TicketState::InProgress.into();
            let ticket = ticket.number;
            let start = v1::TransitionTicketRequest { request_id, ticket, to, ..Default::default() };
            self.answered(Call::Move(start)).await?;
        }
        Some(())
    }

    /// Sends a call until it is answered. Nothing if it was refused.
    async fn answered(&mut self, call: Call) -> Option<Reply> {
        let reply = loop {
            let status = match self.attempt(&call).await {
                Ok(reply) => break reply,
                Err(status) => status,
            };
            let is_unknown = matches!(
                status.code(),
                Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal | Code::DeadlineExceeded
            );
            if !is_unknown || self.weather == Weather::Fair {
                self.journal.complain(format!("{} failed: {status}", call.id()));
                return None;
            }
            self.journal.was_cut();
            tokio::time::sleep(PAUSE).await;
        };
        self.journal.acknowledged(&call, &reply);
        Some(reply)
    }

    async fn attempt(&mut self, call: &Call) -> Result<Reply, Status> {
        let _sign = self.journal.under_way();
        if !self.chance.one_in(6) {
            return call.make(&mut self.wire).await;
        }
        // Twice at once, as after a tap on a button that seemed not to react.
        let (mut one, mut two) = (self.wire.clone(), self.wire.clone());
        let (first, second) = tokio::join!(call.make(&mut one), call.make(&mut two));
        if let (Ok(first), Ok(second)) = (&first, &second)
            && first.bytes() != second.bytes()
        {
            self.journal.complain(format!("{} was answered in two ways at once", call.id()));
        }
        match self.weather {
            Weather::Kills => first.or(second),
            Weather::Fair => first.and_then(|it| second.map(|_| it)),
        }
    }
}
