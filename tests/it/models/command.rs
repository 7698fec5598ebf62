//! `ticket-dispatch models`, beside a running server and without one.

use super::{other, reader};
use crate::{
    app::{App, Settings},
    parts::made_once::run,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_works_through_a_server_and_on_its_folder_when_it_is_stopped() {
    let mut app = App::start(Settings::default());
    let client = app.client(None);
    let (file, version) = other();
    let url = app.url();
    let starter = reader(&client).await;
    let models = |app: &App, args: &[&str]| {
        let mut command = app.command(&["models", "--data", "data"]);
        command.args(args);
        command
    };
    assert_eq!(run(&mut models(&app, &["import", file.to_str().unwrap()])).trim(), version);
    let told = run(&mut models(&app, &["import", file.to_str().unwrap(), "--json"]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap()["model"], version);
    let output = models(&app, &["promote", &version]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--connect"), "{said}");

    let through = ["--connect", &url];
    let listed = run(models(&app, &["list"]).args(through));
    let line = |version: &str| listed.lines().find(|it| it.starts_with(version)).unwrap().to_owned();
    assert!(line(&starter).ends_with("in use, built in") && !line(&version).contains("in use"), "{listed}");
    let said = run(models(&app, &["promote", &version]).args(through));
    assert_eq!(said.trim(), format!("Model {version} is in use."));
    assert_eq!(reader(&client).await, version);
    run(models(&app, &["shadow", &starter, "--percent", "100"]).args(through));
    reader(&client).await;
    let compared = run(models(&app, &["shadow"]).args(through));
    assert!(compared.starts_with(&format!("{starter} in the shadow of {version}, 100 %")), "{compared}");
    run(models(&app, &["shadow", "--off"]).args(through));

    app.stop();
    let said = run(&mut models(&app, &["roll-back"]));
    assert_eq!(said.trim(), format!("Model {starter} is in use."));
    let json = run(&mut models(&app, &["list", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["history"][0]["by"], "system:models");
    assert_eq!(json["models"].as_array().unwrap().len(), 2);
    app.restart();
    assert_eq!(reader(&client).await, starter);
    let output = models(&app, &["promote", "nonsense", "--connect", &url]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such model"));
}
