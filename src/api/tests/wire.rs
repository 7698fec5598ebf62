//! Bytes that no client of ours would send, and every cell of the table of access.

use super::{
    super::access::{METHODS, Method},
    *,
};

const SEND: &str = "/dispatch.v1.ConversationService/SendMessage";

/// Posts a body as it is; answers with the HTTP status and the gRPC status of the headers.
async fn post(
    channel: &mut Channel,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<(u16, Option<Status>), Box<dyn std::error::Error>> {
    let request =
        http::Request::post(path).header("content-type", "application/grpc").header("te", "trailers");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    std::future::poll_fn(|context| channel.poll_ready(context)).await?;
    let response = channel.call(request.body(Body::new(body))?).await?;
    Ok((response.status().as_u16(), Status::from_header_map(response.headers())))
}

fn channel(address: String) -> Channel {
    Endpoint::from_shared(address).unwrap().connect_lazy()
}

/// A gRPC frame round bytes that happen to be UTF-8.
fn frame(body: &str) -> String {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    assert!(length.iter().all(u8::is_ascii));
    format!("\0{}{body}", std::str::from_utf8(&length).unwrap())
}

async fn code(channel: &mut Channel, headers: &[(&str, &str)], body: String) -> Code {
    let (status, grpc) = post(channel, SEND, headers, body).await.unwrap();
    assert_eq!(status, 200);
    grpc.map_or(Code::Ok, |it| it.code())
}

#[tokio::test]
async fn broken_bytes_get_the_codes_that_are_documented() {
    served(everybody(), Settings::default(), async |address, _| {
        let mut it = channel(address);
        assert_eq!(code(&mut it, &[], frame("\u{f}")).await, Code::Internal, "no such message");
        // Field 1, one byte long, cuts the two bytes of this letter apart.
        assert_eq!(code(&mut it, &[], frame("\n\u{1}é")).await, Code::Internal, "invalid UTF-8");
        assert_eq!(code(&mut it, &[], String::new()).await, Code::Internal, "no message");
        assert_eq!(code(&mut it, &[], "\0\0\0\0\tshort".to_owned()).await, Code::Internal, "ends early");
        assert_eq!(code(&mut it, &[], "\u{7}\0\0\0\0".to_owned()).await, Code::Internal, "unknown flag");
        assert_eq!(code(&mut it, &[], "\u{1}\0\0\0\0".to_owned()).await, Code::Internal, "compressed");
        let gzip = [("grpc-encoding", "gzip")];
        assert_eq!(code(&mut it, &gzip, "\u{1}\0\0\0\0".to_owned()).await, Code::Unimplemented);
        assert_eq!(code(&mut it, &[], frame("")).await, Code::InvalidArgument, "an empty message");
    })
    .await;
}

#[tokio::test]
async fn a_message_over_its_limit_is_out_of_range() {
    served(everybody(), Settings::default(), async |address, _| {
        let mut it = channel(address.clone());
        let mut long = message("1", "a");
        long.text = "x".repeat(64 * 1024 - long.encoded_len() - 4);
        let room = 64 * 1024 - long.encoded_len();
        let client = Client::new(&address, None).unwrap();
        let of = async |it: v1::SendMessageRequest| {
            client.conversations().send_message(it).await.unwrap_err().code()
        };
        // Within the frame's limit the text's own limit speaks; beyond it the frame's.
        assert_eq!(of(long.clone()).await, Code::InvalidArgument);
        long.text.push_str(&"x".repeat(room + 1));
        assert_eq!(of(long).await, Code::OutOfRange);
        assert_eq!(code(&mut it, &[], "\0\u{7f}\u{7f}\u{7f}\u{7f}x".to_owned()).await, Code::OutOfRange);
        let content = "x".repeat(200 * 1024);
        let files = vec![v1::CatalogFile { name: "a.yaml".to_owned(), content }];
        let answer = client.catalog().check_catalog(v1::CheckCatalogRequest { files }).await;
        assert!(answer.is_ok(), "a catalogue may be larger");
    })
    .await;
}

#[tokio::test]
async fn metadata_over_its_limit_does_not_come_in() {
    served(everybody(), Settings::default(), async |address, _| {
        let mut it = channel(address);
        let large = "x".repeat(9 * 1024);
        let (status, _) = post(&mut it, SEND, &[("x-large", &large)], frame("")).await.unwrap();
        assert_eq!(status, 431);
        assert_eq!(code(&mut it, &[("x-large", &large[..6 * 1024])], frame("")).await, Code::InvalidArgument);
    })
    .await;
}

#[tokio::test]
async fn every_cell_of_the_table_of_access_holds() {
    served(Access::Tokens, Settings::default(), async |address, _| {
        let mut it = channel(address);
        for method in METHODS {
            for bad in ["Bearer token-nobody", "Bearer ", "Basic token-admin", ""] {
                assert_eq!(cell(&mut it, method, bad).await, Code::Unauthenticated, "{} {bad}", method.path);
            }
            for role in Role::ALL {
                let code = cell(&mut it, method, &format!("Bearer token-{}", role.as_str())).await;
                let refused = code == Code::PermissionDenied;
                assert_eq!(refused, !method.roles.contains(&role), "{} {role:?} {code:?}", method.path);
                assert_ne!(code, Code::Unauthenticated);
            }
        }
        let (_, status) = post(&mut it, "/dispatch.v1.TicketService/Nothing", &[], frame("")).await.unwrap();
        assert_eq!(status.unwrap().code(), Code::Unimplemented);
    })
    .await;
}

async fn cell(channel: &mut Channel, method: &Method, authorization: &str) -> Code {
    let headers = [("authorization", authorization)];
    // No message at all, so that a call which is let in changes nothing.
    let (_, status) = post(channel, method.path, &headers, String::new()).await.unwrap();
    status.map_or(Code::Ok, |it| it.code())
}

#[tokio::test]
async fn a_call_without_a_token_is_told_how_to_send_one() {
    served(Access::Tokens, Settings::default(), async |address, _| {
        let client = Client::new(&address, None).unwrap();
        let request = Request::new(v1::ListTicketsRequest::default());
        let status = client.tickets().list_tickets(request).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert!(status.message().contains("authorization: Bearer <token>"), "{}", status.message());
        let client = Client::new(&address, Some("token-agent")).unwrap();
        assert!(client.tickets().list_tickets(v1::ListTicketsRequest::default()).await.is_ok());
    })
    .await;
}
