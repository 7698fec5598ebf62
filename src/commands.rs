//! The command line: one file a subcommand. It owns what is typed and what is printed, and nothing
//! of what happens in between.

pub mod assets;
mod bar;
pub mod card;
pub mod changes;
pub mod chat;
pub mod check;
pub mod compare;
pub mod completions;
pub mod cross_validate;
mod database;
pub mod dead_letters;
pub mod evaluate;
mod failure;
mod history;
pub mod import;
pub mod improvements;
pub mod knowledge;
pub mod known_errors;
mod labelled;
pub mod measures;
pub mod models;
mod paint;
pub mod people;
pub mod predict;
mod record;
pub mod report;
pub mod serve;
mod server;
pub mod services;
mod settings;
pub mod simulate;
pub mod sla;
pub mod tail;
pub mod token;
pub mod train;
pub mod verify;
mod warnings;
pub mod waves;

use std::{
    io::{self, Write as _, stderr},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use self::settings::{DeskArgs, SettingsArgs};

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
    Import(import::Args),
    Tail(tail::Args),
    DeadLetters(dead_letters::Args),
    Token(token::Args),
    People(people::Args),
    Knowledge(knowledge::Args),
    Assets(assets::Args),
    KnownErrors(known_errors::Args),
    Waves(waves::Args),
    Changes(changes::Args),
    Measures(measures::Args),
    Improvements(improvements::Args),
    Verify(verify::Args),
    Simulate(simulate::Args),
    Sla(sla::Args),
    Services(services::Args),
    Models(models::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    CrossValidate(cross_validate::Args),
    Compare(compare::Args),
    Report(report::Args),
    Card(card::Args),
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
    match command {
        Command::Serve(args) => serve::run(&serve::Args { settings: args.settings.over(settings) }),
        Command::Chat(args) => alone(&settings, || chat::run(&args)),
        Command::Check(args) => alone(&settings, || check::run(&args)),
        Command::Import(args) => alone(&settings, || import::run(&args)),
        Command::Tail(args) => on_desk(settings, |before| tail::run(&args, before)),
        Command::DeadLetters(args) => on_desk(settings, |before| dead_letters::run(args, before)),
        Command::Token(args) => on_desk(settings, |before| token::run(args, before)),
        Command::People(args) => on_desk(settings, |before| people::run(args, before)),
        Command::Knowledge(args) => on_desk(settings, |before| knowledge::run(args, before)),
        Command::Assets(args) => on_desk(settings, |before| assets::run(args, before)),
        Command::Waves(args) => on_desk(settings, |before| waves::run(args, before)),
        Command::Changes(args) => on_desk(settings, |before| changes::run(args, before)),
        Command::Measures(args) => on_desk(settings, |before| measures::run(args, before)),
        Command::Improvements(args) => on_desk(settings, |before| improvements::run(args, before)),
        Command::Verify(args) => on_desk(settings, |before| verify::run(args, before)),
        Command::Models(args) => on_desk(settings, |before| models::run(args, before)),
        Command::Simulate(args) => alone(&settings, || simulate::run(&args)),
        Command::Sla(args) => alone(&settings, || sla::run(&args)),
        Command::KnownErrors(args) => alone(&settings, || known_errors::run(&args)),
        Command::Services(args) => alone(&settings, || services::run(&args)),
        Command::Train(args) => alone(&settings, || train::run(&args)),
        Command::Evaluate(args) => alone(&settings, || evaluate::run(&args)),
        Command::CrossValidate(args) => alone(&settings, || cross_validate::run(&args)),
        Command::Compare(args) => alone(&settings, || compare::run(&args)),
        Command::Report(args) => alone(&settings, || report::run(&args)),
        Command::Card(args) => alone(&settings, || card::run(&args)),
        Command::Predict(args) => alone(&settings, || predict::run(&args)),
        Command::Completions(args) => alone(&settings, || completions::run(&args, CommandLine::command())),
    }
}

/// Runs a command that knows no settings.
fn alone(settings: &SettingsArgs, run: impl FnOnce() -> ExitCode) -> ExitCode {
    if settings.is_empty() { run() } else { misplaced() }
}

/// Runs a command that works on a desk which need not run.
fn on_desk(settings: SettingsArgs, run: impl FnOnce(DeskArgs) -> ExitCode) -> ExitCode {
    settings.desk_only().map_or_else(misplaced, run)
}

fn misplaced() -> ExitCode {
    let problem = "flags before the command are settings: all of them for `serve`, --config and --data for \
                   `tail`, `dead-letters`, `token`, `people`, `assets`, `knowledge`, `waves`, `changes`, `measures`, `improvements`, `verify` and `models`, none for the other commands";
    usage(&CommandLine::command().error(clap::error::ErrorKind::ArgumentConflict, problem))
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

/// Whether whoever read has had enough (`| head`), which is no fault.
fn is_enough(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
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
