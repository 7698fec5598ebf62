//! How satisfied requesters are, to and from the contract's words.

use super::{
    approval::{notice_from, notice_to},
    event::Malformed,
    time::{time_from, time_to},
    v1::{self, event::Fact},
};
use crate::domain::{
    ticket::{Event, Rating, Survey, Surveyed},
    time::Timestamp,
};

pub(super) fn survey_to(it: &Survey) -> v1::TicketSurvey {
    let rating = it.rating.as_ref();
    v1::TicketSurvey {
        ending: it.ending,
        ask_time: it.asked.map(|it| time_to(it.0)),
        asked_turns: it.asked.map_or(0, |it| it.1),
        score: rating.map_or(0, |it| it.score.into()),
        comment: rating.map_or_else(String::new, |it| it.comment.clone()),
        first_rate_time: rating.map(|it| time_to(it.first)),
        rate_time: rating.map(|it| time_to(it.last)),
    }
}

pub(super) fn survey_from(it: &v1::TicketSurvey) -> Result<Survey, Malformed> {
    let rating = |first: &pbjson_types::Timestamp| {
        Ok(Rating {
            score: score(it.score)?,
            comment: it.comment.clone(),
            first: time_from(first),
            last: it.rate_time.as_ref().map_or(Timestamp::default(), time_from),
        })
    };
    Ok(Survey {
        ending: it.ending,
        asked: it.ask_time.as_ref().map(|at| (time_from(at), it.asked_turns)),
        rating: it.first_rate_time.as_ref().map(rating).transpose()?,
    })
}

pub(super) fn surveyed_to(it: &Surveyed) -> Fact {
    match it {
        Surveyed::Asked { ending, turns, notice } => Fact::TicketSurveyAsked(v1::TicketSurveyAsked {
            ending: *ending,
            asked_turns: *turns,
            notice: Some(notice_to(notice)),
        }),
        Surveyed::Rated { score, comment } => {
            Fact::TicketRated(v1::TicketRated { score: (*score).into(), comment: comment.clone() })
        }
    }
}

pub(super) fn asked_from(it: &v1::TicketSurveyAsked) -> Result<Event, Malformed> {
    let notice = it.notice.as_ref().ok_or(Malformed("ticket_survey_asked.notice"))?;
    let (ending, turns, notice) = (it.ending, it.asked_turns, notice_from(notice));
    Ok(Event::Surveyed(Box::new(Surveyed::Asked { ending, turns, notice })))
}

pub(super) fn rated_from(it: &v1::TicketRated) -> Result<Event, Malformed> {
    let (score, comment) = (score(it.score)?, it.comment.clone());
    Ok(Event::Surveyed(Box::new(Surveyed::Rated { score, comment })))
}

/// A score as this program wrote it.
fn score(raw: u32) -> Result<u8, Malformed> {
    u8::try_from(raw).map_err(|_| Malformed("ticket_rated.score"))
}
