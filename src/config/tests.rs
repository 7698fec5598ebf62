//! What settings do together, and what is said when they cannot work.

use super::*;

fn file(content: &str) -> Sources {
    Sources { file: Some(("desk.toml".to_owned(), content.to_owned())), ..Sources::default() }
}

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn faults(sources: &Sources) -> Vec<String> {
    read(sources).err().unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_are_fine_and_need_nothing() {
    let config = read(&Sources::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:7400");
    assert_eq!(config.http.to_string(), "127.0.0.1:7401");
    assert_eq!(config.store, "sqlite:data/dispatch.db");
    assert_eq!(config.auth, Auth::Open);
    assert_eq!(config.gate.uncertified, Uncertified::Confirm);
    assert_eq!(config.limits.message, 65536);
    assert!(
        config.redis.is_none()
            && config.catalog.is_none()
            && config.model.is_none()
            && config.sinks.is_empty()
    );
}

#[test]
fn a_redis_is_told_to_keep_the_usual_number() {
    let config = read(&file("[redis]\nurl = \"redis://localhost\"")).unwrap();
    assert_eq!(config.redis, Some(RelaySettings::at("redis://localhost")));
}

#[test]
fn what_is_said_later_wins() {
    let mut sources =
        file("listen = \"127.0.0.1:1\"\nhttp = \"127.0.0.1:2\"\ndata = \"file\"\n[gate]\nauto = 0.5");
    sources.environment = environment(&[
        ("DISPATCH_HTTP", "127.0.0.1:3"),
        ("DISPATCH_DATA", "env"),
        ("DISPATCH_GATE_AUTO", "1"),
    ]);
    sources.flags.push(Flag { name: "--data", key: "data", value: "flag".to_owned() });
    let config = read(&sources).unwrap();
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.http.port(), 3);
    assert_eq!(config.data, PathBuf::from("flag"));
    assert_eq!(config.store, "sqlite:flag/dispatch.db");
    assert!((config.gate.auto - 1.0).abs() < f32::EPSILON);
}

#[test]
fn one_start_reports_every_fault() {
    let mut sources = file("listen = \"nowhere\"\ngrace = 10\ntenant = \"Ärger\"\n[limits]\nqueue = 0");
    sources.environment = environment(&[("DISPATCH_REFLECTION", "perhaps")]);
    sources.flags.push(Flag { name: "--http", key: "http", value: "7401".to_owned() });
    let found = faults(&sources);
    let expected = [
        "listen = \"nowhere\" (in desk.toml): expected ADDRESS:PORT",
        "http = \"7401\" (from --http): expected ADDRESS:PORT",
        "tenant = \"Ärger\" (in desk.toml): expected 1 to 32 lower-case letters",
        "reflection = \"perhaps\" (from DISPATCH_REFLECTION): expected true or false",
        "grace = 10 (in desk.toml): expected a text in quotes",
        "limits.queue = 0 (in desk.toml): expected 1 to 1000000",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
    let mut sources = file("lisen = \"127.0.0.1:1\"\n[limit]\nqueue = 5\n[zoo]\nanimal = 1");
    sources.environment =
        environment(&[("DISPATCH_GATE_AUTOS", "1"), ("DISPATCH_SERVICE_HOST", "10.0.0.1"), ("PATH", "/bin")]);
    let found = faults(&sources);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found.iter().any(|it| it.contains("did you mean `listen`?")));
    assert!(found.iter().any(|it| it.contains("did you mean `limits.queue`?")));
    assert!(
        found.iter().any(|it| it.contains("zoo.animal") && it.contains("deploy/desk.toml lists them all"))
    );
    assert!(found.iter().any(|it| it.contains("did you mean `DISPATCH_GATE_AUTO`?")));
}

#[test]
fn open_doors_are_refused_off_loopback() {
    let found = faults(&file("listen = \"0.0.0.0:7400\"\nhttp = \"[::]:7401\""));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with("listen = \"0.0.0.0:7400\" (in desk.toml): 0.0.0.0 can be reached"));
    assert!(found[1].contains("ticket-dispatch token create"));

    let half_read = faults(&file("listen = \"nowhere\"\nhttp = \"[::]:7401\""));
    assert_eq!(half_read.len(), 2, "{half_read:#?}");

    let with_tokens = file("listen = \"0.0.0.0:7400\"\nhttp = \"[::]:7401\"\n[auth]\nmode = \"tokens\"");
    assert_eq!(read(&with_tokens).unwrap().auth, Auth::Tokens);
}

#[test]
fn settings_are_checked_against_each_other() {
    let found = faults(&file("http = \"127.0.0.1:7400\"\n[gate]\nauto = 0.4\nfloor = 0.8"));
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn a_password_is_not_repeated_in_a_fault() {
    let found = faults(&file("[store]\nurl = \"mysql://desk:hunter2@db/dispatch\""));
    assert!(found[0].contains("mysql://…@db/dispatch") && !found[0].contains("hunter2"), "{found:?}");
}

#[test]
fn a_broken_file_is_named_with_its_line() {
    let found = faults(&file("listen = \"127.0.0.1:1\"\nhttp = = 3\n"));
    assert!(found[0].starts_with("desk.toml (line 2): is not TOML"), "{found:?}");
}

const SINK: &str = "[[sink]]\nname = \"rt\"\nkind = \"request_tracker\"\nurl = \"https://rt.example.com/\"\n\
                    token_env = \"DISPATCH_RT\"\nqueues = { network = \"Network\" }\n";

#[test]
fn a_sink_takes_its_token_from_the_environment_and_hides_it() {
    let mut sources = file(SINK);
    sources.environment = environment(&[("DISPATCH_RT", "1-14-abcdef\n")]);
    let config = read(&sources).unwrap();
    let sink = &config.sinks[0];
    assert_eq!(sink.url, "https://rt.example.com");
    assert_eq!(sink.token.0, "1-14-abcdef");
    assert_eq!((sink.attempts, sink.default_queue.as_str()), (12, "General"));
    assert_eq!(sink.queues["network"], "Network");
    assert!(!format!("{sink:?}").contains("abcdef"));
}

#[test]
fn every_fault_of_every_sink_is_reported() {
    let mut sources =
        file(&format!("{SINK}{SINK}[[sink]]\nnmae = \"x\"\nkind = \"otrs\"\ntoken = \"s3 cret\""));
    sources.environment = environment(&[("DISPATCH_RT", "t")]);
    let found = faults(&sources);
    for expected in [
        "sink[1].name = \"rt\" (in desk.toml): another sink has this name",
        "sink[2].nmae = \"x\" (in desk.toml): there is no such setting of a sink; did you mean `name`?",
        "sink[2].kind = \"otrs\" (in desk.toml): expected \"request_tracker\"",
        "sink[2].url (in desk.toml): is missing",
        "sink[2].token (in desk.toml): what it names holds no token",
    ] {
        assert!(found.iter().any(|it| it.starts_with(expected)), "{expected} is not in {found:#?}");
    }
    assert!(!found.concat().contains("cret"));
}
