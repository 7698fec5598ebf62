//! Incident waves.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1::{self, wave_stream::About},
    words,
};
use crate::{
    domain::wave::{Member, Parent, Wave},
    routing::waves::{Rates, Stream},
};

/// In the contract's words.
pub fn wave_to(it: &Wave) -> v1::Wave {
    v1::Wave {
        id: it.id.to_string(),
        number: it.number.clone(),
        version: it.version,
        state: words::wave_state_to(it.state),
        template: it.template.clone(),
        service: it.service.clone(),
        assets: it.assets.clone(),
        first_time: Some(time_to(it.first)),
        last_time: Some(time_to(it.last)),
        people: it.people,
        expected_people: it.expected,
        members: it.members.iter().map(member_to).collect(),
        joined: it.joined,
        parent: it.parent.as_ref().map(parent_to),
        meaning: it.meaning.iter().map(|it| it.cast_unsigned()).collect(),
        author: it.author.clone(),
        reason: it.reason.clone(),
        create_time: Some(time_to(it.created)),
        update_time: Some(time_to(it.updated)),
    }
}

/// From the contract's words, as this program wrote them.
pub fn wave_from(it: &v1::Wave) -> Result<Wave, Malformed> {
    let time = |it: &Option<_>| it.as_ref().map(time_from).ok_or(Malformed("wave.time"));
    Ok(Wave {
        id: it.id.parse().map_err(|_| Malformed("wave.id"))?,
        number: it.number.clone(),
        version: it.version,
        state: words::wave_state_from(it.state).ok_or(Malformed("wave.state"))?,
        template: it.template.clone(),
        service: it.service.clone(),
        assets: it.assets.clone(),
        first: time(&it.first_time)?,
        last: time(&it.last_time)?,
        people: it.people,
        expected: it.expected_people,
        members: it.members.iter().map(member_from).collect::<Result<_, _>>()?,
        joined: it.joined,
        parent: it.parent.as_ref().map(parent_from).transpose()?,
        meaning: it.meaning.iter().map(|it| it.cast_signed()).collect(),
        author: it.author.clone(),
        reason: it.reason.clone(),
        created: time(&it.create_time)?,
        updated: time(&it.update_time)?,
    })
}

fn member_to(it: &Member) -> v1::WaveMember {
    v1::WaveMember {
        conversation: it.conversation.to_string(),
        ticket: it.ticket.map(|it| it.to_string()).unwrap_or_default(),
    }
}

fn member_from(it: &v1::WaveMember) -> Result<Member, Malformed> {
    let ticket = Some(&it.ticket).filter(|it| !it.is_empty());
    Ok(Member {
        conversation: it.conversation.parse().map_err(|_| Malformed("wave.members.conversation"))?,
        ticket: ticket.map(|it| it.parse().map_err(|_| Malformed("wave.members.ticket"))).transpose()?,
    })
}

fn parent_to(it: &Parent) -> v1::WaveParent {
    v1::WaveParent {
        ticket: it.ticket.to_string(),
        number: it.number.clone(),
        subject: it.subject.clone(),
        since_time: Some(time_to(it.since)),
        began_time: it.began.map(time_to),
    }
}

fn parent_from(it: &v1::WaveParent) -> Result<Parent, Malformed> {
    Ok(Parent {
        ticket: it.ticket.parse().map_err(|_| Malformed("wave.parent.ticket"))?,
        number: it.number.clone(),
        subject: it.subject.clone(),
        since: it.since_time.as_ref().map(time_from).ok_or(Malformed("wave.parent.since_time"))?,
        began: it.began_time.as_ref().map(time_from),
    })
}

/// What is usual, as it is kept.
pub fn rates_to(it: &Rates) -> v1::WaveRates {
    let stream = |(stream, hours): (Stream, Vec<f32>)| v1::WaveStream {
        about: Some(match stream {
            Stream::Template(id) => About::Template(id),
            Stream::Service(id) => About::Service(id),
            Stream::Asset(tag) => About::Asset(tag),
        }),
        hours,
    };
    v1::WaveRates {
        until_time: Some(time_to(it.until())),
        weeks: it.weeks().to_vec(),
        streams: it.streams().map(stream).collect(),
    }
}

/// What is usual, as this program kept it. What is none of its streams is left out.
pub fn rates_from(it: &v1::WaveRates) -> Rates {
    let stream = |it: &v1::WaveStream| {
        let stream = match it.about.clone()? {
            About::Template(id) => Stream::Template(id),
            About::Service(id) => Stream::Service(id),
            About::Asset(tag) => Stream::Asset(tag),
        };
        Some((stream, it.hours.clone()))
    };
    let until = it.until_time.as_ref().map(time_from).unwrap_or_default();
    Rates::learned(until, it.weeks.clone(), it.streams.iter().filter_map(stream).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::{ConversationId, TicketId, WaveId},
        time::Timestamp,
        wave::WaveState,
    };

    #[test]
    fn a_wave_reads_back_as_it_is_written() {
        for state in WaveState::ALL {
            let wave = Wave {
                id: WaveId::from_bytes([7; 16]),
                number: "WAV-000007".into(),
                version: 3,
                state,
                template: "vpn_fault".into(),
                service: "remote_access".into(),
                assets: vec!["SRV-1".into()],
                first: Timestamp(1000),
                last: Timestamp(2000),
                people: 5,
                expected: 0.25,
                members: [None, Some(TicketId::from_bytes([2; 16]))]
                    .map(|ticket| Member { conversation: ConversationId::from_bytes([1; 16]), ticket })
                    .into(),
                joined: 2,
                parent: Some(Parent {
                    ticket: TicketId::from_bytes([2; 16]),
                    number: "INC-000001".into(),
                    subject: "VPN".into(),
                    since: Timestamp(1500),
                    began: Some(Timestamp(1600)),
                }),
                meaning: vec![-128, 0, 127],
                author: "mei".into(),
                reason: "no".into(),
                created: Timestamp(3000),
                updated: Timestamp(4000),
            };
            assert_eq!(wave_from(&wave_to(&wave)), Ok(wave));
        }
    }
}
