//! `chat`: speaks with a running service as an employee's chat bot would. On a terminal it is a
//! conversation; otherwise one message a line goes in and one answer for each comes out.

mod line;
mod screen;
mod wire;

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _, stderr, stdin, stdout},
    process::ExitCode,
};

use tokio::runtime::Runtime;

use self::{line::Line, screen::Screen, wire::Unreachable};
use super::failed;
use crate::{client::Client, clock, config, domain::people::Language, proto::v1, proto::words::language_to};

/// Talk to a running service, as an employee
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch chat
  ticket-dispatch chat --as U123 --language zh
  printf 'my laptop screen stays black\\nyes\\n' | ticket-dispatch chat --json

Type a number to take one of the choices; Ctrl-D ends.

Exit codes: 0 the input ended, 1 the service cannot be reached or, without --json, a message from a pipe was
refused, 64 the command line is wrong.")]
pub struct Args {
    /// Where the service listens
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7400")]
    connect: String,
    /// API token, if the service asks for one [env: DISPATCH_TOKEN]
    #[arg(long)]
    token: Option<String>,
    /// Print each answer as one line of JSON
    #[arg(long)]
    json: bool,
    /// Who the employee is [default: your login name]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Language of the answers [default: that of the message]
    #[arg(long, value_parser = ["en", "zh"])]
    language: Option<String>,
}

/// One conversation.
struct Chat {
    runtime: Runtime,
    client: Client,
    screen: Option<Screen>,
    requester: v1::Person,
    conversation: String,
    language: i32,
    choices: Vec<v1::Choice>,
    refused: usize,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let chat = match Chat::begin(args) {
        Ok(chat) => chat,
        Err(error) => return failed(error),
    };
    // With --json a refusal is an answer like any other, and on a terminal somebody reads it.
    let unread = chat.screen.as_ref().is_some_and(|it| !it.is_watched());
    match chat.talk() {
        Ok(refused) if refused > 0 && unread => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        // Whoever reads us has heard enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(format_args!("the conversation broke off: {error}")),
    }
}

impl Chat {
    fn begin(args: &Args) -> Result<Self, Unreachable> {
        // One worker keeps the connection alive while this thread waits for somebody to type.
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().map_err(Unreachable::Threads)?;
        let token = args.token.clone().or_else(config::token);
        let client = runtime.block_on(wire::connect(&args.connect, token.as_deref()))?;
        let subject = args.name.clone().or_else(config::user_name).unwrap_or_else(|| "employee".to_owned());
        let language = match args.language.as_deref() {
            Some("zh") => language_to(Language::Zh),
            Some(_) => language_to(Language::En),
            None => 0,
        };
        Ok(Self {
            runtime,
            client,
            screen: (!args.json).then(|| Screen::new(stdin().is_terminal() && stdout().is_terminal())),
            requester: v1::Person { issuer: "chat".to_owned(), subject, display_name: String::new() },
            conversation: clock::new_id(),
            language,
            choices: Vec::new(),
            refused: 0,
        })
    }

    /// Talks until the input ends; how many messages were refused.
    fn talk(mut self) -> io::Result<usize> {
        let mut input = stdin().lock();
        let mut typed = Vec::new();
        if let Some(screen) = &self.screen {
            screen.greet(&mut stdout())?;
        }
        loop {
            if let Some(screen) = &self.screen {
                screen.prompt(&mut stdout())?;
            }
            typed.clear();
            if input.read_until(b'\n', &mut typed)? == 0 {
                self.screen.as_ref().map_or(Ok(()), |it| it.part(&mut stdout()))?;
                return Ok(self.refused);
            }
            let typed = typed.trim_ascii_end();
            // A blank line is no message of a person; a program gets an answer for each of its lines.
            if typed.is_empty() && self.screen.is_some() {
                continue;
            }
            match std::str::from_utf8(typed) {
                Ok(text) => {
                    if let Some(screen) = &self.screen {
                        screen.echo(&mut stdout(), text)?;
                    }
                    self.say(text)?;
                }
                Err(_) => self.show_fault("this line is not UTF-8, so it was not sent", "", &[])?,
            }
        }
    }

    fn say(&mut self, typed: &str) -> io::Result<()> {
        let message = v1::SendMessageRequest {
            message_id: clock::new_id(),
            conversation: self.conversation.clone(),
            requester: Some(self.requester.clone()),
            text: self.meant(typed).to_owned(),
            language: self.language,
        };
        match self.runtime.block_on(wire::send(&self.client, message)) {
            Ok(reply) => {
                match &self.screen {
                    Some(screen) => screen.show(&mut stdout(), &reply)?,
                    None => Line::of(&reply).print(&mut stdout())?,
                }
                self.choices = reply.choices;
                Ok(())
            }
            Err(fault) => {
                let (reason, violations) = wire::details(&fault);
                self.show_fault(&fault.to_string(), reason, violations)
            }
        }
    }

    /// A number stands for the choice that it was shown with.
    fn meant<'a>(&'a self, typed: &'a str) -> &'a str {
        let number = typed.trim().parse::<usize>().ok();
        let choice = number.and_then(|it| self.choices.get(it.checked_sub(1)?));
        choice.map_or(typed, |it| it.value.as_str())
    }

    fn show_fault(&mut self, message: &str, reason: &str, violations: &[String]) -> io::Result<()> {
        self.refused += 1;
        match &self.screen {
            Some(screen) => screen.show_fault(&mut stderr(), message, violations),
            None => {
                let line = serde_json::json!({
                    "error": message, "reason": reason, "violations": violations,
                });
                writeln!(stdout(), "{line}")?;
                stdout().flush()
            }
        }
    }
}
