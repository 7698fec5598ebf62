//! Bad sources that each rule must catch, and good ones that it must let pass.

use super::rules::{imports, opening, purity, sayings, shape};
use super::source::Source;

/// What a rule says of one file: the lines at which it complains, each with the complaint.
fn complaints(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> Vec<String> {
    Source::of(vec![(path.to_owned(), text.to_owned())]).iter().flat_map(rule).collect()
}

fn caught(rule: fn(&Source) -> Vec<String>, path: &str, text: &str, complaint: &str) {
    let all = complaints(rule, path, text);
    assert!(all.iter().any(|it| it.contains(complaint)), "{path} {text:?}: {complaint} not in {all:?}");
}

fn passes(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) {
    let all = complaints(rule, path, text);
    assert!(all.is_empty(), "{path} {text:?}: {all:?}");
}

#[test]
fn every_way_to_import_a_stranger_is_caught() {
    let store = "src/domain/ticket.rs:1: `domain` may not import `store`";
    for text in [
        "use crate::store::Store;",
        "use crate::store;",
        "pub(crate) use crate::store as cellar;",
        "use crate::{store::Store, domain::id::Id};",
        "use {crate::{domain::{id::Id, field}, store::{writer::{self, Writer}}}, std::fmt};",
        "fn f() { crate::store::load(); }",
        "fn f(it: &dyn Fn(crate::store::Row)) {}",
        "use super::super::store::Store;",
        "mod inner { use super::super::super::store::Store; }",
        "fn f() { super::super::store::load() }",
        "use r#crate_is_not; use crate::store::Row;",
        "macro_rules! m { () => { $crate::store::load() } }",
        "use ticket_dispatch::store::Store;",
        "use ::ticket_dispatch::store::Store;",
        "/* a comment /* in a comment */ */ use crate::/* here */store::Store;",
    ] {
        caught(imports, "domain/ticket.rs", text, store);
    }
    caught(imports, "domain.rs", "use crate::*;", "import `*`");
    caught(imports, "domain.rs", "use crate as house;", "import `crate`");
    caught(imports, "domain.rs", "use super::store;", "import `store`");
    caught(
        imports,
        "desk/intake.rs",
        "\n\nuse crate::api::Api;",
        "desk/intake.rs:3: `desk` may not import `api`",
    );
    caught(imports, "cellar.rs", "", "the room `cellar` is not in the table");
}

#[test]
fn what_is_no_import_of_a_stranger_passes() {
    for text in [
        "use crate::domain::id::Id;",
        "use super::store::Store;",
        "use super::super::domain::id;",
        "mod inner { use super::super::store; }",
        "// use crate::store::Store;",
        "/// As `crate::store::Store` does.\nfn f() {}",
        r##"const TEXT: &str = r#"use crate::store::"x";"#;"##,
        "const TEXT: &str = \"say \\\" use crate::store::Store;\";",
        "const MARK: char = '\"'; fn f<'a>(it: &'a str) {} // crate::store",
        "pub(crate) fn f() {} pub(super) struct S;",
    ] {
        passes(imports, "domain/ticket.rs", text);
    }
    passes(imports, "app.rs", "use crate::{store, api};");
    passes(imports, "store/writer.rs", "use crate::{conversation::State, domain, proto};");
}

#[test]
fn every_way_to_say_a_strange_name_is_caught() {
    for (text, name) in [
        ("fn f() { tonic::Status::ok(\"\"); }", "tonic"),
        ("use tonic::Status;", "tonic"),
        ("use {std::fmt, tonic::{Status, Code}};", "tonic"),
        ("use ::tonic::Status;", "tonic"),
        ("use tonic as wire;", "tonic"),
        ("#[derive(sqlx::FromRow)] struct S;", "sqlx"),
        ("fn f() -> redis::RedisResult<()> { todo() }", "redis"),
        ("use std::{env, fmt};", "std::env"),
        ("use std::env::var;", "std::env"),
        ("fn f() { std::env::var(\"X\"); }", "std::env"),
        ("use std as s; fn f() { s::env::args(); }", "std::env"),
        ("use std::time::Instant; fn f() { Instant::now(); }", "Instant::now"),
        ("use std::time::Instant as Clock; fn f() { Clock::now(); }", "Instant::now"),
        ("fn f() { jiff::Timestamp::now(); }", "Timestamp::now"),
        ("fn f() { uuid::Uuid::now_v7(); }", "Uuid::now_v7"),
        ("fn f() { tokio::spawn(async {}); }", "tokio::spawn"),
        ("use tokio::{spawn, sync::mpsc};", "tokio::spawn"),
        ("use tokio::*;", "tokio::spawn"),
        ("use tokio::task; fn f() { task::spawn(async {}); }", "tokio::task::spawn"),
        ("use tokio::task::JoinSet;", "JoinSet"),
        ("fn f() { let it: tokio::task::JoinSet<()> = make(); }", "JoinSet"),
        ("use clap::Parser;", "clap"),
    ] {
        caught(sayings, "desk/intake.rs", text, &format!("src/desk/intake.rs:1: `{name}` is said only in"));
    }
}

#[test]
fn a_name_at_home_or_of_another_thing_passes() {
    passes(sayings, "api.rs", "use tonic::Status;");
    passes(sayings, "clock.rs", "fn f() { jiff::Timestamp::now(); }");
    passes(sayings, "main.rs", "use clap::Parser; fn f() { std::env::args(); }");
    passes(sayings, "sinks.rs", "mod redis; use redis::Sink; fn f() { redis::start(); }");
    passes(
        sayings,
        "config.rs",
        "struct Config { redis: Redis } fn f(redis: Redis) { redis.url(); g(redis) }",
    );
    passes(
        sayings,
        "desk.rs",
        "use crate::sinks::redis::Sink; fn f() { env!(\"X\"); it.now(); clock::now() }",
    );
    passes(sayings, "desk.rs", "// tonic::Status\nconst TEXT: &str = \"sqlx::query\";");
}

#[test]
fn impurity_is_caught() {
    for (text, name) in [
        ("async fn f() {}", "async"),
        ("fn f() { g().await; }", "await"),
        ("use tokio::sync::mpsc;", "tokio"),
        ("use std::{collections::BTreeMap, fs::File};", "std::fs"),
        ("fn f(it: std::net::IpAddr) {}", "std::net"),
        ("fn f(now: Instant) {}", "Instant"),
        ("use std::time::{Duration, SystemTime};", "SystemTime"),
        ("fn f() { rand::random(); }", "rand"),
        ("#[cfg(test)] mod tests { async fn f() {} } async fn g() {}", "async"),
        ("#[cfg(not(test))] mod real { async fn f() {} }", "async"),
        ("#[cfg(test)] use x::{y, z}; async fn f() {}", "async"),
    ] {
        for path in ["domain/ticket.rs", "text.rs", "routing.rs", "conversation/state.rs", "model/train.rs"] {
            caught(purity, path, text, &format!(":1: a pure room does not say `{name}`"));
        }
    }
}

#[test]
fn tests_and_the_readers_of_models_may_be_impure() {
    let impure = "use std::fs; async fn f() { tokio::join!() }";
    passes(purity, "domain.rs", &format!("#[cfg(test)] mod tests {{ {impure} }} fn g() {{}}"));
    passes(purity, "domain.rs", &format!("#[cfg(test)] #[allow(x)] fn f(a: [u8; 3]) {{ {impure} }}"));
    passes(purity, "domain.rs", &format!("#![cfg(test)] {impure}"));
    passes(purity, "model/readers.rs", impure);
    passes(purity, "model/readers/lines.rs", impure);
    passes(purity, "store.rs", impure);

    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let declared = "#[cfg(test)] mod tests; mod live;";
    let sources = Source::of(vec![
        file("domain/ticket.rs", declared),
        file("domain/ticket/tests.rs", impure),
        file("domain/ticket/tests/more.rs", impure),
        file("domain/ticket/live.rs", "async fn f() {}"),
    ]);
    let broken: Vec<String> = sources.iter().flat_map(purity).collect();
    assert_eq!(broken, ["src/domain/ticket/live.rs:1: a pure room does not say `async`"]);
}

#[test]
fn long_or_ill_named_files_are_caught() {
    caught(shape, "domain.rs", &"\n".repeat(501), "501 lines, 500 at most");
    passes(shape, "domain.rs", &"\n".repeat(500));
    caught(shape, "domain/mod.rs", "", "no `mod.rs`");
    caught(shape, "domain/utils.rs", "", "`utils` says nothing");
    caught(shape, "helpers/ticket.rs", "", "`helpers` says nothing");
    caught(shape, "domain.rs", "mod common { }", "`common` says nothing");
    passes(shape, "domain/ticket.rs", "mod commonplace {}");
}

#[test]
fn a_silent_file_is_caught() {
    caught(opening, "domain.rs", "", "opens with no `//!`");
    caught(opening, "domain.rs", "// no doc\n//! late", "opens with no `//!`");
    caught(opening, "domain.rs", "use std::fmt;", "opens with no `//!`");
    passes(opening, "domain.rs", "//! The core.\nuse std::fmt;");
}
