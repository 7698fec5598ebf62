//! The one integration binary: the shipped application against real servers, and those servers themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says on stderr why it did not run"
)]

mod access;
mod app;
mod approval;
mod around;
mod assets;
mod bad_input;
mod cases;
mod catalogs;
mod changes;
mod clocks;
mod dispatch;
mod faults;
mod gate;
mod knowledge;
mod learning;
mod levels;
mod life;
mod measures;
mod mlflow;
mod models;
mod own_model;
mod parts;
mod parts_start;
mod people;
mod problems;
mod python;
mod readme;
mod request_tracker;
mod services;
mod simulate;
mod store;
mod stream;
mod templates;
mod verify;
mod waves;
