//! Messages over one Converse stream: so many are in flight, and each answer is followed by the next.

use std::{collections::HashMap, sync::Arc, time::Duration, time::Instant};

use ticket_dispatch::proto::v1::{
    ConverseRequest, ConverseResponse, SendMessageResponse,
    conversation_service_client::ConversationServiceClient, converse_response::Outcome as Answer,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, transport::Channel};

use crate::{
    Outcome,
    load::{Round, Span},
    process::cpu,
    texts::{Source, number_of},
};

/// An open stream, with what is in flight on it.
pub(crate) struct Conversing {
    source: Arc<Source>,
    requests: mpsc::Sender<ConverseRequest>,
    answers: Streaming<ConverseResponse>,
    sent: HashMap<u64, Instant>,
}

impl Conversing {
    /// Opens a stream for at most so many messages in flight.
    pub(crate) async fn open(channel: Channel, source: &Arc<Source>, window: usize) -> Outcome<Self> {
        let (requests, waiting) = mpsc::channel(window);
        let mut client = ConversationServiceClient::new(channel);
        let answers = client.converse(ReceiverStream::new(waiting)).await?.into_inner();
        Ok(Self { source: Arc::clone(source), requests, answers, sent: HashMap::with_capacity(window) })
    }

    /// Sends the next message.
    pub(crate) async fn send(&mut self) -> Outcome<()> {
        let number = self.source.number();
        self.sent.insert(number, Instant::now());
        let message = Some(self.source.message(number));
        Ok(self.requests.send(ConverseRequest { message }).await?)
    }

    /// The next answer: its message's number, whether it told of a ticket, and how long it took.
    pub(crate) async fn next(&mut self) -> Outcome<(u64, bool, Duration)> {
        let answer = self.answers.message().await?.ok_or("the stream ended early")?;
        let number = number_of(&answer.message_id).ok_or("an answer to no message")?;
        let start = self.sent.remove(&number).ok_or("a message was answered twice")?;
        let is_good = self.source.answered(ticket_of(&answer).is_some_and(|it| it.ticket.is_some()));
        Ok((number, is_good, start.elapsed()))
    }

    /// How many messages are not answered yet.
    pub(crate) fn in_flight(&self) -> usize {
        self.sent.len()
    }
}

fn ticket_of(answer: &ConverseResponse) -> Option<&SendMessageResponse> {
    match answer.outcome.as_ref()? {
        Answer::Reply(reply) => Some(reply),
        Answer::Fault(_) => None,
    }
}

/// Converses for this long with `window` messages in flight.
pub(crate) async fn round(
    channel: Channel,
    source: &Arc<Source>,
    window: usize,
    length: Duration,
    server: u32,
) -> Outcome<Round> {
    let mut stream = Conversing::open(channel, source, window).await?;
    for _ in 0..window {
        stream.send().await?;
    }
    let span = Span::of(length);
    let mut round = Round { seconds: length.as_secs_f64(), ..Round::default() };
    let (mut before, mut after) = (None, None);
    while stream.in_flight() > 0 {
        let (_, is_good, latency) = stream.next().await?;
        let now = Instant::now();
        if span.holds(now) {
            before.get_or_insert_with(|| cpu(server));
            round.count(is_good, latency);
        }
        if now < span.end {
            stream.send().await?;
        } else {
            after.get_or_insert_with(|| cpu(server));
        }
    }
    round.cpu = after.zip(before).map_or(0.0, |(after, before): (f64, f64)| after - before);
    Ok(round)
}

/// Which of these texts open a ticket with one message, found by sending each of them.
pub(crate) async fn opening(channel: Channel, texts: Vec<String>) -> Outcome<Vec<String>> {
    const WINDOW: usize = 256;
    let count = texts.len();
    let source = Arc::new(Source::new("probe", texts.clone()));
    let mut stream = Conversing::open(channel, &source, WINDOW).await?;
    let mut opens = vec![false; count];
    for sent in 0.. {
        if sent < count {
            stream.send().await?;
        } else if stream.in_flight() == 0 {
            break;
        }
        while stream.in_flight() >= WINDOW || (sent >= count && stream.in_flight() > 0) {
            let (number, is_good, _) = stream.next().await?;
            opens[number as usize] = is_good;
        }
    }
    Ok(texts.into_iter().zip(opens).filter_map(|(text, opens)| opens.then_some(text)).collect())
}
