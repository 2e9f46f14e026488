//! Runs `clients/cases.json`, which says what every client of Taskway must do, against the embedded stack.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing value fails the test")]

mod check;
mod fault_proxy;
mod run;
mod signatures;
mod stack;
mod uploads;
mod words;

use std::sync::Arc;

use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{run::run, stack::Running};

const TABLE: &str = include_str!("../../../cases.json");

/// The cases that this language cannot have.
const NOT_HERE: [(&str, &str); 1] =
    [("a time without a zone is refused, where a language has such times", "`OffsetDateTime` always has an offset")];

/// Most cases wait, but some submit hundreds of tasks.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn every_case_of_the_table() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let cases = table["cases"].as_array().unwrap();
    for (name, why) in NOT_HERE {
        assert!(cases.iter().any(|case| case["name"] == name), "no case is called {name}, which {why}");
    }
    let stack = Running::start().await;
    let (mut runs, places) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for (number, case) in cases.iter().enumerate() {
        let name = case["name"].as_str().unwrap().to_owned();
        if NOT_HERE.iter().any(|(not_here, _)| *not_here == name) {
            continue;
        }
        let (case, api, places) = (case.clone(), stack.api(), Arc::clone(&places));
        runs.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let ran = tokio::spawn(async move { run(&case, number, &api).await }).await;
            ran.err().map(|_| name)
        });
    }
    let failed: Vec<String> = runs.join_all().await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "these cases failed, and said above why: {failed:#?}");
}
