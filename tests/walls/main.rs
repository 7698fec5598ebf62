//! The walls of the house: who may import whom, who may say what, and how large a file may grow.
//!
//! `tables` holds the rules, `rules` compares sources with them, and `proofs` shows that each rule can fail.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod paths;
mod proofs;
mod rules;
mod source;
mod tables;
mod tokens;

use source::Source;

#[test]
fn a_room_imports_only_its_neighbours() {
    holds(rules::imports);
}

#[test]
fn each_outside_name_has_one_home() {
    holds(rules::sayings);
}

#[test]
fn a_pure_room_waits_for_nothing() {
    holds(rules::purity);
}

#[test]
fn a_file_is_short_and_named_for_what_it_holds() {
    holds(rules::shape);
}

#[test]
fn a_module_opens_by_saying_what_it_owns() {
    holds(rules::opening);
}

fn holds(rule: fn(&Source) -> Vec<String>) {
    let mut broken: Vec<String> = Source::all().iter().flat_map(rule).collect();
    // The branches of one group on one line are one complaint.
    broken.dedup();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
