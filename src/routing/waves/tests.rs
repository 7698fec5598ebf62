//! Streams of messages by hand: what is a wave, what is none, when it is over, and that memory is bounded.

use super::*;

/// A Tuesday, 10:00 UTC.
const BEGIN: i64 = 1_772_532_000_000;

/// Two directions that have nothing to do with each other, and a little of a third.
fn meaning(of: usize, strays: f32) -> Meaning {
    let mut vector = [0.0; 8];
    vector[of] = 1.0;
    vector[7] = strays;
    Meaning::of(&vector)
}

fn message(second: i64, requester: u64, template: &str, of: usize) -> Message {
    Message {
        at: Timestamp(BEGIN + second * 1000),
        requester,
        conversation: conversation(requester),
        streams: vec![Stream::Template(template.to_owned())],
        meaning: meaning(of, requester as f32 % 5.0 / 10.0),
    }
}

fn conversation(number: u64) -> ConversationId {
    ConversationId::from_bytes(u128::from(number).to_be_bytes())
}

fn detector() -> Detector {
    Detector::new(Rates::default(), Timestamp(BEGIN))
}

fn begun(found: &[Finding]) -> Option<&Begun> {
    found.iter().find_map(|it| match it {
        Finding::Begun(begun) => Some(begun),
        Finding::Joined { .. } | Finding::Widened { .. } => None,
    })
}

#[test]
fn many_people_who_say_the_same_are_a_wave() {
    let mut detector = detector();
    let found: Vec<Finding> =
        (0..20).flat_map(|it| detector.take(message(it * 10, it as u64, "vpn_fault", 0))).collect();
    let wave = begun(&found).expect("a wave");
    assert!((LEAST..10).contains(&wave.people), "{wave:?}");
    assert_eq!(wave.members.len(), wave.people);
    assert_eq!(wave.first, Timestamp(BEGIN));
    assert!(wave.expected < 1.0);
    assert_eq!(found.iter().filter(|it| begun(std::slice::from_ref(it)).is_some()).count(), 1);
    let later = found.iter().filter(|it| matches!(it, Finding::Joined { counts: true, .. })).count();
    assert_eq!(later, 20 - wave.people);
}

#[test]
fn one_person_who_writes_a_hundred_times_is_none() {
    let mut detector = detector();
    let found: Vec<Finding> =
        (0..100).flat_map(|it| detector.take(message(it * 10, 1, "vpn_fault", 0))).collect();
    assert_eq!(found, vec![]);
}

#[test]
fn people_with_different_troubles_are_none() {
    let mut detector = detector();
    let said = |it: i64| detector.take(message(it * 10, it as u64, "vpn_fault", it as usize % 7));
    assert!((0..12).flat_map(said).all(|it| begun(&[it]).is_none()));
}

#[test]
fn as_many_as_usual_are_none() {
    let mut rates = Rates::default();
    let stream = Stream::Template("vpn_fault".to_owned());
    for hour in 0..8 * rates::HOURS as i64 {
        let ended = Timestamp(BEGIN - (8 * rates::HOURS as i64 - hour - 1) * watched::HOUR);
        rates.learn(ended, [(&stream, 60)].into_iter());
    }
    let mut detector = Detector::new(rates, Timestamp(BEGIN));
    let calm: Vec<Finding> =
        (0..60).flat_map(|it| detector.take(message(it * 60, it as u64, "vpn_fault", 0))).collect();
    assert_eq!(calm, vec![]);
    let storm: Vec<Finding> =
        (0..60).flat_map(|it| detector.take(message(3600 + it, 100 + it as u64, "vpn_fault", 0))).collect();
    assert!(begun(&storm).is_some());
}

#[test]
fn two_streams_that_alarm_for_the_same_messages_are_one_wave() {
    let mut detector = detector();
    let both = |it: i64| {
        let mut message = message(it * 10, it as u64, "vpn_fault", 0);
        message.streams.push(Stream::Service("remote_access".to_owned()));
        message.streams.push(Stream::Asset("VPN-GW-1".to_owned()));
        message
    };
    let found: Vec<Finding> = (0..20).flat_map(|it| detector.take(both(it))).collect();
    let begun = found.iter().filter(|it| matches!(it, Finding::Begun(_))).count();
    let widened = found.iter().filter(|it| matches!(it, Finding::Widened { .. })).count();
    assert_eq!((begun, widened), (1, 2), "{found:?}");
}

#[test]
fn a_wave_is_over_when_nobody_writes_any_more_and_may_come_again() {
    let mut detector = detector();
    let wave = |detector: &mut Detector, from: i64, who: i64| -> Vec<Finding> {
        (0..20).flat_map(|it| detector.take(message(from + it, (who + it) as u64, "vpn_fault", 0))).collect()
    };
    let first = wave(&mut detector, 0, 0);
    let number = begun(&first).expect("a wave").wave;
    assert_eq!(detector.over(Timestamp(BEGIN + CALM - 1000)), vec![0; 0]);
    assert_eq!(detector.over(Timestamp(BEGIN + CALM + 60_000)), vec![number]);
    assert_eq!(detector.over(Timestamp(BEGIN + CALM + 60_000)), vec![0; 0]);
    let again = wave(&mut detector, 7200, 100);
    assert_ne!(begun(&again).expect("another wave").wave, number);
}

#[test]
fn memory_is_bounded() {
    let mut detector = detector();
    for it in 0..MESSAGES {
        let mut message = message(0, it as u64, "vpn_fault", it % 7);
        message.streams.push(Stream::Asset(format!("HW-{it}")));
        detector.take(message);
    }
    let (messages, streams) = detector.size();
    assert_eq!((messages, streams), (window::MOST, STREAMS));
    // What no longer matters makes room for what does.
    detector.advance(Timestamp(BEGIN + 100 * watched::HOUR));
    assert_eq!(detector.size().0, 0);
    let mut late = message(100 * 3600, 1, "vpn_fault", 0);
    late.streams.push(Stream::Asset("HW-NEW".to_owned()));
    detector.take(late);
    assert!(detector.size().1 < STREAMS);
    assert_eq!(detector.window.size(), (1, 2));
}

const MESSAGES: usize = window::MOST + 1_000;
