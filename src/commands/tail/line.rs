//! One event as one line: when, about what, what happened.

use std::collections::HashMap;

use crate::{
    commands::paint::{Paint, in_style},
    domain::{
        change::{Outcome, RiskLevel},
        sla::Goal,
    },
    proto::{
        time::time_from,
        v1::{self, event::Fact, ticket_task_changed::Change},
        words,
    },
};

/// A line is as long as this at most, not counting time and number.
const LONGEST: usize = 100;

/// Makes lines; knows the numbers of tickets whose opening it has seen.
pub(super) struct Line {
    paint: Paint,
    numbers: HashMap<String, String>,
}

impl Line {
    pub(super) fn new(paint: Paint) -> Self {
        Self { paint, numbers: HashMap::new() }
    }

    pub(super) fn of(&mut self, event: &v1::Event) -> String {
        if let Some(Fact::TicketOpened(v1::TicketOpened { ticket: Some(ticket), .. })) = &event.fact {
            self.numbers.insert(event.subject.clone(), ticket.number.clone());
        }
        let time = event.time.as_ref().map_or_else(String::new, |it| time_from(it).rfc3339());
        let known = self.numbers.get(&event.subject);
        let about = known.cloned().unwrap_or_else(|| shortened(&event.subject, 14));
        let (verb, rest) = told(event);
        format!(
            "{} {} {} {}",
            in_style(self.paint.faint, time),
            in_style(self.paint.key, format_args!("{about:14}")),
            in_style(self.paint.strong, verb),
            shortened(&plain(&rest), LONGEST),
        )
    }
}

/// What happened: a word, and the rest of the line.
fn told(event: &v1::Event) -> (&'static str, String) {
    match &event.fact {
        Some(Fact::TicketOpened(it)) => ("opened", it.ticket.as_ref().map_or_else(String::new, opened)),
        Some(Fact::TicketAssigned(it)) if it.agent.is_empty() => ("assigned", it.group.clone()),
        Some(Fact::TicketAssigned(it)) => ("assigned", format!("{} / {}", it.group, it.agent)),
        Some(Fact::TicketCommented(it)) => {
            let note = if it.internal { " (internal)" } else { "" };
            ("commented", format!("{}{note}: {}", it.author, it.text))
        }
        Some(Fact::TicketMoved(it)) => {
            let name = |number| words::state_from(number).map_or("?", |it| it.as_str());
            let why = if it.resolution.is_empty() { String::new() } else { format!(": {}", it.resolution) };
            ("moved", format!("{} -> {}{why}", name(it.from), name(it.to)))
        }
        Some(Fact::TicketUpdated(it)) => ("updated", it.subject.clone().unwrap_or_default()),
        Some(Fact::TicketEscalated(it)) => ("escalated", escalated(it)),
        Some(Fact::TicketOffered(it)) => ("offered", it.offer.clone().unwrap_or_default().agent),
        Some(Fact::TicketOfferPassed(it)) => {
            let passed = it.passed.clone().unwrap_or_default();
            let how = if passed.declined { "declined" } else { "did not answer" };
            let why = if it.reason.is_empty() { String::new() } else { format!(": {}", it.reason) };
            ("passed", format!("{} {how}{why}", passed.agent))
        }
        Some(Fact::TicketTaskChanged(it)) => ("task", task(it)),
        Some(Fact::AgentPresenceChanged(it)) => {
            let until = it.until_time.as_ref().map(|it| format!(" until {}", time_from(it).rfc3339()));
            (
                "presence",
                if it.away { format!("away{}", until.unwrap_or_default()) } else { "back".to_owned() },
            )
        }
        Some(Fact::TicketLinked(it)) => ("linked", linked(it.link.as_ref())),
        Some(Fact::TicketUnlinked(it)) => ("unlinked", linked(it.link.as_ref())),
        Some(Fact::TicketWatched(it)) => {
            let verb = if it.watches { "watched" } else { "unwatched" };
            (verb, it.person.clone().unwrap_or_default().subject)
        }
        Some(Fact::TicketAttached(it)) => ("attached", it.attachment.clone().unwrap_or_default().name),
        Some(Fact::TicketDetached(it)) => ("detached", it.name.clone()),
        Some(Fact::ApprovalAsked(it)) => {
            ("approval", format!("asks {}", people(it.seats.iter().flat_map(|it| &it.asked))))
        }
        Some(Fact::ApprovalVoted(it)) => ("approval", voted(it.vote.as_ref())),
        Some(Fact::ApprovalHanded(it)) => ("approval", format!("goes to {}", people(it.asked.iter()))),
        Some(Fact::ApprovalReminded(_)) => ("approval", "reminds".to_owned()),
        Some(Fact::ApprovalExpired(_)) => ("approval", "time is up".to_owned()),
        Some(Fact::ApprovalStepEnded(it)) => {
            ("approval", format!("step {} {}", it.step + 1, outcome(it.outcome)))
        }
        Some(Fact::ApprovalRestarted(_)) => ("approval", "begins anew".to_owned()),
        Some(Fact::ApprovalEnded(it)) => {
            let ending = it.ending.clone().unwrap_or_default();
            let why = if ending.reason.is_empty() { String::new() } else { format!(": {}", ending.reason) };
            ("approval", format!("{}{why}", outcome(ending.outcome)))
        }
        Some(Fact::TurnTaken(it)) => ("heard", it.text.clone()),
        Some(Fact::PersonChanged(it)) => ("person", person(it)),
        Some(Fact::ArticleChanged(it)) => ("article", article(it.article.as_ref())),
        Some(Fact::ArticleUsed(it)) => {
            ("article", words::use_from(it.r#use).map_or("used", |it| it.as_str()).to_owned())
        }
        Some(Fact::AssetChanged(it)) => ("asset", asset(it)),
        Some(Fact::WaveChanged(it)) => ("wave", wave(it.wave.as_ref())),
        Some(Fact::WaveJoined(it)) => ("wave", format!("joined: {}", it.text)),
        Some(Fact::WaveLeft(_)) => ("wave", "somebody left".to_owned()),
        Some(Fact::TicketAssetsChanged(it)) => ("assets", assets(it)),
        Some(Fact::TicketSurveyAsked(_)) => ("survey", "asked how satisfied they are".to_owned()),
        Some(Fact::TicketRated(it)) => {
            ("survey", format!("{} of 5 {}", it.score, it.comment).trim_end().to_owned())
        }
        Some(Fact::ImprovementChanged(it)) => ("improvement", improvement(it.improvement.as_ref())),
        Some(Fact::TicketDiagnosed(it)) => ("diagnosis", diagnosis(it.diagnosis.as_ref())),
        Some(Fact::TicketPlanned(it)) => ("planned", planned(it.plan.as_ref())),
        Some(Fact::TicketScheduled(it)) => ("scheduled", scheduled(it.schedule.as_ref())),
        Some(Fact::TicketReviewed(it)) => ("review", reviewed(it.review.as_ref())),
        Some(Fact::CatalogApplied(it)) => ("catalogue", format!("version {}", it.version)),
        None => ("event", "of a newer version of this program".to_owned()),
    }
}

fn improvement(it: Option<&v1::Improvement>) -> String {
    let Some(it) = it else { return String::new() };
    let title = it.plan.as_ref().map_or("", |it| it.title.as_str());
    let state = words::improvement_state_from(it.state).map_or("", |it| it.as_str());
    format!("{} {state}: {title}", it.number)
}

fn person(it: &v1::PersonChanged) -> String {
    let name = it.person.as_ref().map_or("", |it| it.user_name.as_str());
    if it.changed.is_empty() {
        format!("{name}: entered")
    } else {
        format!("{name}: {}", it.changed.join(", "))
    }
}

fn article(it: Option<&v1::Article>) -> String {
    let Some(it) = it else { return String::new() };
    let state = words::article_state_from(it.state).map_or("", |it| it.as_str());
    format!("{} revision {}: {state}", it.number, it.revision)
}

fn wave(it: Option<&v1::Wave>) -> String {
    let Some(it) = it else { return String::new() };
    let state = words::wave_state_from(it.state).map_or("", |it| it.as_str());
    format!("{} {state}: {} people", it.number, it.people)
}

fn asset(it: &v1::AssetChanged) -> String {
    let tag = it.asset.as_ref().map_or("", |it| it.tag.as_str());
    let what = if it.changed.is_empty() { "entered".to_owned() } else { it.changed.join(", ") };
    format!("{tag}: {what}")
}

fn assets(it: &v1::TicketAssetsChanged) -> String {
    let by_hand = it.assets.iter().filter(|it| it.how() != v1::TicketAssetOrigin::Computed);
    let tag = |it: &v1::TicketAsset| match it.how() {
        v1::TicketAssetOrigin::NotImpacted => format!("not {}", it.tag),
        v1::TicketAssetOrigin::Manual
        | v1::TicketAssetOrigin::Named
        | v1::TicketAssetOrigin::Computed
        | v1::TicketAssetOrigin::Unspecified => it.tag.clone(),
    };
    let tags: Vec<_> = by_hand.map(tag).collect();
    format!("{}; {} hang on them", tags.join(", "), it.computed_count)
}

fn span(it: Option<&v1::TimeSpan>) -> String {
    let Some(it) = it else { return "no window yet".to_owned() };
    let at = |it: Option<&_>| it.map(|it| time_from(it).rfc3339()).unwrap_or_default();
    format!("{} to {}", at(it.start_time.as_ref()), at(it.end_time.as_ref()))
}

fn planned(it: Option<&v1::ChangePlan>) -> String {
    let Some(it) = it else { return String::new() };
    let risk = it.risk.as_ref().map(|it| it.level()).and_then(|it| words::risk_from(it.into()));
    format!("{}, risk {}", span(it.window.as_ref()), risk.map_or("not rated", RiskLevel::as_str))
}

fn scheduled(it: Option<&v1::ChangeSchedule>) -> String {
    let Some(it) = it else { return String::new() };
    let against: Vec<&str> = it.freezes.iter().chain(&it.windows).map(String::as_str).collect();
    let against =
        if against.is_empty() { String::new() } else { format!(" in spite of {}", against.join(", ")) };
    format!("{}{against}", span(it.window.as_ref()))
}

fn reviewed(it: Option<&v1::ChangeReview>) -> String {
    let Some(it) = it else { return String::new() };
    let outcome = words::change_outcome_from(it.outcome).map_or("", Outcome::as_str);
    if it.text.is_empty() { outcome.to_owned() } else { format!("{outcome}: {}", it.text) }
}

fn diagnosis(it: Option<&v1::Diagnosis>) -> String {
    let Some(it) = it else { return String::new() };
    let known = if it.is_known_error { "known error: " } else { "" };
    format!("{known}{}", it.symptom)
}

fn linked(link: Option<&v1::TicketLink>) -> String {
    let Some(link) = link else { return String::new() };
    let relation = words::relation_from(link.relation).map_or("linked to", |it| it.as_str());
    format!("{relation} {}", link.number)
}

fn escalated(it: &v1::TicketEscalated) -> String {
    let step = it.escalation.unwrap_or_default();
    let goal = words::goal_from(step.goal).map_or("work", Goal::name);
    format!("{}% of the time for the {goal} has passed", step.percent)
}

fn task(changed: &v1::TicketTaskChanged) -> String {
    let ended = |how: &str, end: &v1::TaskEnding| {
        let note = if end.note.is_empty() { String::new() } else { format!(": {}", end.note) };
        format!("{how} by {}{note}", end.by)
    };
    let what = match &changed.change {
        Some(Change::Added(task)) => format!("added: {}", task.label_en),
        Some(Change::TakenBy(agent)) => format!("taken by {agent}"),
        Some(Change::TickedItem(item)) => format!("line {item} ticked off"),
        Some(Change::UntickedItem(item)) => format!("line {item} is not done after all"),
        Some(Change::Done(end)) => ended("done", end),
        Some(Change::Skipped(end)) => ended("left out", end),
        Some(Change::ReopenedBecause(why)) => format!("goes on: {why}"),
        None => "changed".to_owned(),
    };
    format!("{} {what}", changed.task)
}

fn people<'a>(asked: impl Iterator<Item = &'a v1::AskedApprover>) -> String {
    let subjects = asked.filter_map(|it| it.person.as_ref()).map(|it| it.subject.as_str());
    let all = subjects.collect::<Vec<_>>().join(", ");
    if all.is_empty() { "nobody: none could be found".to_owned() } else { all }
}

fn voted(vote: Option<&v1::ApprovalVote>) -> String {
    let vote = vote.cloned().unwrap_or_default();
    let who = vote.by.map(|it| it.subject).unwrap_or_default();
    let why = if vote.comment.is_empty() { String::new() } else { format!(": {}", vote.comment) };
    format!("{who} says {}{why}", if vote.approves { "yes" } else { "no" })
}

fn outcome(number: i32) -> &'static str {
    words::outcome_from(number).map_or("?", |it| it.as_str())
}

fn opened(ticket: &v1::Ticket) -> String {
    let priority = words::priority_from(ticket.priority).map_or("", |it| it.as_str());
    let agent = if ticket.agent.is_empty() { String::new() } else { format!(" / {}", ticket.agent) };
    format!("{priority} {}{agent}: {}", ticket.group, ticket.subject)
}

/// What people typed must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        text.to_owned()
    } else {
        text.chars().take(longest - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(fact: Fact) -> v1::Event {
        let time = Some(pbjson_types::Timestamp { seconds: 1_767_225_600, nanos: 0 });
        v1::Event {
            subject: "tkt_0123456789abcdef".to_owned(),
            time,
            fact: Some(fact),
            ..v1::Event::default()
        }
    }

    #[test]
    fn a_ticket_goes_by_its_number_once_its_opening_was_seen() {
        let mut line = Line::new(Paint::default());
        let said =
            v1::TicketCommented { author: "mei".into(), text: "a\u{1b}[2J\nb".into(), ..Default::default() };
        let said = event(Fact::TicketCommented(said));
        assert_eq!(line.of(&said), "2026-01-01T00:00:00Z tkt_012345678… commented mei: a [2J b");
        let ticket = v1::Ticket {
            number: "INC-000001".into(),
            subject: "No VPN".into(),
            group: "network".into(),
            priority: v1::Priority::P3.into(),
            ..Default::default()
        };
        let opened = event(Fact::TicketOpened(v1::TicketOpened { ticket: Some(ticket), decision: None }));
        assert_eq!(line.of(&opened), "2026-01-01T00:00:00Z INC-000001     opened P3 network: No VPN");
        assert!(line.of(&said).contains("INC-000001     commented"));
    }
}
