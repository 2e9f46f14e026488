#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use super::Mapping;
use crate::stack::{Setup, Stack};

#[tokio::test]
async fn a_queue_that_hides_messages_too_briefly_is_refused() {
    let stack = Stack::start(Setup::default()).await.unwrap();
    assert_eq!(Mapping::all(&stack).await.unwrap().len(), 3);
    let briefly = BTreeMap::from([("VisibilityTimeout".to_owned(), "899".to_owned())]);
    let changed = stack.sqs.with_broker(|broker, now| broker.set_attributes("taskway-LowLane", &briefly, now));
    changed.unwrap();
    let refused = Mapping::all(&stack).await.unwrap_err().to_string();
    assert_eq!(refused, "LowLane hides messages for 899 s, and ExecutorFunction may work on them for 900 s");
}
