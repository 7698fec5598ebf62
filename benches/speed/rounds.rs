//! All paths in turn, again and again: what is compared was measured a moment apart.

use std::{
    collections::BTreeMap,
    io::{Write, stderr},
    process::Command,
    sync::{Arc, atomic::Ordering},
};

use ticket_dispatch::proto::v1::{
    conversation_service_client::ConversationServiceClient, routing_service_client::RoutingServiceClient,
};
use tonic::transport::Channel;

use crate::{
    Outcome,
    calls::{EchoMessage, EchoText, Hear, Suggest, connect},
    converse,
    desk::Desk,
    disk,
    load::{self, Round},
    onward::{self, HalfLoad, Redis},
    options::Options,
    process::Process,
    texts::{Source, candidates},
    understanding::{self, Understanding},
};

/// What is measured, beside how many are in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Path {
    EchoMessage,
    EchoText,
    Suggest,
    Hear,
    Converse,
    Onward,
}

/// All that was measured.
#[derive(Default)]
pub(crate) struct Measured {
    /// One round for each repetition.
    pub(crate) rounds: BTreeMap<(Path, usize), Vec<Round>>,
    /// F in seconds, one for each repetition.
    pub(crate) syncs: Vec<f64>,
    pub(crate) half_loads: Vec<HalfLoad>,
    pub(crate) understanding: Option<Understanding>,
    /// Texts that open a ticket with one message, and how many were tried.
    pub(crate) texts: (usize, usize),
    /// Tickets that answers told of, and tickets in the database.
    pub(crate) tickets: (u64, u64),
    /// The same for the desk that publishes, and entries beside events.
    pub(crate) published: Option<(u64, u64, u64, u64)>,
    pub(crate) seconds: f64,
}

/// The rows, the paths that each needs, and how many are in flight.
const ROWS: [(&str, Path, usize); 13] = [
    ("S1", Path::EchoText, 64),
    ("S1", Path::Suggest, 64),
    ("S2", Path::EchoMessage, 64),
    ("S2", Path::Hear, 64),
    ("S2", Path::EchoMessage, 256),
    ("S2", Path::Hear, 256),
    ("S4", Path::EchoMessage, 256),
    ("S4", Path::Converse, 256),
    ("S4", Path::EchoMessage, 1024),
    ("S4", Path::Converse, 1024),
    ("S5", Path::Onward, 1024),
    ("S3", Path::EchoMessage, 1),
    ("S3", Path::Hear, 1),
];

struct Bench {
    options: (f64, usize),
    echo: (Process, Vec<Channel>),
    desk: (Desk, Vec<Channel>),
    source: Arc<Source>,
    onward: Option<(Desk, Redis, Vec<Channel>, Arc<Source>)>,
    measured: Measured,
}

/// Measures what the options ask for.
pub(crate) async fn measure(options: &Options) -> Outcome<Measured> {
    let mut bench = Bench::start(options).await?;
    let mut paths: Vec<(Path, usize)> = vec![];
    for (row, path, in_flight) in ROWS {
        let wanted = options.wants(row) || (row == "S4" && in_flight == 1024 && options.wants("S5"));
        if wanted && !paths.contains(&(path, in_flight)) {
            paths.push((path, in_flight));
        }
    }
    for repetition in 0..options.repetitions {
        say(&format!("repetition {} of {}", repetition + 1, options.repetitions));
        bench.repetition(options, &paths).await?;
        // What came first comes last the next time: a trend within a repetition favours nobody.
        paths.reverse();
    }
    if options.wants("S9") {
        say("understanding, in process");
        let data = bench.desk.0.models();
        bench.measured.understanding = Some(understanding::measure(data.parent().unwrap_or(&data))?);
    }
    bench.finish().await
}

fn say(what: &str) {
    // Progress for whoever looks; nobody need be looking.
    let _ = writeln!(stderr(), "{what}");
}

impl Bench {
    async fn start(options: &Options) -> Outcome<Self> {
        const MOST: usize = 1024;
        say("starting the echo and the desk; a first start trains the model");
        let desk = Desk::start(&options.program(), None, None)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--echo");
        let echo = Process::start(command, &desk.folder().join("echo.log"))?;
        let to_desk = connect(&desk.process.address, MOST).await?;
        let to_echo = connect(&echo.address, MOST).await?;
        let tried = candidates()?;
        let texts = (0, tried.len());
        let opening = converse::opening(to_desk[0].clone(), tried).await?;
        let stored = desk.tickets().await?;
        if stored != opening.len() as u64 {
            return Err(format!("{} texts opened a ticket, {stored} are stored", opening.len()).into());
        }
        let measured =
            Measured { texts: (opening.len(), texts.1), tickets: (stored, 0), ..Measured::default() };
        let onward =
            if options.wants("S5") { onward(&options.program(), &desk, &opening).await? } else { None };
        let source = Arc::new(Source::new("desk", opening));
        let options = (options.length.as_secs_f64(), options.repetitions);
        Ok(Self { options, echo: (echo, to_echo), desk: (desk, to_desk), source, onward, measured })
    }

    async fn repetition(&mut self, options: &Options, paths: &[(Path, usize)]) -> Outcome<()> {
        for (path, in_flight) in paths {
            let Some(round) = self.round(options, *path, *in_flight).await? else { continue };
            if round.failed > 0 {
                say(&format!("{path:?} with {in_flight} in flight: {} bad answers", round.failed));
            }
            if (*path, *in_flight) == (Path::Hear, 1) {
                self.measured.syncs.push(disk::sync(self.desk.0.folder())?);
            }
            if *path == Path::Onward
                && let Some((_, redis, channels, source)) = &self.onward
            {
                let half = round.rate() / 2.0;
                let half =
                    onward::half_load(redis, channels[0].clone(), source, half, options.length).await?;
                self.measured.half_loads.push(half);
            }
            self.measured.rounds.entry((*path, *in_flight)).or_default().push(round);
        }
        Ok(())
    }

    async fn round(&self, options: &Options, path: Path, in_flight: usize) -> Outcome<Option<Round>> {
        let (length, source) = (options.length, &self.source);
        let (echo, desk) = (self.echo.0.id(), self.desk.0.process.id());
        let spread = |channels: &[Channel]| -> Vec<Channel> {
            let connections = in_flight.div_ceil(64);
            channels.iter().take(connections).cycle().take(in_flight).cloned().collect()
        };
        let (to_echo, to_desk) = (spread(&self.echo.1), spread(&self.desk.1));
        let with = || Arc::clone(source);
        Ok(Some(match path {
            Path::EchoMessage => {
                let callers = to_echo.into_iter().map(|it| EchoMessage(it, with()));
                load::round(callers, source, length, echo).await?
            }
            Path::EchoText => {
                let callers = to_echo.into_iter().map(|it| EchoText(it, with()));
                load::round(callers, source, length, echo).await?
            }
            Path::Suggest => {
                let callers = to_desk.into_iter().map(|it| Suggest(RoutingServiceClient::new(it), with()));
                load::round(callers, source, length, desk).await?
            }
            Path::Hear => {
                let callers = to_desk.into_iter().map(|it| Hear(ConversationServiceClient::new(it), with()));
                load::round(callers, source, length, desk).await?
            }
            Path::Converse => {
                converse::round(self.desk.1[0].clone(), source, in_flight, length, desk).await?
            }
            Path::Onward => match &self.onward {
                Some((desk, redis, channels, source)) => {
                    onward::round((desk, redis), channels[0].clone(), source, in_flight, length).await?
                }
                None => return Ok(None),
            },
        }))
    }

    async fn finish(mut self) -> Outcome<Measured> {
        self.measured.seconds = self.options.0;
        if let Some((mut desk, redis, _, source)) = self.onward.take() {
            redis.has_all(&desk).await?;
            desk.process.stop()?;
            let acknowledged = source.acknowledged.load(Ordering::Relaxed);
            let (tickets, events) = (desk.tickets().await?, desk.events().await?);
            self.measured.published = Some((acknowledged, tickets, redis.entries().await?, events));
        }
        // The database is counted when nobody writes to it any more.
        self.desk.0.process.stop()?;
        self.measured.tickets.0 += self.source.acknowledged.load(Ordering::Relaxed);
        self.measured.tickets.1 = self.desk.0.tickets().await?;
        Ok(self.measured)
    }
}

/// A second desk, which publishes to a Redis of its own.
async fn onward(
    program: &std::path::Path,
    first: &Desk,
    texts: &[String],
) -> Outcome<Option<(Desk, Redis, Vec<Channel>, Arc<Source>)>> {
    let Some(redis) = Redis::start().await? else {
        say("S5 is not measured: redis-server is not installed");
        return Ok(None);
    };
    let desk = Desk::start(program, Some(&redis.url), Some(&first.models()))?;
    let channels = connect(&desk.process.address, 1).await?;
    Ok(Some((desk, redis, channels, Arc::new(Source::new("onward", texts.to_vec())))))
}
