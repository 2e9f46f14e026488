//! What a shell completes: the states of tasks, and the names of the queues and schedules that the API has.

use std::{env, time::Duration};

use clap_complete::CompletionCandidate;

use crate::{
    auth::Sign,
    client::{Answer, Client, DEFAULT_URL},
    failure::Failure,
    queue,
    schedule::Page,
};

/// Nobody waits for longer when they press Tab.
const PATIENCE: Duration = Duration::from_secs(2);

/// As many names at most.
const MOST: u32 = 100;

/// The states that a task can have.
pub(crate) fn states() -> Vec<CompletionCandidate> {
    candidates(["scheduled", "queued", "running", "succeeded", "failed", "cancelled", "expired"])
}

/// The states of tasks that have not ended.
pub(crate) fn open_states() -> Vec<CompletionCandidate> {
    candidates(["scheduled", "queued", "running"])
}

/// The queues that the API lists.
pub(crate) fn queues() -> Vec<CompletionCandidate> {
    let names =
        |answer: &Answer| queue::page(answer).map(|page| page.queues.into_iter().map(|queue| queue.name.into()));
    candidates(asked(async |client| client.queues(MOST, None).await, |answer| Ok(names(answer)?.collect())))
}

/// The schedules that the API lists.
pub(crate) fn schedules() -> Vec<CompletionCandidate> {
    candidates(asked(async |client| client.schedules(MOST, None).await, |answer| Ok(Page::of(answer)?.names())))
}

fn candidates(names: impl IntoIterator<Item = impl Into<String>>) -> Vec<CompletionCandidate> {
    names.into_iter().map(|name| CompletionCandidate::new(name.into())).collect()
}

/// The names in the first page of a list of the API that the environment names. If it does not answer soon, there are none. Nobody
/// wants to see an error while they complete a word.
fn asked(
    list: impl AsyncFn(&Client) -> Result<Answer, Failure>,
    names: impl Fn(&Answer) -> Result<Vec<String>, Failure>,
) -> Vec<String> {
    let url = env::var("TASKWAY_URL").unwrap_or_else(|_| DEFAULT_URL.to_owned());
    let sign = env::var("TASKWAY_SIGN").ok().and_then(|text| Sign::parse(&text).ok()).unwrap_or(Sign::Auto);
    let asking = async {
        let client = Client::new(&url, sign)?;
        names(&list(&client).await?)
    };
    let answered = taskway_executor::worker::block_on(async { tokio::time::timeout(PATIENCE, asking).await });
    answered.ok().and_then(Result::ok).and_then(Result::ok).unwrap_or_default()
}
