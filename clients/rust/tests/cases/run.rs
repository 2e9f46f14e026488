//! Runs one case, step by step.

use std::{
    process,
    time::{Duration, Instant},
};

use serde_json::Value;
use taskway_client::{Call, Client, Error, Pages, Repeat, Schedule, Submitted, Task};
use time::OffsetDateTime;

use crate::{
    check::Expected,
    fault_proxy::FaultProxy,
    words::{self, Names, text},
};

/// What came of a step.
pub(crate) enum Outcome {
    Task(Box<Task>),
    Schedule(Box<Schedule>),
    /// Anything else that is JSON.
    Answer(Value),
    List(Vec<Task>),
    Answers(Vec<Submitted>),
    Done,
}

/// A step that may come out otherwise a moment later is made again this often.
const AGAIN: Duration = Duration::from_millis(50);

/// Runs a case against this API. `number` makes its queue one that no other case uses.
pub(crate) async fn run(case: &Value, number: usize, api: &str) {
    let proxy = FaultProxy::start(api, case["faults"].as_array().map_or(&[], Vec::as_slice)).await;
    let timeout = case["client"]["timeout_seconds"].as_f64().unwrap_or(30.0);
    let client = Client::builder(&proxy.url).timeout(Duration::from_secs_f64(timeout)).build().unwrap();
    // The API has milliseconds.
    let now = OffsetDateTime::now_utc();
    let began = now.replace_millisecond(now.millisecond()).unwrap();
    let known = [("$queue".to_owned(), format!("q{}-{number}", process::id()))].into();
    let mut names = Names { known, began };
    for step in case["steps"].as_array().unwrap() {
        let until = Instant::now() + Duration::from_secs(step["within_seconds"].as_u64().unwrap_or(0));
        let outcome = loop {
            let before = proxy.sent().len();
            let start = Instant::now();
            let outcome = make(&client, step, &names).await;
            let (took, sent) = (start.elapsed(), proxy.sent().split_off(before));
            let expected = Expected { step, names: &names };
            if Instant::now() >= until || expected.has_count(&outcome) {
                expected.check(&outcome, &sent, took);
                break outcome;
            }
            tokio::time::sleep(AGAIN).await;
        };
        match (step["as"].as_str(), &outcome) {
            (Some(name), Ok(Outcome::Task(task))) => {
                names.known.insert(format!("${name}.id"), task.id.clone());
            }
            (Some(name), Ok(Outcome::Answer(Value::String(text)))) => {
                names.known.insert(format!("${name}"), text.clone());
            }
            _ => {}
        }
    }
}

/// Makes the call of a step.
async fn make(client: &Client, step: &Value, names: &Names) -> Result<Outcome, Error> {
    let given = &names.real(&step["with"]);
    let id = || text(&given["id"]);
    let name = || text(&given["name"]);
    let task = |task: Task| Outcome::Task(Box::new(task));
    let schedule = |schedule: Schedule| Outcome::Schedule(Box::new(schedule));
    match text(&step["call"]) {
        "submit" => submit(client, step, given).await.map(task),
        "submit_many" => {
            let one = |given: &Value| words::new_task(given, None).unwrap();
            let tasks: Vec<_> = match step["repeat"].as_u64() {
                Some(times) => (0..times).map(|_| one(given)).collect(),
                None => given.as_array().unwrap().iter().map(one).collect(),
            };
            client.submit_many(tasks).await.map(Outcome::Answers)
        }
        "upload" => client.upload(given["payload"].to_string().into_bytes()).await.map(answer),
        "download" => {
            let task = client.get(id()).await?;
            let url = if given["part"] == "payload" { task.payload_url } else { task.result_url };
            let bytes = client.download(&url.unwrap()).await?;
            Ok(Outcome::Answer(serde_json::from_slice(&bytes).unwrap()))
        }
        "get" => client.get(id()).await.map(task),
        "wait" => {
            client.wait(id(), Duration::from_secs_f64(given["timeout_seconds"].as_f64().unwrap())).await.map(task)
        }
        "list" => list(client.tasks(&words::filter(given)), given).await,
        "list_dead" => list(client.dead(&words::filter(given)), given).await,
        "update" => client.update(id(), &words::change(given)).await.map(task),
        "cancel" => client.cancel(id()).await.map(task),
        "run" => client.run(id()).await.map(task),
        "retry" => client.retry(id()).await.map(task),
        "cancel_many" => client.cancel_many(words::selection(given)).await.map(answer),
        "redrive" => client.redrive(words::selection(given)).await.map(answer),
        "stats" => client.stats().await.map(answer),
        "get_queue" => client.queue(name()).await.map(answer),
        "set_queue" => client.set_queue(name(), &words::queue_request(given)).await.map(answer),
        "pause_queue" => client.pause_queue(name()).await.map(answer),
        "resume_queue" => client.resume_queue(name()).await.map(answer),
        "purge_queue" => client.purge_queue(name()).await.map(answer),
        "put_schedule" => client.put_schedule(name(), words::new_schedule(given)).await.map(schedule),
        "get_schedule" => client.schedule(name()).await.map(schedule),
        "run_schedule" => client.run_schedule(name()).await.map(task),
        "delete_schedule" => client.delete_schedule(name()).await.map(|()| Outcome::Done),
        other => panic!("the client has no {other}"),
    }
}

async fn list(pages: Pages<'_, Task>, given: &Value) -> Result<Outcome, Error> {
    let pages = match given["limit"].as_u64() {
        Some(limit) => pages.page_size(limit.try_into().unwrap()),
        None => pages,
    };
    pages.all().await.map(Outcome::List)
}

fn answer(answer: impl serde::Serialize) -> Outcome {
    Outcome::Answer(serde_json::to_value(answer).unwrap())
}

/// Submits a task by the client's own types. A word that these do not have goes as it is, as the command line sends a text.
async fn submit(client: &Client, step: &Value, given: &Value) -> Result<Task, Error> {
    let Some(task) = words::new_task(given, step["with_payload_json"].as_str()) else {
        let answer = client.send(&Call::submit(given.to_string(), Repeat::Unknown, None)).await?;
        return Ok(serde_json::from_slice(&answer.body).unwrap());
    };
    match step["prefer_wait_seconds"].as_u64() {
        Some(wait) => client.submit_and_wait(task, Duration::from_secs(wait)).await,
        None => client.submit(task).await,
    }
}
