//! Order within a conversation, and none between them.

use std::{cell::RefCell, rc::Rc};

use futures_util::{FutureExt, stream};
use tokio::sync::oneshot;

use super::*;

type Request = (u64, u32);

/// Requests that are answered only when the test says so.
#[derive(Clone, Default)]
struct Hand(Rc<RefCell<Vec<Started>>>);

type Started = (Request, oneshot::Sender<()>);

impl Hand {
    fn handle(&self, request: Request) -> impl Future<Output = Request> + use<> {
        let (send, receive) = oneshot::channel();
        self.0.borrow_mut().push((request, send));
        async move {
            receive.await.unwrap();
            request
        }
    }

    fn started(&self) -> Vec<Request> {
        self.0.borrow().iter().map(|(it, _)| *it).collect()
    }

    fn answer(&self, request: Request) {
        let mut started = self.0.borrow_mut();
        let index = started.iter().position(|(it, _)| *it == request).unwrap();
        started.remove(index).1.send(()).unwrap();
    }
}

fn now<S: Stream + Unpin>(stream: &mut S) -> Option<Option<S::Item>> {
    stream.next().now_or_never()
}

#[test]
fn one_lane_keeps_its_order_and_others_overtake_it() {
    let hand = Hand::default();
    let requests = stream::iter([(1, 1), (1, 2), (2, 1)].map(Ok::<Request, ()>));
    let handle = hand.clone();
    let mut lanes = Lanes::new(requests, |it: &Request| it.0, |_| 1, move |it| handle.handle(it));
    assert_eq!(now(&mut lanes), None);
    assert_eq!(hand.started(), [(1, 1), (2, 1)]);
    hand.answer((2, 1));
    assert_eq!(now(&mut lanes), Some(Some(Ok((2, 1)))));
    hand.answer((1, 1));
    assert_eq!(now(&mut lanes), Some(Some(Ok((1, 1)))));
    assert_eq!(hand.started(), [(1, 2)]);
    hand.answer((1, 2));
    assert_eq!(now(&mut lanes), Some(Some(Ok((1, 2)))));
    assert_eq!(now(&mut lanes), Some(None));
    assert!(lanes.waiting.is_empty());
}

#[test]
fn reading_stops_when_as_many_are_held_as_may_be() {
    let hand = Hand::default();
    let read = Rc::new(RefCell::new(0));
    let count = Rc::clone(&read);
    let requests = stream::iter(0_u64..).map(move |it| {
        *count.borrow_mut() += 1;
        Ok::<Request, ()>((it, 0))
    });
    let handle = hand.clone();
    let mut lanes = Lanes::new(requests, |it: &Request| it.0, |_| 1, move |it| handle.handle(it));
    assert_eq!(now(&mut lanes), None);
    assert_eq!(*read.borrow(), MOST);
    hand.answer((5, 0));
    assert_eq!(now(&mut lanes), Some(Some(Ok((5, 0)))));
    assert_eq!(now(&mut lanes), None);
    assert_eq!(*read.borrow(), MOST + 1);
}

#[test]
fn what_was_read_is_answered_before_a_broken_stream_ends() {
    let hand = Hand::default();
    let requests = stream::iter([Ok((1, 1)), Err("cut"), Ok((9, 9))]);
    let handle = hand.clone();
    let mut lanes = Lanes::new(requests, |it: &Request| it.0, |_| 1, move |it| handle.handle(it));
    assert_eq!(now(&mut lanes), None);
    hand.answer((1, 1));
    assert_eq!(now(&mut lanes), Some(Some(Ok((1, 1)))));
    assert_eq!(now(&mut lanes), Some(Some(Err("cut"))));
    assert_eq!(now(&mut lanes), Some(None));
    assert!(hand.started().is_empty());
}

#[test]
fn what_is_held_is_bounded_in_bytes_as_well() {
    let hand = Hand::default();
    let requests = stream::iter((0..10).map(|it| Ok::<Request, ()>((u64::from(it), it))));
    let handle = hand.clone();
    let mut lanes = Lanes::new(requests, |it: &Request| it.0, |_| BYTES / 4, move |it| handle.handle(it));
    assert_eq!(now(&mut lanes), None);
    assert_eq!(hand.started().len(), 4);
    hand.answer((2, 2));
    assert_eq!(now(&mut lanes), Some(Some(Ok((2, 2)))));
    assert_eq!(now(&mut lanes), None);
    assert_eq!(hand.started().len(), 4);
}
