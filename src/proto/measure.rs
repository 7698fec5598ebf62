//! What is measured, to and from the contract's words; and what of an event matters for it.

use super::{
    event::Malformed,
    time::time_from,
    v1::{self, because::Reason, event::Fact, measured_life::Of},
    words,
};
use crate::domain::{
    article::Use,
    id::{ConversationId, TicketId},
    measure::{Goal, Help, Life, Mark, Moment, Names, Opened, Rated, Resolved, Step, TicketLife},
    time::Timestamp,
};

/// Lives by their identities, and what happened to each.
pub type Changes<'a> = [Option<([u8; 16], Step<'a>)>; 2];

/// Which lives an event is about: that of a ticket, that of a conversation, or both.
pub fn changes_of(event: &v1::Event) -> Result<Changes<'_>, Malformed> {
    let conversation = |it: &str| it.parse::<ConversationId>().ok().map(|it| *it.bytes());
    let step = step_of(event)?.unwrap_or(Step::Else);
    if let Some(Fact::ArticleUsed(it)) = &event.fact {
        // Who is no conversation is an agent, or somebody outside of one.
        return Ok([conversation(&it.reader).map(|key| (key, step)), None]);
    }
    let from = if let Some(Fact::TicketOpened(it)) = &event.fact { it.ticket.as_ref() } else { None };
    let from = from.and_then(|it| conversation(&it.conversation));
    let ticket = event.subject.parse::<TicketId>().ok().map(|it| *it.bytes());
    Ok([ticket.map(|key| (key, step)), from.map(|key| (key, Step::Came))])
}

/// The field of an event that holds a turn of a chat.
const TURN: usize = 32;

/// Whether an encoded event is a turn of a chat: most of what a desk's log holds by size, and never about a life. So it need not
/// be decoded to be passed over.
pub fn is_turn(mut payload: &[u8]) -> bool {
    let is_turn = |payload: &mut &[u8]| -> Option<bool> {
        while !payload.is_empty() {
            let key = prost::decode_length_delimiter(&mut *payload).ok()?;
            let length = match key & 7 {
                0 => prost::decode_length_delimiter(&mut *payload).map(|_| 0).ok()?,
                1 => 8,
                2 if key >> 3 == TURN => return Some(true),
                2 => prost::decode_length_delimiter(&mut *payload).ok()?,
                5 => 4,
                _ => return None,
            };
            *payload = payload.get(length..)?;
        }
        Some(false)
    };
    is_turn(&mut payload).unwrap_or(false)
}

/// When an event was, as far as it matters here.
pub fn moment_of(event: &v1::Event) -> Option<Moment> {
    let worked = event.worked_seconds.map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    event.time.as_ref().map(|at| Moment { at: time_from(at), worked })
}

/// What of an event matters; nothing of most of them.
fn step_of(event: &v1::Event) -> Result<Option<Step<'_>>, Malformed> {
    let step = match &event.fact {
        Some(Fact::TicketOpened(it)) => Step::Opened(opened(it)?),
        Some(Fact::TicketAssigned(it)) => Step::Assigned {
            group: &it.group,
            agent: &it.agent,
            by_person: it.because.iter().any(|why| is_by_person(why, &event.actor)),
        },
        // What was said elsewhere answers nothing here.
        Some(Fact::TicketCommented(it)) if it.said_time.is_some() => return Ok(None),
        Some(Fact::TicketCommented(it)) => {
            Step::Said { internal: it.internal, by_requester: it.by_requester }
        }
        Some(Fact::TicketMoved(it)) => Step::Moved {
            to: words::state_from(it.to).ok_or(Malformed("ticket_moved.to"))?,
            by_requester: it.by_requester,
        },
        Some(Fact::TicketUpdated(it)) => match words::priority_from(it.priority) {
            Some(priority) => Step::Ranked(priority),
            None => return Ok(None),
        },
        Some(Fact::TicketRated(it)) => {
            Step::Rated(u8::try_from(it.score).map_err(|_| Malformed("ticket_rated.score"))?)
        }
        Some(Fact::ArticleUsed(it)) => {
            Step::Read { article: &it.article, helped: words::use_from(it.r#use) == Some(Use::Helped) }
        }
        Some(
            Fact::TicketEscalated(_)
            | Fact::TicketOffered(_)
            | Fact::TicketOfferPassed(_)
            | Fact::AgentPresenceChanged(_)
            | Fact::TicketTaskChanged(_)
            | Fact::TicketLinked(_)
            | Fact::TicketUnlinked(_)
            | Fact::TicketWatched(_)
            | Fact::TicketAttached(_)
            | Fact::TicketDetached(_)
            | Fact::ApprovalAsked(_)
            | Fact::ApprovalVoted(_)
            | Fact::ApprovalHanded(_)
            | Fact::ApprovalReminded(_)
            | Fact::ApprovalExpired(_)
            | Fact::ApprovalStepEnded(_)
            | Fact::ApprovalRestarted(_)
            | Fact::ApprovalEnded(_)
            | Fact::TurnTaken(_)
            | Fact::CatalogApplied(_)
            | Fact::PersonChanged(_)
            | Fact::ArticleChanged(_)
            | Fact::AssetChanged(_)
            | Fact::TicketAssetsChanged(_)
            | Fact::WaveChanged(_)
            | Fact::WaveJoined(_)
            | Fact::WaveLeft(_)
            | Fact::TicketDiagnosed(_)
            | Fact::TicketPlanned(_)
            | Fact::TicketScheduled(_)
            | Fact::TicketReviewed(_)
            | Fact::TicketSurveyAsked(_)
            | Fact::ImprovementChanged(_),
        )
        | None => return Ok(None),
    };
    Ok(Some(step))
}

/// Whether a reason is a person's own deed. A step of an SLA policy says why it chose, and not who.
fn is_by_person(why: &v1::Because, actor: &str) -> bool {
    match &why.reason {
        Some(Reason::Accepted(_)) => true,
        Some(Reason::ChosenBy(who)) => who == actor,
        Some(
            Reason::TemplateGroup(_)
            | Reason::Rule(_)
            | Reason::LeastLoaded(_)
            | Reason::NobodyPresent(_)
            | Reason::Policy(_)
            | Reason::NobodyFits(_)
            | Reason::InLine(_)
            | Reason::StandsIn(_)
            | Reason::Absent(_)
            | Reason::Left(_),
        )
        | None => false,
    }
}

fn opened(it: &v1::TicketOpened) -> Result<Opened<'_>, Malformed> {
    let ticket = it.ticket.as_ref().ok_or(Malformed("ticket_opened.ticket"))?;
    Ok(Opened {
        kind: words::kind_from(ticket.kind).ok_or(Malformed("ticket.kind"))?,
        service: &ticket.service,
        template: &ticket.template,
        group: &ticket.group,
        agent: &ticket.agent,
        priority: words::priority_from(ticket.priority).ok_or(Malformed("ticket.priority"))?,
        state: words::state_from(ticket.state).ok_or(Malformed("ticket.state"))?,
        at: ticket.open_time.as_ref().map(time_from).ok_or(Malformed("ticket.open_time"))?,
        responded: ticket.response_time.as_ref().map(time_from),
        gate: it.decision.as_ref().and_then(|it| words::gate_from(it.gate)),
    })
}

/// In the contract's words.
pub fn life_to(life: &Life) -> v1::MeasuredLife {
    let of = match life {
        Life::Ticket(it) => Of::Ticket(ticket_to(it)),
        Life::Reading(helps) => Of::Reading(v1::MeasuredReading {
            helps: helps.iter().map(help_to).collect(),
            ..v1::MeasuredReading::default()
        }),
    };
    v1::MeasuredLife { of: Some(of) }
}

fn help_to(it: &Help) -> v1::MeasuredHelp {
    v1::MeasuredHelp { article: it.article.to_string(), at: it.at.0, in_vain: it.in_vain }
}

fn ticket_to(it: &TicketLife) -> v1::MeasuredTicket {
    // Most of what happens to a ticket happens while its last group has it.
    let mark = |mark: &Mark| v1::MeasuredMark {
        at: mark.at.0,
        group: if mark.group == it.group { String::new() } else { mark.group.to_string() },
        worked: mark.worked,
    };
    let goal = |goal: &Goal| v1::MeasuredGoal {
        goal: words::goal_to(goal.goal),
        met: goal.met,
        due: Some(mark(&goal.mark)),
    };
    let rating = |it: &Rated| v1::MeasuredRating {
        ending: it.ending,
        score: it.score.into(),
        first: Some(mark(&it.mark)),
    };
    v1::MeasuredTicket {
        kind: words::kind_to(it.kind),
        service: it.service.to_string(),
        template: it.template.to_string(),
        priority: words::priority_to(it.priority),
        state: words::state_to(it.state),
        group: it.group.to_string(),
        agent: it.agent.to_string(),
        opened: Some(mark(&it.opened)),
        automatic: it.automatic,
        rerouted: it.rerouted,
        acknowledged: it.acknowledged.as_ref().map(mark),
        responded: it.responded.as_ref().map(mark),
        resolved: it.resolved.as_ref().map(|it| mark(&it.mark)),
        resolved_by_requester: it.resolved.as_ref().is_some_and(|it| !it.by_desk),
        reopened: it.reopened.iter().map(mark).collect(),
        reassigned: it.reassigned,
        held: it.held,
        ratings: it.ratings.iter().map(rating).collect(),
        goals: it.goals.iter().map(goal).collect(),
        ..v1::MeasuredTicket::default()
    }
}

/// From the contract's words, as this program wrote them.
pub fn life_from(it: &v1::MeasuredLife, names: &mut Names) -> Result<Life, Malformed> {
    match it.of.as_ref().ok_or(Malformed("life.of"))? {
        Of::Ticket(it) => Ok(Life::Ticket(Box::new(ticket_from(it, names)?))),
        Of::Reading(it) => {
            let help = |it: &v1::MeasuredHelp| Help {
                article: names.get(&it.article),
                at: Timestamp(it.at),
                in_vain: it.in_vain,
            };
            Ok(Life::Reading(it.helps.iter().map(help).collect()))
        }
    }
}

fn ticket_from(it: &v1::MeasuredTicket, names: &mut Names) -> Result<TicketLife, Malformed> {
    let mut mark = |mark: &v1::MeasuredMark| Mark {
        at: Timestamp(mark.at),
        group: names.get(if mark.group.is_empty() { &it.group } else { &mark.group }),
        worked: mark.worked,
    };
    let opened = mark(it.opened.as_ref().ok_or(Malformed("life.opened"))?);
    let acknowledged = it.acknowledged.as_ref().map(&mut mark);
    let responded = it.responded.as_ref().map(&mut mark);
    let resolved = it.resolved.as_ref().map(&mut mark);
    let reopened = it.reopened.iter().map(&mut mark).collect();
    let mut ratings = Vec::with_capacity(it.ratings.len());
    for rated in &it.ratings {
        let score = u8::try_from(rated.score).map_err(|_| Malformed("life.rating.score"))?;
        let first = rated.first.as_ref().ok_or(Malformed("life.rating.first"))?;
        ratings.push(Rated { ending: rated.ending, score, mark: mark(first) });
    }
    let mut goals = Vec::with_capacity(it.goals.len());
    for goal in &it.goals {
        let due = goal.due.as_ref().ok_or(Malformed("life.goal.due"))?;
        let of = words::goal_from(goal.goal).ok_or(Malformed("life.goal"))?;
        goals.push(Goal { goal: of, met: goal.met, mark: mark(due) });
    }
    Ok(TicketLife {
        kind: words::kind_from(it.kind).ok_or(Malformed("life.kind"))?,
        service: names.get(&it.service),
        template: names.get(&it.template),
        priority: words::priority_from(it.priority).ok_or(Malformed("life.priority"))?,
        state: words::state_from(it.state).ok_or(Malformed("life.state"))?,
        group: names.get(&it.group),
        agent: names.get(&it.agent),
        opened,
        automatic: it.automatic,
        rerouted: it.rerouted,
        acknowledged,
        responded,
        resolved: resolved.map(|mark| Resolved { mark, by_desk: !it.resolved_by_requester }),
        reopened,
        reassigned: it.reassigned,
        held: it.held,
        ratings,
        goals,
    })
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn only_turns_are_passed_over() {
        let event = |fact| v1::Event {
            tenant: "acme".into(),
            partition: 3,
            position: 1 << 40,
            time: Some(crate::proto::time::time_to(Timestamp(1_800_000_000_005))),
            subject: "cnv_1".into(),
            worked_seconds: Some(7),
            fact: Some(fact),
            ..Default::default()
        };
        let turn = event(Fact::TurnTaken(v1::TurnTaken { text: "hello".into(), ..Default::default() }));
        let bytes = turn.encode_to_vec();
        assert!(is_turn(&bytes) && changes_of(&turn).unwrap().iter().all(Option::is_none));
        for other in [
            event(Fact::TicketRated(v1::TicketRated { score: 3, comment: "so so".into() })),
            event(Fact::ArticleUsed(v1::ArticleUsed::default())),
            event(Fact::TicketMoved(v1::TicketMoved { resolution: "x".repeat(300), ..Default::default() })),
        ] {
            assert!(!is_turn(&other.encode_to_vec()));
        }
        // Nothing panics on what is no event.
        for cut in 0..bytes.len() {
            let _ = is_turn(&bytes[..cut]);
            let _ = is_turn(&bytes[cut..].iter().map(|it| it ^ 0x55).collect::<Vec<_>>());
        }
    }
}
