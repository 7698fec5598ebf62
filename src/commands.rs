//! The command line: one file a subcommand. It owns what is typed and what is printed, and nothing
//! of what happens in between.

pub mod chat;
pub mod check;
pub mod completions;
pub mod dead_letters;
pub mod evaluate;
mod paint;
pub mod predict;
pub mod serve;
mod settings;
pub mod tail;
pub mod token;
pub mod train;

use std::{
    io::{Write as _, stderr},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use self::settings::SettingsArgs;

/// The command line or the settings are wrong (`EX_USAGE`).
const USAGE: u8 = 64;

const EXAMPLES: &str = "\
Examples:
  ticket-dispatch                      start the service with its defaults
  ticket-dispatch chat                 talk to it, in a second terminal
  ticket-dispatch tail                 watch what happens, in a third
  ticket-dispatch serve --help         the settings, and how to give them

Exit codes:
  0   done, or stopped as asked
  1   failed
  64  the command line or the settings are wrong";

/// A service desk's dispatcher: a chat message becomes a routed, durable ITIL ticket.
///
/// Without a command it serves: gRPC for chat bots and programs, HTTP for health and metrics.
#[derive(Debug, Parser)]
#[command(name = "ticket-dispatch", version, after_help = EXAMPLES)]
struct CommandLine {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Chat(chat::Args),
    Check(check::Args),
    Tail(tail::Args),
    DeadLetters(dead_letters::Args),
    Token(token::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    Predict(predict::Args),
    Completions(completions::Args),
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let CommandLine { settings, command } = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    let Some(command) = command else { return serve::run(&serve::Args { settings }) };
    let is_misplaced = match command {
        Command::Serve(_) | Command::Tail(_) | Command::DeadLetters(_) | Command::Token(_) => false,
        Command::Chat(_)
        | Command::Check(_)
        | Command::Train(_)
        | Command::Evaluate(_)
        | Command::Predict(_)
        | Command::Completions(_) => !settings.is_empty(),
    };
    if is_misplaced {
        let problem =
            "the flags before the command are settings of `serve`, `tail`, `dead-letters` and `token`";
        let kind = clap::error::ErrorKind::ArgumentConflict;
        return usage(&CommandLine::command().error(kind, problem));
    }
    match command {
        Command::Serve(args) => serve::run(&serve::Args { settings: args.settings.over(settings) }),
        Command::Chat(args) => chat::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Tail(args) => tail::run(&args, settings),
        Command::DeadLetters(args) => dead_letters::run(args, settings),
        Command::Token(args) => token::run(args, settings),
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Completions(args) => completions::run(&args, CommandLine::command()),
    }
}

/// Help goes to standard output and is no failure; anything else is.
fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to do if even this cannot be written.
    drop(error.print());
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// Says on standard error why a command failed.
fn failed(problem: impl std::fmt::Display) -> ExitCode {
    complain(problem);
    ExitCode::FAILURE
}

fn complain(problem: impl std::fmt::Display) {
    // Nothing is left to do if even this cannot be written.
    drop(writeln!(stderr(), "ticket-dispatch: {problem}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_bare_start_takes_the_flags_of_serve() {
        let line = CommandLine::try_parse_from(["ticket-dispatch", "--listen", "127.0.0.1:0"]).unwrap();
        assert!(line.command.is_none() && !line.settings.is_empty());
        let line = ["ticket-dispatch", "--data", "x", "serve", "--data", "y"];
        let line = CommandLine::try_parse_from(line).unwrap();
        let Some(Command::Serve(args)) = line.command else { panic!("not serve") };
        let flags = args.settings.over(line.settings).flags();
        assert_eq!(flags.iter().map(|it| it.value.as_str()).collect::<Vec<_>>(), ["y"]);
    }
}
