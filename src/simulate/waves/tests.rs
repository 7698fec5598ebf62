//! The experiment, smaller than the bench has it.

#![expect(clippy::print_stdout, reason = "the README says what these print")]

use super::*;
use crate::model::corpora;

fn after(plan: Plan) -> Found {
    run(&plan, &corpora::examples().unwrap(), &TokenTable::shipped().unwrap())
}

const PLAN: Plan =
    Plan { seed: 7, daily: 300.0, learned: 6, weeks: 8, weekly: 2, size: 20, minutes: 15.0, assets: 0 };

#[test]
fn waves_are_found_soon_and_hold_what_belongs_to_them() {
    let found = after(PLAN);
    let (precision, recall) = found.precision_and_recall();
    println!(
        "{} of {} found after {} messages, {:.1} min; precision {precision:.2}, recall {recall:.2}; {:?} saved",
        found.found,
        found.injected,
        found.messages_needed(),
        found.minutes_needed(),
        found.saved
    );
    assert!(found.found * 10 >= found.injected * 9, "{found:?}");
    assert!(found.messages_needed() <= 12, "{found:?}");
    assert!(precision > 0.9 && recall > 0.6, "{precision} {recall}");
    assert!(found.saved.1 * 4 > found.saved.0, "{found:?}");
}

#[test]
fn calm_weeks_have_hardly_a_wave() {
    let found = after(Plan { weeks: 26, weekly: 0, ..PLAN });
    println!("{} waves for nothing in {} days", found.false_alarms, found.days);
    // Twice the run length that is stated would leave a chance below 0.1 % that it is right after all.
    assert!(found.false_alarms <= 14, "{} in {} days", found.false_alarms, found.days);
}

#[test]
fn the_first_week_has_hardly_a_wave_for_nothing() {
    let found = after(Plan { daily: 3000.0, learned: 0, weeks: 1, weekly: 0, ..PLAN });
    println!("{} waves for nothing in the first week of 3000 messages a weekday", found.false_alarms);
    assert!(found.false_alarms <= 3, "{found:?}");
}

#[test]
fn assets_by_the_thousand_bring_no_more_waves_for_nothing() {
    let found = after(Plan { daily: 1500.0, learned: 3, weeks: 3, weekly: 0, assets: 3000, ..PLAN });
    println!("{} waves for nothing in {} days with 3000 assets", found.false_alarms, found.days);
    assert!(found.false_alarms <= 3, "{found:?}");
}
