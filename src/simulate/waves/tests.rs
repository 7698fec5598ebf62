//! The experiment, smaller than the bench has it.

use super::*;
use crate::model::corpora;

fn after(plan: Plan) -> Found {
    run(&plan, &corpora::examples().unwrap(), &TokenTable::shipped().unwrap())
}

const PLAN: Plan = Plan { seed: 7, daily: 300.0, learned: 6, weeks: 8, weekly: 2, size: 20, minutes: 15.0 };

#[test]
fn waves_are_found_soon_and_hold_what_belongs_to_them() {
    let found = after(PLAN);
    let (precision, recall) = found.precision_and_recall();
    assert!(found.found * 10 >= found.injected * 9, "{found:?}");
    assert!(found.messages_needed() <= 12, "{found:?}");
    assert!(precision > 0.9 && recall > 0.6, "{precision} {recall}");
    assert!(found.saved.1 * 4 > found.saved.0, "{found:?}");
}

#[test]
fn calm_weeks_have_hardly_a_wave() {
    let found = after(Plan { weeks: 26, weekly: 0, ..PLAN });
    // Twice the run length that is stated would leave a chance below 0.1 % that it is right after all.
    assert!(found.false_alarms <= 14, "{} in {} days", found.false_alarms, found.days);
}
