//! Plays a script: speaks for the employee, acts for the agent, and compares.

use prost::Message as _;
use ticket_dispatch::proto::v1::{
    self, conversation_service_client::ConversationServiceClient, ticket_service_client::TicketServiceClient,
};
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

use super::script::{Script, Step};
use crate::app::App;

/// One conversation with the program.
pub(crate) struct Stage {
    bot: ConversationServiceClient<Channel>,
    agent: TicketServiceClient<Channel>,
    name: String,
    who: String,
    conversation: String,
    sent: u32,
    last: Option<(v1::SendMessageRequest, Result<v1::SendMessageResponse, Status>)>,
    ticket: Option<String>,
    /// Numbers of the tickets that answers were about, each once, in the order of their appearance.
    numbers: Vec<String>,
    number: String,
    /// Who vouches for people that go by their own names.
    people: Option<String>,
}

impl Stage {
    pub(crate) fn new(app: &App, name: &str) -> Stage {
        Stage {
            bot: ConversationServiceClient::new(app.channel()),
            agent: TicketServiceClient::new(app.channel()),
            name: name.to_owned(),
            who: "employee".to_owned(),
            conversation: "main".to_owned(),
            sent: 0,
            last: None,
            ticket: None,
            numbers: vec![],
            number: String::new(),
            people: None,
        }
    }

    /// The same among people whom this issuer vouches for, each by their own name; `ada` speaks first.
    pub(crate) fn among(app: &App, issuer: &str) -> Stage {
        let people = Some(issuer.to_owned());
        Stage { people, who: "ada".to_owned(), ..Self::new(app, "case") }
    }

    /// Plays a script to its end; the first thing that is not as it says ends it.
    pub(crate) async fn play(mut self, script: &Script) -> Result<(), String> {
        for (line, step) in &script.steps {
            let outcome = match step {
                Step::Say(text) => self.say(&self.numbered(text)).await,
                Step::Expect(key, value) => self.expect(key, &self.numbered(value)),
                Step::Do(key, value) => self.act(key, value).await,
            };
            outcome.map_err(|why| format!("{line}: {why}{}", self.heard()))?;
        }
        Ok(())
    }

    /// `{ticket}` is the number of the last ticket that an answer was about, `{ticket 1}` that of the first,
    /// and `{digits 1}` the same without its letters and zeros.
    fn numbered(&self, text: &str) -> String {
        let named = text.replace("{ticket}", &self.number);
        let numbers = self.numbers.iter().enumerate();
        numbers.fold(named, |text, (at, it)| {
            let digits = it.trim_start_matches(|c: char| !c.is_ascii_digit() || c == '0');
            let text = text.replace(&format!("{{ticket {}}}", at + 1), it);
            text.replace(&format!("{{digits {}}}", at + 1), digits)
        })
    }

    fn heard(&self) -> String {
        let Some((request, answer)) = &self.last else { return String::new() };
        let said: String = request.text.chars().take(200).collect();
        let answer = match answer {
            Ok(it) => {
                let choices: Vec<_> = it.choices.iter().map(|it| it.value.as_str()).collect();
                let labels = it.understanding.iter().flat_map(|it| &it.labels).take(3);
                let labels: Vec<_> = labels.map(|it| format!("{} {:.2}", it.label, it.confidence)).collect();
                format!("{}\n    choices {choices:?}, understood {labels:?}, ticket {:?}", it.text, it.ticket)
            }
            Err(it) => format!("{:?} {}", it.code(), it.message()),
        };
        format!("\n    said: {said}\n    answer: {answer}")
    }

    fn requester(&self) -> v1::Person {
        if let Some(issuer) = &self.people {
            return v1::Person {
                issuer: issuer.clone(),
                subject: self.who.clone(),
                display_name: String::new(),
            };
        }
        v1::Person {
            issuer: "cases".into(),
            subject: format!("{}-{}", self.name, self.who),
            display_name: String::new(),
        }
    }

    async fn say(&mut self, text: &str) -> Result<(), String> {
        if let Some((_, Err(fault))) = &self.last
            && fault.code() != Code::InvalidArgument
            && fault.code() != Code::AlreadyExists
        {
            return Err(format!("an earlier message failed: {fault}"));
        }
        self.sent += 1;
        let request = v1::SendMessageRequest {
            message_id: format!("{}-{}", self.name, self.sent),
            conversation: format!("{}-{}", self.name, self.conversation),
            requester: Some(self.requester()),
            text: text.to_owned(),
            language: 0,
        };
        let answer = self.bot.send_message(request.clone()).await.map(tonic::Response::into_inner);
        if let Ok(Some(ticket)) = answer.as_ref().map(|it| &it.ticket) {
            self.ticket = Some(ticket.id.clone());
            self.number.clone_from(&ticket.number);
            if !self.numbers.contains(&ticket.number) {
                self.numbers.push(ticket.number.clone());
            }
        }
        self.last = Some((request, answer));
        Ok(())
    }

    fn answer(&self) -> Result<&v1::SendMessageResponse, String> {
        let (_, answer) = self.last.as_ref().ok_or("nothing was said yet")?;
        answer.as_ref().map_err(|it| format!("the message was refused: {:?} {}", it.code(), it.message()))
    }

    fn expect(&self, key: &str, value: &str) -> Result<(), String> {
        let holds = |it: bool| if it { Ok(()) } else { Err(format!("expected {key}: {value}")) };
        let has = |text: &str, part: &str| text.to_lowercase().contains(part.trim().to_lowercase().as_str());
        if key == "fault" {
            let (_, answer) = self.last.as_ref().ok_or("nothing was said yet")?;
            let fault = answer.as_ref().err().ok_or(format!("expected a refusal: {value}"))?;
            return holds(is_fault(fault, value));
        }
        let answer = self.answer()?;
        match key {
            "says" => holds(value.split('|').any(|it| has(&answer.text, it))),
            "quiet" => holds(!has(&answer.text, value)),
            "expecting" => holds(expecting(answer.expecting()) == value),
            "choice" => holds(answer.choices.iter().any(|it| it.value == value)),
            "no ticket" => holds(answer.ticket.is_none()),
            "ticket" => {
                let ticket = answer.ticket.as_ref().ok_or(format!("expected a ticket: {value}"))?;
                value.split_whitespace().try_for_each(|it| is_ticket(ticket, it))
            }
            _ => Err(format!("unknown expectation {key}")),
        }
    }

    async fn act(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "as" => value.clone_into(&mut self.who),
            "conversation" => value.clone_into(&mut self.conversation),
            "again" => return self.again().await,
            "edit" => return self.edit(value).await,
            "agent" => return self.work(value).await,
            "asked" => return self.asked().await,
            "rated" => {
                let score = self.read().await?.survey.map_or(0, |it| it.score);
                let is = score.to_string() == value;
                return if is { Ok(()) } else { Err(format!("expected {value} of 5, it is {score}")) };
            }
            "tickets" => return self.count(value, |_| true).await,
            "open" => return self.count(value, |it| it.state < v1::TicketState::Resolved as i32).await,
            "assets" => {
                let tags = assets_of(&self.read().await?);
                let is = if tags.is_empty() { "none".to_owned() } else { tags };
                return if is == value { Ok(()) } else { Err(format!("expected {value}, it is about {is}")) };
            }
            "description" => {
                let ticket = self.read().await?;
                let found = ticket.description.contains(value);
                return if found {
                    Ok(())
                } else {
                    Err(format!("the description is: {}", ticket.description))
                };
            }
            _ => return Err(format!("unknown action {key}")),
        }
        Ok(())
    }

    /// The last ticket that an answer was about.
    async fn read(&mut self) -> Result<v1::Ticket, String> {
        let ticket = self.ticket.clone().ok_or("no ticket yet")?;
        let read = self.agent.get_ticket(v1::GetTicketRequest { ticket }).await;
        Ok(read.map_err(|it| it.to_string())?.into_inner().ticket.unwrap_or_default())
    }

    /// Waits until the requester of the last ticket is asked how satisfied they are.
    async fn asked(&mut self) -> Result<(), String> {
        for _ in 0..1200 {
            if self.read().await?.survey.is_some_and(|it| it.ask_time.is_some()) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        Err("nobody is asked".to_owned())
    }

    async fn again(&mut self) -> Result<(), String> {
        let (request, first) = self.last.clone().ok_or("nothing was said yet")?;
        let second = self.bot.send_message(request).await.map(tonic::Response::into_inner);
        let bytes = |it: &Result<v1::SendMessageResponse, Status>| match it {
            Ok(it) => it.encode_to_vec(),
            Err(it) => it.message().as_bytes().to_vec(),
        };
        let same = bytes(&first) == bytes(&second);
        if same { Ok(()) } else { Err(format!("the second answer differs: {second:?}")) }
    }

    async fn edit(&mut self, text: &str) -> Result<(), String> {
        let (request, _) = self.last.clone().ok_or("nothing was said yet")?;
        let named = request.message_id.clone();
        let edited = v1::SendMessageRequest { text: text.to_owned(), ..request };
        match self.bot.send_message(edited).await {
            Err(it) if it.code() == Code::AlreadyExists && it.message().contains(&named) => Ok(()),
            other => Err(format!("expected ALREADY_EXISTS naming {named}: {other:?}")),
        }
    }

    async fn work(&mut self, what: &str) -> Result<(), String> {
        let ticket = self.ticket.clone().ok_or("no ticket yet")?;
        let (verb, text) = what.split_once(' ').unwrap_or((what, ""));
        self.sent += 1;
        let request_id = format!("{}-agent-{}", self.name, self.sent);
        if verb == "comment" {
            let comment =
                v1::CommentTicketRequest { request_id, ticket, text: text.to_owned(), internal: false };
            return self.agent.comment_ticket(comment).await.map(drop).map_err(|it| it.to_string());
        }
        let (to, hold) = match verb {
            "start" | "resume" => (v1::TicketState::InProgress, v1::HoldReason::Unspecified),
            "hold" => (v1::TicketState::OnHold, v1::HoldReason::Requester),
            "resolve" => (v1::TicketState::Resolved, v1::HoldReason::Unspecified),
            "close" => (v1::TicketState::Closed, v1::HoldReason::Unspecified),
            _ => return Err(format!("unknown work {verb}")),
        };
        let resolution = if verb == "resolve" { text.to_owned() } else { String::new() };
        let comment = if verb == "hold" { "What else can you tell?".to_owned() } else { String::new() };
        let request = v1::TransitionTicketRequest {
            request_id,
            ticket,
            to: to.into(),
            hold_reason: hold.into(),
            resolution,
            comment,
            ..Default::default()
        };
        self.agent.transition_ticket(request).await.map(drop).map_err(|it| it.to_string())
    }

    async fn count(&mut self, value: &str, counts: impl Fn(&v1::Ticket) -> bool) -> Result<(), String> {
        let filter = v1::TicketFilter { requester: Some(self.requester()), ..v1::TicketFilter::default() };
        let request =
            v1::ListTicketsRequest { page_size: 200, page_token: String::new(), filter: Some(filter) };
        let answer = self.agent.list_tickets(request).await.map_err(|it| it.to_string())?.into_inner();
        let count = answer.tickets.iter().filter(|it| counts(it)).count();
        if count.to_string() == value {
            Ok(())
        } else {
            Err(format!("expected {value} tickets, there are {count}"))
        }
    }
}

/// Tags of a ticket's assets: those named and not agreed to with a question mark, those computed with why.
fn assets_of(ticket: &v1::Ticket) -> String {
    let one = |it: &v1::TicketAsset| match it.how() {
        v1::TicketAssetOrigin::Computed => format!("{}<{}", it.tag, it.because),
        v1::TicketAssetOrigin::NotImpacted => format!("-{}", it.tag),
        v1::TicketAssetOrigin::Named => format!("{}?", it.tag),
        v1::TicketAssetOrigin::Manual | v1::TicketAssetOrigin::Unspecified => it.tag.clone(),
    };
    ticket.assets.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn is_fault(fault: &Status, value: &str) -> bool {
    let (code, part) = value.split_once(' ').unwrap_or((value, ""));
    let named = format!("{:?}", fault.code()).to_uppercase() == code.replace('_', "");
    let details = fault.get_error_details();
    let fields = details.bad_request().map(|it| it.field_violations.clone()).unwrap_or_default();
    let part = part.to_lowercase();
    let said = fault.message().to_lowercase().contains(&part)
        || fields.iter().any(|it| format!("{}: {}", it.field, it.description).to_lowercase().contains(&part));
    named && said
}

fn expecting(it: v1::Expecting) -> &'static str {
    match it {
        v1::Expecting::Unspecified => "nothing",
        v1::Expecting::Choice => "choice",
        v1::Expecting::Field => "field",
        v1::Expecting::Confirmation => "confirmation",
        v1::Expecting::Ticket => "ticket",
        v1::Expecting::Reason => "reason",
        v1::Expecting::Asset => "asset",
    }
}

fn is_ticket(ticket: &v1::TicketSummary, expected: &str) -> Result<(), String> {
    let (key, value) = expected.split_once('=').ok_or(format!("{expected} is no key=value"))?;
    let state = ticket.state().as_str_name().trim_start_matches("TICKET_STATE_").to_lowercase();
    let is = match key {
        "template" => ticket.template.clone(),
        "group" => ticket.group.clone(),
        "priority" => ticket.priority().as_str_name().trim_start_matches("PRIORITY_").to_owned(),
        "state" => state,
        "agent" => if ticket.agent.is_empty() { "none" } else { "yes" }.to_owned(),
        "number" => ticket.number.clone(),
        _ => return Err(format!("unknown key {key}")),
    };
    if is == value { Ok(()) } else { Err(format!("expected {key} {value}, it is {is}")) }
}
