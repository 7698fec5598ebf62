//! The history, checked by the shipped program.

use sqlx::{Connection as _, SqliteConnection};
use ticket_dispatch::proto::v1;

use crate::app::{App, Settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_flipped_byte_of_the_history_is_found_with_its_place() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    for turn in 1..=3 {
        let message = v1::SendMessageRequest {
            message_id: format!("m-{turn}"),
            conversation: "thread-1".into(),
            requester: Some(v1::Person { issuer: "chat".into(), subject: "u1".into(), ..Default::default() }),
            text: "hello".into(),
            language: 0,
        };
        client.send(message).await.unwrap();
    }
    let verify = || {
        let output = app.command(&["verify", "--data", "data"]).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, said) = verify();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("partition  0: 3 events, whole"), "{said}");

    let place = format!("sqlite:{}", app.data().join("dispatch.db").display());
    let mut connection = SqliteConnection::connect(&place).await.unwrap();
    let event = "select payload from events where position = 2";
    let mut payload: Vec<u8> = sqlx::query_scalar(event).fetch_one(&mut connection).await.unwrap();
    payload[7] ^= 1;
    let flip = sqlx::query("update events set payload = $1 where position = 2").bind(payload);
    flip.execute(&mut connection).await.unwrap();
    let (code, said) = verify();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("partition 0 is broken at position 2"), "{said}");
}
