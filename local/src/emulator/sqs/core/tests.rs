#![allow(clippy::unwrap_used, clippy::panic)]

use std::{collections::BTreeMap, time::Duration};

use taskway_protocol::Time;

use super::{Broker, Counts, Draft, Outlook, Phase, Received};
use crate::emulator::sqs::SqsError;

const START: Time = Time::from_millis(1_800_000_000_000);

/// A broker with the queue `q`, and a clock that the test moves.
struct Bench {
    broker: Broker,
    now: Time,
}

impl Bench {
    fn new() -> Self {
        Bench::with(&[])
    }

    fn with(attributes: &[(&str, &str)]) -> Self {
        let mut bench = Bench { broker: Broker::new(7), now: START };
        bench.create("q", attributes).unwrap();
        bench
    }

    fn create(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), SqsError> {
        self.broker.create_queue(name, &map(attributes), self.now)
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(secs(seconds));
    }

    fn send(&mut self, body: &str) {
        self.broker.send("q", Draft::new(body).unwrap(), self.now).unwrap();
    }

    fn send_delayed(&mut self, body: &str, seconds: u64) {
        let draft = Draft::new(body).unwrap().delayed_by(secs(seconds)).unwrap();
        self.broker.send("q", draft, self.now).unwrap();
    }

    fn receive(&mut self, queue: &str) -> Vec<Received> {
        self.broker.receive(queue, 10, None, self.now).unwrap()
    }

    fn receive_one(&mut self) -> Received {
        self.receive("q").pop().unwrap()
    }

    fn bodies(&mut self, queue: &str) -> Vec<String> {
        self.receive(queue).iter().map(|received| received.body.to_string()).collect()
    }

    fn delete(&mut self, received: &Received) -> Result<(), SqsError> {
        self.broker.delete("q", &received.receipt, self.now)
    }

    fn hide(&mut self, received: &Received, seconds: u64) -> Result<(), SqsError> {
        self.broker.change_visibility("q", &received.receipt, secs(seconds), self.now)
    }

    fn counts(&mut self, queue: &str) -> (usize, usize, usize) {
        let Counts { visible, in_flight, delayed } = self.broker.counts(queue, self.now).unwrap();
        (visible, in_flight, delayed)
    }
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn redrive(max: u32) -> String {
    format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":"{max}"}}"#)
}

#[test]
fn a_hidden_message_is_not_delivered_again() {
    let mut bench = Bench::new();
    bench.send("a");
    let received = bench.receive_one();
    assert_eq!((&*received.body, received.receives, received.sent), ("a", 1, START));
    assert!(bench.receive("q").is_empty());
    assert_eq!(bench.counts("q"), (0, 1, 0));
    bench.delete(&received).unwrap();
    assert_eq!(bench.counts("q"), (0, 0, 0));
}

#[test]
fn a_delay_ends_to_the_millisecond() {
    let mut bench = Bench::with(&[("DelaySeconds", "5")]);
    bench.send("queue's delay");
    bench.send_delayed("own delay", 3);
    bench.send_delayed("none", 0);
    assert_eq!(bench.counts("q"), (1, 0, 2));
    assert_eq!(bench.bodies("q"), ["none"]);
    bench.now = START.after(Duration::from_millis(2_999));
    assert!(bench.receive("q").is_empty());
    assert_eq!(bench.broker.outlook("q", bench.now).unwrap(), Outlook::Due(START.after(secs(3))));
    bench.now = START.after(secs(3));
    assert_eq!(bench.bodies("q"), ["own delay"]);
    bench.now = START.after(secs(5));
    assert_eq!(bench.bodies("q"), ["queue's delay"]);
}

#[test]
fn a_message_that_comes_back_goes_to_the_end_of_the_queue() {
    let mut bench = Bench::new();
    bench.send("first");
    bench.receive_one();
    bench.pass(10);
    bench.send("second");
    bench.pass(20);
    let again = bench.receive("q");
    let seen: Vec<_> = again.iter().map(|received| (&*received.body, received.receives)).collect();
    assert_eq!(seen, [("second", 1), ("first", 2)]);
    assert_eq!(again[1].first_received, START);
}

#[test]
fn a_receipt_is_valid_until_the_message_is_received_again() {
    let mut bench = Bench::new();
    bench.send("a");
    let stale = bench.receive_one();
    bench.pass(30);
    assert_eq!(bench.counts("q"), (1, 0, 0));
    let fresh = bench.receive_one();
    assert_eq!(fresh.id, stale.id);
    bench.delete(&stale).unwrap();
    assert_eq!(bench.counts("q"), (0, 1, 0), "a stale receipt deletes nothing");
    bench.hide(&stale, 0).unwrap();
    assert_eq!(bench.counts("q"), (0, 1, 0), "a stale receipt does not show the message");
    bench.pass(30);
    assert_eq!(bench.counts("q"), (1, 0, 0));
    bench.hide(&fresh, 60).unwrap();
    assert_eq!(bench.counts("q"), (1, 0, 0), "a message that is visible again cannot be hidden");
    bench.delete(&fresh).unwrap();
    assert_eq!(bench.counts("q"), (0, 0, 0), "the latest receipt still deletes it");
    bench.delete(&fresh).unwrap();
    assert!(matches!(bench.hide(&fresh, 1), Err(SqsError::InvalidParameterValue(_))));
}

#[test]
fn a_new_visibility_counts_from_now_and_ends_after_12_hours_at_most() {
    let mut bench = Bench::new();
    bench.send("a");
    let received = bench.receive_one();
    bench.pass(20);
    bench.hide(&received, 100).unwrap();
    bench.pass(99);
    assert!(bench.receive("q").is_empty());
    let rest = 43_200 - 119;
    assert!(matches!(bench.hide(&received, rest + 1), Err(SqsError::InvalidParameterValue(_))));
    bench.hide(&received, rest).unwrap();
    bench.hide(&received, 0).unwrap();
    assert_eq!(bench.receive_one().receives, 2);
}

#[test]
fn a_receive_with_visibility_zero_leaves_the_message_visible() {
    let mut bench = Bench::new();
    bench.send("a");
    for times in 1..=3 {
        let received = bench.broker.receive("q", 10, Some(Duration::ZERO), bench.now).unwrap();
        assert_eq!(received.len(), 1, "one receive does not deliver a message twice");
        assert_eq!(received[0].receives, times);
    }
}

#[test]
fn a_message_that_is_received_too_often_becomes_a_dead_letter() {
    let mut bench = Bench::new();
    bench.create("dead", &[]).unwrap();
    bench.broker.set_attributes("q", &map(&[("RedrivePolicy", &redrive(2))]), bench.now).unwrap();
    bench.send("poison");
    let id = bench.receive_one().id;
    bench.pass(30);
    let second = bench.receive_one();
    bench.pass(30);
    assert_eq!(bench.counts("dead"), (0, 0, 0), "a receive moves it, and nothing earlier");
    assert!(bench.receive("q").is_empty());
    assert_eq!((bench.counts("q"), bench.counts("dead")), ((0, 0, 0), (1, 0, 0)));
    bench.delete(&second).unwrap();
    let dead = bench.receive("dead").pop().unwrap();
    assert_eq!((dead.id, dead.sent, dead.receives), (id, START, 3));
    assert_eq!(dead.dead_letter_source.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:q"));
    let refused = bench.broker.delete("q", &dead.receipt, bench.now);
    assert!(matches!(refused, Err(SqsError::ReceiptHandleIsInvalid(_))));
    bench.broker.delete("dead", &dead.receipt, bench.now).unwrap();
}

#[test]
fn a_message_stays_if_its_dead_letter_queue_was_deleted() {
    let mut bench = Bench::new();
    let policy = redrive(1);
    let refused = bench.create("other", &[("RedrivePolicy", &policy)]);
    assert!(matches!(refused, Err(SqsError::InvalidParameterValue(_))));
    bench.create("dead", &[]).unwrap();
    bench.broker.set_attributes("q", &map(&[("RedrivePolicy", &policy)]), bench.now).unwrap();
    bench.broker.delete_queue("dead").unwrap();
    bench.send("a");
    for times in 1..=3 {
        assert_eq!(bench.receive_one().receives, times);
        bench.pass(30);
    }
}

#[test]
fn messages_of_every_phase_are_deleted_after_their_retention() {
    let mut bench = Bench::with(&[("MessageRetentionPeriod", "60"), ("VisibilityTimeout", "3600")]);
    bench.send("in flight");
    bench.receive_one();
    bench.send("visible");
    bench.send_delayed("delayed", 900);
    bench.pass(60);
    assert_eq!(bench.counts("q"), (1, 1, 1));
    bench.now = bench.now.after(Duration::from_millis(1));
    assert_eq!(bench.counts("q"), (0, 0, 0));
    assert_eq!(bench.broker.outlook("q", bench.now).unwrap(), Outlook::Idle);
}

#[test]
fn at_most_120_000_messages_are_in_flight() {
    let mut bench = Bench::new();
    (0..120_001).for_each(|_| bench.send("a"));
    let mut last = None;
    for _ in 0..12_000 {
        last = bench.receive("q").pop();
    }
    assert_eq!(bench.counts("q"), (1, 120_000, 0));
    assert_eq!(bench.broker.receive("q", 10, None, bench.now).unwrap_err(), SqsError::OverLimit);
    assert_eq!(bench.broker.outlook("q", bench.now).unwrap(), Outlook::Due(START.after(secs(30))));
    bench.delete(&last.unwrap()).unwrap();
    assert_eq!(bench.receive("q").len(), 1);
}

#[test]
fn a_queue_is_created_again_only_with_equal_attributes() {
    let mut bench = Bench::with(&[("DelaySeconds", "5"), ("VisibilityTimeout", "60")]);
    bench.create("q", &[]).unwrap();
    bench.create("q", &[("DelaySeconds", "5")]).unwrap();
    let refused = bench.create("q", &[("DelaySeconds", "5"), ("VisibilityTimeout", "61")]).unwrap_err();
    assert_eq!(refused, SqsError::QueueNameExists { attribute: "VisibilityTimeout".to_owned() });
    for name in ["", "a b", "q.fifo", "a/b", &"n".repeat(81)] {
        assert!(bench.create(name, &[]).is_err(), "{name}");
    }
}

#[test]
fn a_refused_attribute_leaves_all_attributes_unchanged() {
    let mut bench = Bench::new();
    let refused =
        bench.broker.set_attributes("q", &map(&[("DelaySeconds", "1"), ("VisibilityTimeout", "-1")]), bench.now);
    assert!(matches!(refused, Err(SqsError::InvalidAttributeValue { name, .. }) if name == "VisibilityTimeout"));
    let unknown = bench.broker.set_attributes("q", &map(&[("Colour", "red")]), bench.now);
    assert_eq!(unknown.unwrap_err(), SqsError::InvalidAttributeName("Colour".to_owned()));
    bench.pass(5);
    bench.broker.set_attributes("q", &map(&[("Policy", "{}"), ("MaximumMessageSize", "1024")]), bench.now).unwrap();
    let attributes = bench.broker.attributes("q", bench.now).unwrap();
    assert_eq!(attributes["DelaySeconds"], "0");
    assert_eq!(attributes["Policy"], "{}");
    assert_eq!(attributes["CreatedTimestamp"], "1800000000");
    assert_eq!(attributes["LastModifiedTimestamp"], "1800000005");
    let long = Draft::new("x".repeat(1_025)).unwrap();
    assert!(matches!(bench.broker.send("q", long, bench.now), Err(SqsError::InvalidParameterValue(_))));
    bench.broker.set_attributes("q", &map(&[("Policy", "")]), bench.now).unwrap();
    assert!(!bench.broker.attributes("q", bench.now).unwrap().contains_key("Policy"));
}

#[test]
fn a_purge_empties_a_queue_once_a_minute() {
    let mut bench = Bench::new();
    bench.send("a");
    bench.receive_one();
    bench.send("b");
    bench.send_delayed("c", 9);
    bench.broker.purge_queue("q", bench.now).unwrap();
    assert_eq!(bench.counts("q"), (0, 0, 0));
    bench.pass(59);
    assert!(matches!(bench.broker.purge_queue("q", bench.now), Err(SqsError::PurgeQueueInProgress { .. })));
    bench.pass(1);
    bench.broker.purge_queue("q", bench.now).unwrap();
}

#[test]
fn receipts_of_a_deleted_queue_and_forged_receipts_are_refused() {
    let mut bench = Bench::new();
    bench.send("a");
    let former = bench.receive_one();
    bench.broker.delete_queue("q").unwrap();
    assert_eq!(bench.delete(&former).unwrap_err(), SqsError::QueueDoesNotExist);
    bench.create("q", &[]).unwrap();
    let flipped: String = former.receipt.chars().rev().collect();
    for receipt in [former.receipt.as_str(), "", "x", &flipped, &"A".repeat(32), &"A".repeat(2_000), "ä"] {
        let refused = bench.broker.delete("q", receipt, bench.now);
        assert!(matches!(refused, Err(SqsError::ReceiptHandleIsInvalid(_))), "{receipt}");
    }
}

#[test]
fn equal_calls_give_equal_ids() {
    let run = || {
        let mut bench = Bench::new();
        bench.send("a");
        let received = bench.receive_one();
        (received.id, received.receipt)
    };
    assert_eq!(run(), run());
    assert_eq!(run().0.to_string().len(), 36);
}

#[test]
fn drafts_are_checked() {
    assert_eq!(Draft::new("").unwrap_err(), SqsError::MissingParameter("MessageBody".to_owned()));
    for body in ["\0", "a\u{1f}", "\u{fffe}", "\u{ffff}"] {
        assert_eq!(Draft::new(body).unwrap_err(), SqsError::InvalidMessageContents, "{body:?}");
    }
    for body in ["\t\r\n", "\u{7f}", "\u{fffd}", "ﺀ", "🦀"] {
        Draft::new(body).unwrap();
    }
    let draft = Draft::new("a").unwrap();
    assert!(draft.clone().delayed_by(secs(901)).is_err());
    assert!(draft.clone().in_group("").is_err());
    assert!(draft.clone().in_group(&"g".repeat(129)).is_err());
    assert!(draft.in_group("tenant-7").is_ok());
}

#[test]
fn a_simulation_can_lose_duplicate_delay_and_reorder_messages() {
    let mut bench = Bench::new();
    for body in ["a", "b", "c", "d"] {
        bench.send(body);
    }
    let later = bench.now.after(secs(50));
    let mut faults = bench.broker.faults("q", bench.now).unwrap();
    let keys: Vec<_> = faults.messages().map(|stored| stored.key).collect();
    assert!(faults.lose(keys[0]));
    assert!(!faults.lose(keys[0]));
    assert!(faults.postpone(keys[1], later));
    let out_of_order = faults.deliver(keys[3], secs(9)).unwrap();
    assert_eq!(&*out_of_order.body, "d");
    assert!(faults.deliver(keys[3], secs(9)).is_none(), "it is in flight");
    let twin = faults.duplicate(keys[3]).unwrap();
    assert!(faults.messages().any(|s| s.key == twin && s.phase == Phase::Visible { since: START }));
    let copies = bench.receive("q");
    let seen: Vec<_> = copies.iter().map(|received| &*received.body).collect();
    assert_eq!(seen, ["c", "d"]);
    assert_eq!(copies[1].id, out_of_order.id);
    bench.delete(&out_of_order).unwrap();
    bench.broker.faults("q", bench.now).unwrap().show(twin);
    assert_eq!(bench.bodies("q"), ["d"], "the other copy is still there");
    bench.now = later;
    assert!(bench.bodies("q").contains(&"b".to_owned()));
}

#[test]
fn names_are_listed_in_order_and_in_pages() {
    let mut bench = Bench::new();
    for name in ["b2", "a", "b1", "b3"] {
        bench.create(name, &[]).unwrap();
    }
    let names = |prefix, after| bench.broker.names(prefix, after).collect::<Vec<_>>();
    assert_eq!(names("", None), ["a", "b1", "b2", "b3", "q"]);
    assert_eq!(names("b", Some("b1")), ["b2", "b3"]);
    assert_eq!(names("b", Some("a")), ["b1", "b2", "b3"]);
    assert!(names("b", Some("b3")).is_empty());
}
