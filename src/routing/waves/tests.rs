//! Streams of messages by hand: what is a wave, what is none, when it is over, and that memory is bounded.

use super::{rates::Lesson, *};

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

/// A detector that knows nothing yet.
fn detector() -> Detector {
    Detector::new(Rates::default(), Week::default(), Timestamp(BEGIN))
}

/// Rates after some weeks of which every hour was alike.
fn learned(weeks: i64, streams: &[(&Stream, u32)]) -> Rates {
    let mut rates = Rates::default();
    for hour in 1 - weeks * rates::HOURS as i64..=0 {
        let ended = Timestamp(BEGIN + hour * watched::HOUR);
        let of_week = Week::default().hour(Timestamp(ended.0 - watched::HOUR));
        let lessons = streams.iter().map(|it| (it.0, Lesson { people: it.1, lasting: false }));
        rates.learn((ended, of_week), lessons);
    }
    rates
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
    assert!((2 * LEAST..10).contains(&wave.people), "{wave:?}");
    assert_eq!(wave.members.len(), wave.people);
    assert_eq!(wave.first, Timestamp(BEGIN));
    assert!(wave.expected < 1.0);
    assert_eq!(found.iter().filter(|it| begun(std::slice::from_ref(it)).is_some()).count(), 1);
    let later = found.iter().filter(|it| matches!(it, Finding::Joined { .. })).count();
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
    let rates = learned(8, &[(&Stream::Template("vpn_fault".to_owned()), 60)]);
    let mut detector = Detector::new(rates, Week::default(), Timestamp(BEGIN));
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
fn a_robot_between_them_hides_no_wave() {
    let mut detector = detector();
    let mut found = vec![];
    for it in 0..20 {
        for _ in 0..140 {
            found.extend(detector.take(message(it * 10, 999, "vpn_fault", 0)));
        }
        found.extend(detector.take(message(it * 10, it as u64, "vpn_fault", 0)));
    }
    let wave = begun(&found).expect("a wave");
    let people: HashSet<_> = wave.requesters.iter().collect();
    assert_eq!((people.len(), wave.members.len()), (wave.people, wave.people), "one member of each person");
}

#[test]
fn assets_by_the_thousand_leave_room_for_all_else() {
    let mut detector = detector();
    for it in 0..2 * ASSETS {
        let streams = vec![Stream::Asset(format!("HW-{it}"))];
        detector.take(Message { streams, ..message(0, 999, "", 1) });
    }
    let found: Vec<Finding> =
        (0..20).flat_map(|it| detector.take(message(it * 10, it as u64, "vpn_fault", 0))).collect();
    assert!(begun(&found).is_some());
    // The calmest one gave way: what is new is watched as well.
    let asset = |it: i64| Message {
        streams: vec![Stream::Asset("GW-1".to_owned())],
        ..message(300 + it, 100 + it as u64, "", 2)
    };
    let found: Vec<Finding> = (0..20).flat_map(|it| detector.take(asset(it))).collect();
    assert_eq!(begun(&found).map(|it| &it.stream), Some(&Stream::Asset("GW-1".to_owned())));
}

#[test]
fn in_the_first_week_a_wave_must_stand_out() {
    // As many others write about other things: seven of fifty are none, and thirty of eighty are.
    let among = |rates: Rates, people: i64, others: i64| {
        let mut detector = Detector::new(rates, Week::default(), Timestamp(BEGIN));
        let other = |it: i64| message(it, 1000 + it as u64, &format!("t{}", it % 25), 1);
        let mut found: Vec<Finding> = (0..others).flat_map(|it| detector.take(other(it))).collect();
        let said = |it: i64| message(60 + it, it as u64, "vpn_fault", 0);
        found.extend((0..people).flat_map(|it| detector.take(said(it))));
        begun(&found).is_some()
    };
    assert!(!among(Rates::default(), 7, 50));
    assert!(among(Rates::default(), 30, 50));
    assert!(!among(Rates::default(), LEAST as i64 + 1, 0), "twice as many as later");
    assert!(among(learned(2, &[]), 7, 50));
}

#[test]
fn days_in_which_nobody_listened_teach_nothing() {
    let stream = Stream::Template("vpn_fault".to_owned());
    let rates = learned(8, &[(&stream, 60)]);
    let mut detector = Detector::new(rates.clone(), Week::default(), Timestamp(BEGIN));
    detector.advance(Timestamp(BEGIN + 20 * 365 * 24 * watched::HOUR));
    assert_eq!(detector.rates(), &rates);
    detector.advance(Timestamp(BEGIN + 20 * 365 * 24 * watched::HOUR + 30 * watched::HOUR));
    assert!(detector.rates().usual(&stream, 10) < rates.usual(&stream, 10), "a quiet day does");
}

#[test]
fn what_lasts_is_no_wave_in_the_end() {
    let stream = Stream::Template("vpn_fault".to_owned());
    let mut detector = Detector::new(learned(8, &[(&stream, 6)]), Week::default(), Timestamp(BEGIN));
    let mut who = 0;
    // Five times as many from now on, evenly: waves found in each week.
    let mut week = |number: i64| {
        let mut waves = 0;
        for second in (0..7 * 24 * 3600).step_by(120) {
            who += 1;
            let second = number * 7 * 24 * 3600 + second;
            detector.over(Timestamp(BEGIN + second * 1000));
            let found = detector.take(message(second, who, "vpn_fault", 0));
            waves += usize::from(begun(&found).is_some());
        }
        waves
    };
    let found: Vec<usize> = (0..4).map(&mut week).collect();
    assert!(found[0] > 0 && found[3] == 0, "{found:?}");
}

#[test]
fn memory_is_bounded() {
    let mut detector = detector();
    for it in 0..window::MOST + 1_000 {
        let mut message = message(0, it as u64, "vpn_fault", it % 7);
        if it % 30 == 0 {
            message.streams.push(Stream::Asset(format!("HW-{it}")));
        }
        detector.take(message);
    }
    assert_eq!(detector.size(), (window::MOST, 1 + ASSETS));
    detector.advance(Timestamp(BEGIN + watched::HOUR));
    assert_eq!((detector.size().0, detector.window.size(), detector.window.people()), (0, (0, 0), 0));
}
