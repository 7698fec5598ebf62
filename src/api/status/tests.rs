//! Each fault with its code, reason and details.

use super::*;
use crate::domain::lifecycle::State;

fn of(fault: Fault) -> Status {
    fault.into()
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|it| format!("{}/{}", it.domain, it.reason)).unwrap()
}

fn violation(field: &str) -> Violation {
    Violation { field: field.to_owned(), problem: "is required".to_owned() }
}

#[test]
fn a_bad_request_names_every_bad_field() {
    let status = of(Fault::Malformed(vec![violation("text"), violation("requester")]));
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "text: is required; requester: is required");
    let details = status.get_error_details();
    let fields: Vec<_> =
        details.bad_request().unwrap().field_violations.iter().map(|it| it.field.clone()).collect();
    assert_eq!(fields, ["text", "requester"]);
    assert_eq!(reason(&status), "dispatch/MALFORMED");
}

#[test]
fn a_flood_of_violations_still_fits_into_trailers() {
    let long = Violation { field: "f".repeat(100), problem: "ü".repeat(60) };
    let status = of(Fault::Malformed(vec![long; 5000]));
    assert!(status.details().len() + status.message().len() < 8 * 1024);
}

#[test]
fn a_refused_move_says_what_is_allowed() {
    let allowed = vec![State::Assigned, State::Closed];
    let status = of(Fault::Refused(Refusal::NoSuchMove {
        from: State::Resolved,
        to: State::New,
        allowed,
        others: &[],
    }));
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("now it may become assigned, closed"), "{}", status.message());
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().metadata["allowed"], "assigned,closed");
}

#[test]
fn what_may_be_sent_again_says_when() {
    for (fault, code) in [(Fault::Busy, Code::ResourceExhausted), (Fault::Unavailable, Code::Unavailable)] {
        let status = of(fault);
        assert_eq!(status.code(), code);
        assert!(status.get_error_details().retry_info().unwrap().retry_delay.is_some());
    }
    assert!(of(Fault::NotFound("ticket")).get_error_details().retry_info().is_none());
}

#[test]
fn what_cannot_be_done_with_a_model_says_why() {
    let problem = "model a has 1 of 2 golden messages wrong".to_owned();
    let status = of(Fault::Unfit { why: Unfit::Golden, problem: problem.clone() });
    assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, problem.as_str()));
    assert_eq!(reason(&status), "dispatch/GOLDEN_MESSAGES_BROKEN");
    let status = of(Fault::Training);
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "dispatch/TRAINING"));
    assert!(status.get_error_details().retry_info().is_some());
}

#[test]
fn other_faults_have_their_codes() {
    let reused = of(Fault::RequestReused("m-1".to_owned()));
    assert_eq!((reused.code(), reason(&reused).as_str()), (Code::AlreadyExists, "dispatch/REQUEST_REUSED"));
    assert!(reused.message().contains("`m-1`"));
    assert_eq!(of(Fault::Stale { what: "ticket", expected: 1, current: 2 }).code(), Code::Aborted);
    assert_eq!(of(Fault::NotFound("ticket")).message(), "no such ticket");
    assert_eq!(Status::from(Denied::NoToken).code(), Code::Unauthenticated);
    assert_eq!(Status::from(Denied::Late).code(), Code::DeadlineExceeded);
}

#[test]
fn a_fault_on_a_stream_says_the_same_as_the_status() {
    let faults = [
        Fault::Malformed(vec![violation("text")]),
        Fault::Busy,
        Fault::NotFound("ticket"),
        Fault::Stale { what: "ticket", expected: 1, current: 2 },
    ];
    for it in faults {
        let (on_stream, status) = (refusal(&it), of(it));
        assert_eq!(on_stream.code, status.code() as i32);
        assert_eq!(on_stream.message, status.message());
        assert_eq!(format!("dispatch/{}", on_stream.reason), reason(&status));
        let retry = status.get_error_details().retry_info().and_then(|it| it.retry_delay);
        assert_eq!(on_stream.retry_after_ms, retry.map_or(0, |it| it.as_millis() as i64));
    }
}
