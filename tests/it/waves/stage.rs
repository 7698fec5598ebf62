//! A desk that many people write to at once, and the calls that the tests of waves make.

use std::{
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use ticket_dispatch::proto::v1::{
    self, Expecting, WaveState, conversation_service_client::ConversationServiceClient,
    ticket_service_client::TicketServiceClient, wave_service_client::WaveServiceClient,
};
use tonic::{Request, Status, transport::Channel};

use crate::{
    app::{App, Settings},
    parts::{installed::Part, postgres::Postgres},
};

/// How long is waited for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What people write when the VPN is down for all of them.
pub(crate) const VPN: [&str; 8] = [
    "VPN error 809, cannot connect",
    "the vpn does not connect, it says error 809",
    "can't get into the vpn, error 809",
    "vpn fails with error 809 since this morning",
    "My VPN does not connect any more: error 809",
    "is the vpn down? I get error 809",
    "VPN连不上,错误809",
    "vpn not connecting from home, 809 again",
];

/// The same when nothing prints.
pub(crate) const PRINTING: [&str; 8] = [
    "nothing prints, all print jobs are stuck in the queue",
    "printing does not work on any printer, jobs are stuck",
    "my print jobs hang in the printer queue",
    "cannot print, the printer queue is stuck",
    "the printer queue is stuck for everyone, nothing prints",
    "printing is broken, the print jobs never come out of the printer",
    "no printer works, print jobs hang in the queue",
    "print jobs disappear in the printer queue without printing",
];

/// A running program.
pub(crate) struct Desk {
    pub(crate) app: App,
    token: Option<String>,
    calls: AtomicU32,
}

/// Settings under which what is surely understood is opened at once, for SQLite, and for PostgreSQL if there is one.
pub(crate) fn settings_of_both() -> Vec<(Settings, Option<Postgres>)> {
    let mut both = vec![(acting(), None)];
    if !Part::Postgres.is_missing() {
        let postgres = Postgres::start();
        let settings = acting().env("DISPATCH_STORE_URL", &postgres.url());
        both.push((settings, Some(postgres)));
    }
    both
}

pub(crate) fn acting() -> Settings {
    let acting = Settings::default().env("DISPATCH_GATE_UNCERTIFIED", "auto");
    acting.env("DISPATCH_GATE_AUTO", "0.3").env("DISPATCH_GATE_SURE", "0.3")
}

pub(crate) fn person(who: &str) -> v1::Person {
    v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() }
}

impl Desk {
    pub(crate) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), token: None, calls: AtomicU32::new(0) }
    }

    pub(crate) fn signed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }

    pub(crate) fn set_token(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    pub(crate) fn waves(&self) -> WaveServiceClient<Channel> {
        WaveServiceClient::new(self.app.channel())
    }

    pub(crate) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(crate) fn request(&self) -> String {
        format!("call-{}-{}", self.app.http(), self.calls.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) async fn say(&self, who: &str, text: &str) -> v1::SendMessageResponse {
        self.say_in(who, who, text).await
    }

    /// Somebody says something in a conversation of theirs.
    pub(crate) async fn say_in(&self, conversation: &str, who: &str, text: &str) -> v1::SendMessageResponse {
        let request = self.signed(v1::SendMessageRequest {
            message_id: self.request(),
            conversation: conversation.to_owned(),
            requester: Some(person(who)),
            text: text.to_owned(),
            ..Default::default()
        });
        let mut bot = ConversationServiceClient::new(self.app.channel());
        bot.send_message(request).await.unwrap().into_inner()
    }

    /// Somebody says something, and agrees to whatever is asked until there is a ticket: its number.
    pub(crate) async fn opens(&self, who: &str, text: &str) -> String {
        let mut answer = self.say(who, text).await;
        for _ in 0..5 {
            if let Some(ticket) = &answer.ticket {
                return ticket.number.clone();
            }
            let word = match answer.expecting() {
                Expecting::Field => "I do not know".to_owned(),
                Expecting::Choice => answer.choices[0].value.clone(),
                Expecting::Unspecified
                | Expecting::Confirmation
                | Expecting::Ticket
                | Expecting::Reason
                | Expecting::Asset => "yes".to_owned(),
            };
            answer = self.say(who, &word).await;
        }
        panic!("no ticket for `{text}`: {}", answer.text)
    }

    /// People with these names all have the same trouble and open tickets: their numbers.
    pub(crate) async fn storm(&self, name: &str, texts: &[&str]) -> Vec<String> {
        let mut numbers = vec![];
        for (at, text) in texts.iter().enumerate() {
            numbers.push(self.opens(&format!("{name}-{at}"), text).await);
        }
        numbers
    }

    pub(crate) async fn list(&self, state: WaveState) -> Vec<v1::Wave> {
        let request = self.signed(v1::ListWavesRequest { state: state.into(), ..Default::default() });
        self.waves().list_waves(request).await.unwrap().into_inner().waves
    }

    pub(crate) async fn get(&self, wave: &str) -> Result<v1::Wave, Status> {
        let request = self.signed(v1::GetWaveRequest { wave: wave.to_owned() });
        Ok(self.waves().get_wave(request).await?.into_inner().wave.unwrap())
    }

    /// Waits for a wave about a template that is as it must be.
    pub(crate) async fn wave(&self, template: &str, is: impl Fn(&v1::Wave) -> bool) -> v1::Wave {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let all = self.list(WaveState::Unspecified).await;
            if let Some(found) = all.iter().find(|it| it.template == template && is(it)) {
                return found.clone();
            }
            assert!(
                std::time::Instant::now() < end,
                "no such wave of {template}: {all:?}\n{}",
                self.app.log()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The VPN is down for many, and that was accepted once all of it was known: the wave, and the number of its major
    /// incident.
    pub(crate) async fn accepted(&self) -> (v1::Wave, String) {
        self.storm("vpn", &VPN).await;
        let wave = self.wave("vpn_fault", |it| with_tickets(it) == VPN.len()).await;
        let accepted = self.accept(&wave.number, "").await.unwrap();
        let number = accepted.parent.clone().unwrap().number;
        (accepted, number)
    }

    /// Waits until all that was said so far has been listened to: what comes later is found later.
    pub(crate) async fn listened(&self) {
        self.storm("printing", &PRINTING).await;
        self.wave("printer_fault", |it| with_tickets(it) == PRINTING.len()).await;
    }

    /// Who has joined a wave.
    pub(crate) async fn joined(&self, wave: &str) -> Vec<String> {
        let request = self.signed(v1::ListWavePeopleRequest { wave: wave.to_owned(), ..Default::default() });
        let found = self.waves().list_wave_people(request).await.unwrap().into_inner();
        found.people.into_iter().map(|it| it.subject).collect()
    }

    pub(crate) async fn dismiss(&self, wave: &str) {
        let request = v1::DismissWaveRequest {
            request_id: self.request(),
            wave: wave.to_owned(),
            reason: "a drill".into(),
            expected_version: 0,
        };
        self.waves().dismiss_wave(self.signed(request)).await.unwrap();
    }

    pub(crate) async fn accept(&self, wave: &str, parent: &str) -> Result<v1::Wave, Status> {
        let request = self.signed(v1::AcceptWaveRequest {
            request_id: self.request(),
            wave: wave.to_owned(),
            parent: parent.to_owned(),
            expected_version: 0,
        });
        Ok(self.waves().accept_wave(request).await?.into_inner().wave.unwrap())
    }

    pub(crate) async fn ticket(&self, number: &str) -> v1::Ticket {
        let request = self.signed(v1::GetTicketRequest { ticket: number.to_owned() });
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// Waits until a ticket is as it must be.
    pub(crate) async fn until(&self, number: &str, is: impl Fn(&v1::Ticket) -> bool) -> v1::Ticket {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let ticket = self.ticket(number).await;
            if is(&ticket) {
                return ticket;
            }
            assert!(std::time::Instant::now() < end, "{ticket:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many tickets there are.
    pub(crate) async fn count(&self) -> usize {
        let request = self.signed(v1::ListTicketsRequest { page_size: 200, ..Default::default() });
        self.tickets().list_tickets(request).await.unwrap().into_inner().tickets.len()
    }

    pub(crate) async fn move_to(&self, number: &str, to: v1::TicketState) {
        let resolution = if to == v1::TicketState::Resolved { "It works again." } else { "" };
        let request = self.signed(v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: number.to_owned(),
            to: to.into(),
            resolution: resolution.to_owned(),
            ..Default::default()
        });
        self.tickets().transition_ticket(request).await.unwrap();
    }

    /// A command of the program on the same data: what it printed, and how it ended.
    pub(crate) fn command(&self, args: &[&str]) -> Output {
        let mut command = self.app.command(args);
        command.args(["--data", "data"]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }
}

/// How many tickets a wave has.
pub(crate) fn with_tickets(wave: &v1::Wave) -> usize {
    wave.members.iter().filter(|it| !it.ticket.is_empty()).count()
}

/// In order.
pub(crate) fn sorted(numbers: &[String]) -> Vec<String> {
    let mut all = numbers.to_vec();
    all.sort();
    all
}

/// Numbers of the tickets that are this to a ticket, in their order.
pub(crate) fn linked(ticket: &v1::Ticket, relation: v1::LinkRelation) -> Vec<String> {
    let mut all: Vec<_> =
        ticket.links.iter().filter(|it| it.relation() == relation).map(|it| it.number.clone()).collect();
    all.sort();
    all
}
