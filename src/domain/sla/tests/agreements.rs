//! The clocks of groups and suppliers, and of the next word: the faults that the peers' users find, and all of it next
//! to a slow, obvious model that looks at every minute.

use super::*;
use crate::domain::priority::Priority;

fn agreement(hours: u32, goal: Goal) -> Agreement {
    Agreement {
        calendar: "office".into(),
        targets: [hours * HOUR; 4],
        escalations: vec![Escalation {
            goal,
            percent: 50,
            step: Step { group: Some("second".into()), ..Step::default() },
        }],
    }
}

fn supplier() -> Supplier {
    Supplier {
        id: "telco".into(),
        name: "Telco".into(),
        contract: agreement(4, Goal::Contract),
        services: vec!["network".into()],
        templates: vec![],
    }
}

/// All that may be agreed. The supplier works round the clock.
pub(super) struct All {
    pub(super) policy: SlaPolicy,
    office: Calendar,
    always: Calendar,
    pub(super) ola: Agreement,
    supplier: Supplier,
}

impl All {
    fn new() -> Self {
        Self::in_zone("UTC")
    }

    pub(super) fn in_zone(zone: &str) -> Self {
        let week = std::array::from_fn(|_| vec![Hours { from: 0, to: 24 * HOUR }]);
        Self {
            policy: policy(),
            office: office_in(zone),
            always: Calendar::new("always", "UTC", week, Default::default()).unwrap(),
            ola: agreement(2, Goal::Ola),
            supplier: supplier(),
        }
    }

    pub(super) fn terms(&self) -> Terms<'_> {
        Terms {
            policy: Some((&self.policy, &self.office)),
            ola: Some((&self.ola, &self.office)),
            contract: Some((&self.supplier, &self.always)),
        }
    }

    fn due(&self, it: &Ticket) -> Due {
        reckon(it, &self.terms())
    }
}

fn hand(it: Ticket, minute: i64, group: &str) -> Ticket {
    it.apply(&Event::Assigned { group: group.into(), agent: None, because: vec![] }, at(minute))
}

fn hold(it: Ticket, minute: i64, why: HoldReason) -> Ticket {
    let moved = Moved { hold: Some(why), ..Moved::new(it.state, State::OnHold) };
    it.apply(&Event::Moved(moved), at(minute))
}

/// glpi#1911: the second group inherited a clock that was spent.
#[test]
fn a_second_group_begins_with_a_clock_of_its_own_and_leaves_the_policys() {
    let all = All::new();
    let before = all.due(&opened());
    assert_eq!(before.ola, Some(at(clock(0, 11))));
    let handed = hand(opened(), clock(0, 16), "second");
    let after = all.due(&handed);
    assert_eq!(after.ola, Some(at(clock(1, 9))), "an hour today, an hour tomorrow");
    assert_eq!((after.response, after.resolution), (before.response, before.resolution));
    // Another agent of the same group is no other group.
    let same = hand(handed, clock(1, 8), "second");
    assert_eq!(all.due(&same).ola, after.ola);
}

#[test]
fn a_missed_agreement_is_told_once_for_each_group_that_misses_its_own() {
    let all = All::new();
    let fired = Fired { goal: Goal::Ola, percent: MISSED };
    let missed = Event::Escalated { fired, at: at(clock(0, 11)), notify: vec![] };
    let it = opened().apply(&missed, at(clock(0, 11)));
    let told = |it: &Ticket, minute| reached(it, &all.terms(), at(minute)).iter().any(|it| it.fired == fired);
    assert!(it.clocks.is_missed(Goal::Ola) && !told(&it, clock(3, 0)));
    let handed = hand(it, clock(0, 14), "second");
    assert!(!handed.clocks.is_missed(Goal::Ola));
    assert!(!told(&handed, clock(0, 15)) && told(&handed, clock(0, 16)));
}

#[test]
fn the_groups_clock_stands_still_in_every_pause() {
    let all = All::new();
    let held = go(opened(), clock(0, 10), State::OnHold);
    assert_eq!(all.due(&held).ola, None);
    let resumed = go(held, clock(2, 10), State::InProgress);
    assert_eq!(all.due(&resumed).ola, Some(at(clock(2, 11))), "an hour was left");
}

#[test]
fn the_suppliers_clock_runs_only_while_the_ticket_waits_for_it_and_over_all_such_stretches() {
    let all = All::new();
    assert_eq!(all.due(&opened()).contract, None);
    let held = hold(opened(), clock(0, 16), HoldReason::Vendor);
    assert_eq!(all.due(&held).contract, Some(at(clock(0, 20))), "it works round the clock");
    assert_eq!(all.due(&held).resolution, None, "and the desk's own clock stands still");
    let back = go(held, clock(0, 17), State::InProgress);
    assert!(reached(&back, &all.terms(), at(clock(9, 0))).iter().all(|it| it.fired.goal != Goal::Contract));
    // Waiting for somebody else is not its time.
    let other = hold(back, clock(1, 9), HoldReason::Requester);
    let again = hold(go(other, clock(1, 10), State::InProgress), clock(1, 12), HoldReason::Vendor);
    assert_eq!(all.due(&again).contract, Some(at(clock(1, 15))), "three of four hours are left");
    let steps: Vec<u32> = reached(&again, &all.terms(), at(clock(1, 15)))
        .iter()
        .filter(|it| it.fired.goal == Goal::Contract)
        .map(|it| it.fired.percent)
        .collect();
    assert_eq!(steps, [50, 100]);
}

/// zammad#5177: an update time that is shorter than that of the first answer made the latter useless.
#[test]
fn the_next_word_is_due_after_the_first_answer_only_and_each_word_begins_anew() {
    let mut all = All::new();
    all.policy.targets.iter_mut().for_each(|it| it.update = Some(HOUR / 2));
    assert_eq!(all.due(&opened()).update, None);
    assert_eq!(all.due(&opened()).response, Some(at(clock(0, 10))));
    let answered = say(opened(), clock(0, 9) + 30, false);
    assert_eq!(all.due(&answered).update, Some(at(clock(0, 10))));
    let late = Event::Escalated {
        fired: Fired { goal: Goal::Update, percent: MISSED },
        at: at(clock(0, 10)),
        notify: vec![],
    };
    let late = answered.apply(&late, at(clock(0, 10)));
    assert!(late.clocks.is_missed(Goal::Update));
    let told = say(late, clock(0, 11), false);
    assert!(!told.clocks.is_missed(Goal::Update));
    assert_eq!(all.due(&told).update, Some(at(clock(0, 11) + 30)));
    // What the requester says is no word to them.
    assert_eq!(all.due(&say(told.clone(), clock(0, 11) + 10, true)).update, all.due(&told).update);
    let done = go(go(told, clock(0, 11) + 20, State::InProgress), clock(0, 12), State::Resolved);
    assert_eq!(all.due(&done).update, None);
}

/// glpi PR 15948: a warning at a share of the time ignored that the clock had stood still.
#[test]
fn a_share_of_the_time_is_a_share_of_the_time_that_counted() {
    let all = All::new();
    let resumed = go(go(opened(), clock(0, 10), State::OnHold), clock(1, 10), State::InProgress);
    let steps = reached(&resumed, &all.terms(), at(clock(9, 0)));
    let warned = steps.iter().find(|it| it.fired == Fired { goal: Goal::Resolution, percent: 75 }).unwrap();
    // 7 h 30 min of ten hours: one before the pause, six on the day of the return, half an hour on the next.
    assert_eq!(warned.at, at(clock(2, 8) + 30));
}

/// glpi#6902, glpi#15605: a pause was lost when the policy changed.
#[test]
fn another_policy_is_reckoned_from_the_start_with_every_pause() {
    let all = All::new();
    let resumed = go(go(opened(), clock(0, 10), State::OnHold), clock(1, 10), State::InProgress);
    let stricter =
        SlaPolicy { targets: [Target { resolution: 4 * HOUR, ..policy().targets[1] }; 4], ..policy() };
    let terms = Terms { policy: Some((&stricter, &all.office)), ..all.terms() };
    assert_eq!(reckon(&resumed, &terms).resolution, Some(at(clock(1, 14))));
}

#[test]
fn a_pause_stops_the_next_answer_too() {
    let all = All::new();
    let answered = say(opened(), clock(0, 9), false);
    let asked = say(answered, clock(0, 10), true);
    assert_eq!(all.due(&asked).next_response, Some(at(clock(0, 12))));
    let held = go(asked, clock(0, 11), State::OnHold);
    assert_eq!(all.due(&held).next_response, None);
    let resumed = go(held, clock(1, 9), State::InProgress);
    assert_eq!(all.due(&resumed).next_response, Some(at(clock(1, 10))), "an hour was left");
}

#[test]
fn a_policy_that_is_gone_leaves_the_agreements_in_force() {
    let all = All::new();
    let terms = Terms { policy: None, ..all.terms() };
    let due = reckon(&opened(), &terms);
    assert_eq!((due.response, due.resolution, due.ola), (None, None, Some(at(clock(0, 11)))));
}

/// zammad#1002: one SLA for each time zone.
#[test]
fn the_site_of_the_requester_chooses_the_calendar() {
    let sites = Sites { field: "site".into(), calendars: vec![("Pune".into(), "pune".into())] };
    let policy = SlaPolicy { sites: Some(sites), ..policy() };
    let at = |site: &str| {
        let values = vec![("site".to_owned(), FieldValue::Text(site.to_owned()))];
        policy.calendar_at(&values).map(str::to_owned)
    };
    assert_eq!((at("pune"), at("berlin")), (Some("pune".to_owned()), None));
    assert_eq!(policy.calendar_at(&vec![]), None);
}

/// Counts minutes of a group's and of a supplier's time.
struct Slow {
    wall: &'static Wall,
    ola: (u32, Option<Timestamp>),
    contract: (u32, Option<Timestamp>),
}

impl Slow {
    fn new(all: &All, wall: &'static Wall) -> Self {
        let supplier = all.supplier.contract.targets[Priority::P3 as usize];
        Self { wall, ola: (all.ola.targets[Priority::P3 as usize], None), contract: (supplier, None) }
    }

    fn look(&mut self, it: &Ticket, minutes: std::ops::Range<i64>) {
        let with_supplier = it.state == State::OnHold && it.hold == Some(HoldReason::Vendor);
        for minute in minutes {
            let count = |(left, due): &mut (u32, Option<Timestamp>)| {
                *left = left.saturating_sub(60);
                if *left == 0 {
                    due.get_or_insert(at(minute + 1));
                }
            };
            if it.state.is_workable() && self.wall.is_open(minute) {
                count(&mut self.ola);
            }
            if with_supplier {
                count(&mut self.contract);
            }
        }
    }
}

/// What may befall a ticket, at random.
fn happens() -> impl Strategy<Value = Vec<(i64, u8)>> {
    prop::collection::vec((0_i64..600, 0_u8..8), 0..14)
}

/// What happens when something befalls a ticket.
pub(super) fn befall(it: &Ticket, what: u8) -> Vec<Event> {
    let to = |to, hold| {
        let (resolution, comment) = ("x".into(), "x".into());
        Command::Move(Box::new(MoveTo { hold, resolution, comment, ..MoveTo::new(to, Who::Agent) }))
    };
    let command = match what {
        0 => to(State::OnHold, Some(HoldReason::Vendor)),
        1 => to(State::OnHold, Some(HoldReason::Requester)),
        2 => to(State::InProgress, None),
        3 => to(State::Assigned, None),
        4 => to(State::Resolved, None),
        5 | 6 => Command::Assign { group: format!("group-{what}"), agent: None, because: vec![] },
        _ => Command::Comment { text: "x".into(), internal: false, by_requester: true },
    };
    it.decide(command, "mei").unwrap_or_default()
}

proptest! {
    /// Minute by minute: a group's time counts while it can work, a supplier's while the ticket waits for it.
    #[test]
    fn agreements_agree_with_a_clock_that_looks_at_every_minute(
        happened in happens(), start in 0_i64..10_000, zone in zone(),
    ) {
        let (all, wall) = (All::in_zone(zone), Wall::of(zone));
        let mut it = Ticket { opened: at(start), priority: Priority::P3, ..ticket() };
        let (mut minute, mut slow) = (start, Slow::new(&all, wall));
        for (wait, what) in happened {
            slow.look(&it, minute..minute + wait);
            minute += wait;
            let group = it.group.clone();
            it = befall(&it, what).iter().fold(it, |it, event| it.apply(event, at(minute)));
            if it.group != group {
                slow.ola = Slow::new(&all, wall).ola;
            }
        }
        let fast = all.due(&it);
        let is_with_supplier = it.hold == Some(HoldReason::Vendor);
        slow.look(&it, minute..minute + clock(8, 0));
        if slow.ola.1.is_some() || it.state != State::Resolved {
            prop_assert_eq!(fast.ola, slow.ola.1);
        }
        // Once it is back, the supplier is late or not, and nothing more is due.
        if is_with_supplier || slow.contract.1.is_some() {
            prop_assert_eq!(fast.contract, slow.contract.1);
        }
    }
}
