//! `serve`: runs the service until it is told to stop.

mod signals;
mod training;

use std::{
    io::{self, IsTerminal as _, Write, stderr, stdout},
    process::ExitCode,
};

use tokio_util::sync::CancellationToken;

use self::{signals::Signals, training::Training};
use super::{
    failed,
    paint::{Paint, in_style},
    settings::SettingsArgs,
};
use crate::{
    app::App,
    config::{self, Auth, Config, LogFormat},
    tasks::End,
    telemetry::{Lines, Metrics, start_logging},
};

/// Run the service: gRPC for chat bots and programs, HTTP for health and metrics
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch serve
  ticket-dispatch serve --listen 127.0.0.1:0 --http 127.0.0.1:0 --data /tmp/desk
  ticket-dispatch serve --config desk.toml
  DISPATCH_STORE_URL=postgres://desk@db/desk ticket-dispatch serve

Stops gracefully on SIGTERM or Ctrl-C, and at once on the second.

Exit codes: 0 stopped as asked, 1 did not start or a part of it died, 64 the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    pub(super) settings: SettingsArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let config = match args.settings.load() {
        Ok(config) => config,
        Err(code) => return code,
    };
    start_logging(&config.log.filter, lines(config.log.format));
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(serve(config, args.settings.desk.data.as_deref())),
        Err(error) => failed(format_args!("cannot start its threads: {error}")),
    }
}

async fn serve(config: Config, data: Option<&str>) -> ExitCode {
    let auth = config.auth;
    let mut training = Training::default();
    let built = App::build(config, Metrics::start(), &mut |progress| training.hear(progress)).await;
    training.finish();
    let (app, mut signals) = match (built, Signals::listen()) {
        (Ok(app), Ok(signals)) => (app, signals),
        (Err(error), _) => return failed(format_args!("cannot start: {error}")),
        (_, Err(error)) => return failed(format_args!("cannot listen to signals: {error}")),
    };
    // Whoever started us may have closed standard output; that is no reason not to serve.
    drop(announce(&mut stdout().lock(), &app, (auth, data)));

    let stop = CancellationToken::new();
    let twice = async {
        signals.next().await;
        tracing::info!("stopping: calls in flight are finished; a second signal stops at once");
        stop.cancel();
        signals.next().await;
    };
    tokio::select! {
        end = app.run_until(stop.clone().cancelled_owned()) => code(&end),
        () = twice => failed("stopped at once, before everything was finished"),
    }
}

fn code(end: &End) -> ExitCode {
    match end {
        End::Asked => {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        }
        End::Died(name) => failed(format_args!("stopped, since its part `{name}` ended by itself")),
        End::Panicked(name) => failed(format_args!("stopped, since its part `{name}` panicked")),
    }
}

/// Where it listens, and the next thing to try, with the folder that was given.
fn announce(out: &mut impl Write, app: &App, (auth, data): (Auth, Option<&str>)) -> io::Result<()> {
    let (grpc, http) = (app.grpc()?, app.http()?);
    let paint = Paint::of(&stdout());
    writeln!(out, "gRPC on {}", in_style(paint.strong, grpc))?;
    writeln!(out, "HTTP on {}", in_style(paint.strong, format_args!("http://{http}")))?;
    let connect = if grpc.port() == 7400 { String::new() } else { format!(" --connect http://{grpc}") };
    let hint = match auth {
        Auth::Open => format!("cargo run --release -- chat{connect}"),
        Auth::Tokens => {
            let data = data.map_or_else(String::new, |it| format!(" --data {it}"));
            format!("cargo run --release -- token create --subject my-bot --role bot{data}")
        }
    };
    writeln!(out, "Try it, in a second terminal:  {}", in_style(paint.key, hint))?;
    out.flush()
}

fn lines(format: LogFormat) -> Lines {
    let for_people =
        if config::no_color() || !stderr().is_terminal() { Lines::Plain } else { Lines::Coloured };
    match format {
        LogFormat::Text => for_people,
        LogFormat::Auto if stderr().is_terminal() => for_people,
        LogFormat::Auto | LogFormat::Json => Lines::Json,
    }
}
