//! What breaks the rules of the wire itself: the codes are documented at the entry, and the service
//! goes on.

use ticket_dispatch::proto::v1;
use tonic::{
    Code, Status,
    body::Body,
    codegen::{Service as _, http},
    transport::Channel,
};

use super::{hello, open, printer};
use crate::app::{App, Settings};

const SEND: &str = "/dispatch.v1.ConversationService/SendMessage";

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bytes_that_are_no_message_get_the_documented_codes_and_the_next_call_is_served() {
    let app = App::start(Settings::default());
    let mut channel = app.channel();
    for (what, body, code) in [
        ("no such message", frame("\u{f}"), Code::Internal),
        ("invalid UTF-8", frame("\n\u{1}é"), Code::Internal),
        ("no message", String::new(), Code::Internal),
        ("ends early", "\0\0\0\0\tshort".to_owned(), Code::Internal),
        ("unknown flag", "\u{7}\0\0\0\0".to_owned(), Code::Internal),
        ("a frame of two gigabytes", "\0\u{7f}\u{7f}\u{7f}\u{7f}x".to_owned(), Code::OutOfRange),
        ("an empty message", frame(""), Code::InvalidArgument),
    ] {
        assert_eq!(post(&mut channel, SEND, body).await, code, "{what}");
    }
    assert_eq!(post(&mut channel, "/dispatch.v1.NoService/Nothing", frame("")).await, Code::Unimplemented);
    app.client(None).conversations().send_message(hello("m-1")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_oversized_message_is_out_of_range_as_the_settings_say() {
    let app = App::start(Settings::default().env("DISPATCH_LIMITS_MESSAGE", "32KiB"));
    let client = app.client(None);
    let of_size = |bytes| v1::CreateTicketRequest { description: "x".repeat(bytes), ..printer("r-1") };
    let status = open(&client, of_size(32 * 1024)).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    // Beyond the longest text and within the frame, the field is named.
    let status = open(&client, of_size(31 * 1024)).await.unwrap_err();
    assert_eq!(super::fields(&status), ["description"]);
    open(&client, of_size(16 * 1024)).await.unwrap();
}

/// A gRPC frame round bytes that happen to be UTF-8.
fn frame(body: &str) -> String {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    format!("\0{}{body}", std::str::from_utf8(&length).unwrap())
}

async fn post(channel: &mut Channel, path: &str, body: String) -> Code {
    let request = http::Request::post(path).header("content-type", "application/grpc");
    let request = request.header("te", "trailers").body(Body::new(body)).unwrap();
    std::future::poll_fn(|context| channel.poll_ready(context)).await.unwrap();
    let response = channel.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    Status::from_header_map(response.headers()).map_or(Code::Ok, |it| it.code())
}
