//! Writes that share requests: each is made once and has its own answer, whatever becomes of the request.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use futures::future::join_all;
use serde_json::{Value, json};

use super::{Table, http_client, on_a_deep_stack, runtime};
use crate::dynamo::{Created, Granted, StoreError, Wish};
use taskway_protocol::{
    Fence, Generation, Nonce, Permit, Refusal, Scope, State, Step, Task, TaskId, TaskKey, Time, Transition,
};

/// The tasks of a test. They fit in one batch.
const TASKS: u8 = 10;

/// What becomes of a batch.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    /// The engine does not understand the request.
    Refused,
    /// The engine does it, and then answers that it failed. The SDK sends it again.
    AnswerLost,
    /// The first statement is not done, with this error.
    First(&'static str),
    /// The answer lacks its last member.
    Short,
    /// No statement is done, each with this error.
    Each(&'static str),
    /// The engine does it, and its answers lack the items.
    NoItems,
}

/// The faults to come, and the actions of all requests.
#[derive(Clone, Debug, Default)]
struct Faults(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    /// For the next batches, in order.
    faults: VecDeque<Fault>,
    actions: Vec<String>,
}

impl Faults {
    fn of(faults: impl IntoIterator<Item = Fault>) -> Self {
        let recorded = Recorded { faults: faults.into_iter().collect(), ..Recorded::default() };
        Faults(Arc::new(Mutex::new(recorded)))
    }

    fn count(&self, action: &str) -> usize {
        self.0.lock().unwrap().actions.iter().filter(|made| *made == action).count()
    }
}

/// An HTTP client that lets batches fail.
#[derive(Clone, Debug)]
struct Client<C> {
    inner: C,
    faults: Faults,
}

impl HttpClient for Client<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Client { inner, faults: self.faults.clone() })
    }
}

impl HttpConnector for Client<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move { this.carry(request).await })
    }
}

impl Client<SharedHttpConnector> {
    async fn carry(&self, mut request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let action = target.rsplit('.').next().unwrap_or_default().to_owned();
        let fault = {
            let mut recorded = self.faults.0.lock().unwrap();
            recorded.actions.push(action.clone());
            if action == "BatchExecuteStatement" { recorded.faults.pop_front() } else { None }
        };
        let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let asked = body["Statements"].as_array().map_or(0, Vec::len);
        match fault {
            Some(Fault::Refused | Fault::Each(_)) => body = json!({}),
            Some(Fault::First(_)) => drop(body["Statements"].as_array_mut().unwrap().remove(0)),
            Some(Fault::AnswerLost | Fault::Short | Fault::NoItems) | None => {}
        }
        let text = body.to_string();
        request.headers_mut().insert("content-length", text.len().to_string());
        *request.body_mut() = SdkBody::from(text);
        let mut response = self.inner.call(request).await?;
        let answer = ByteStream::new(response.take_body()).collect().await.unwrap().into_bytes();
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let mut status = response.status();
        match fault {
            Some(Fault::AnswerLost) => {
                status = StatusCode::try_from(500).unwrap();
                answer = json!({"__type": "InternalServerError", "message": "try again"});
            }
            Some(Fault::First(code)) => {
                let error = json!({"Error": {"Code": code, "Message": "not now"}});
                answer["Responses"].as_array_mut().unwrap().insert(0, error);
            }
            Some(Fault::Short) => drop(answer["Responses"].as_array_mut().unwrap().pop()),
            Some(Fault::Each(code)) => {
                status = StatusCode::try_from(200).unwrap();
                answer = json!({"Responses": vec![json!({"Error": {"Code": code, "Message": "no"}}); asked]});
            }
            Some(Fault::NoItems) => answer = json!({"Responses": vec![json!({}); asked]}),
            Some(Fault::Refused) | None => {}
        }
        Ok(HttpResponse::new(status, SdkBody::from(answer.to_string())))
    }
}

fn at(millis: u64) -> Time {
    Time::from_millis(1_000_000 + millis)
}

fn task(number: u8) -> Task {
    let task = Task::example(at(0));
    Task { id: TaskId { key: TaskKey::from_bytes([number; 16]), ..task.id }, ..task }
}

fn claim(task: &Task, owner: u64) -> Transition {
    let step = Step::Claim {
        generation: Generation::FIRST,
        owner: Nonce(owner),
        now: at(1),
        timeout_seconds: 60,
        fence: None,
    };
    Transition { born: task.id.born, step }
}

/// A table whose batches meet these faults.
async fn table(faults: &Faults) -> Table {
    let mut table = Table::start().await;
    let inner = http_client();
    let client = SharedHttpClient::new(Client { inner, faults: faults.clone() });
    let config = table.client.config().to_builder().http_client(client).build();
    table.client = aws_sdk_dynamodb::Client::from_conf(config);
    table.store.client = table.client.clone();
    table.store = table.store.clone().with_batches();
    table
}

/// A table with waiting tasks.
async fn table_of_tasks(faults: &Faults) -> (Table, Vec<Task>) {
    let table = table(faults).await;
    let tasks: Vec<Task> = (0..TASKS).map(task).collect();
    for task in &tasks {
        table.put(task, Nonce(0)).await;
    }
    (table, tasks)
}

/// Claims all tasks at once, each with its number as the owner.
async fn claim_all(table: &Table, tasks: &[Task]) -> Vec<Result<Task, StoreError>> {
    let claims = tasks.iter().zip(1..).map(|(task, owner)| {
        let claim = claim(task, owner);
        async move { table.store.apply(&task.id.key, &claim).await }
    });
    join_all(claims).await
}

fn is_claimed_by(task: &Task, by: u64) -> bool {
    matches!(task.state, State::Running { owner: Nonce(owner), .. } if owner == by) && task.fence == Fence(1)
}

fn run<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    on_a_deep_stack(move || runtime().block_on(test()));
}

#[test]
fn claims_of_the_same_moment_share_a_request() {
    run(|| async {
        let faults = Faults::default();
        let (table, tasks) = table_of_tasks(&faults).await;
        for (claimed, owner) in claim_all(&table, &tasks).await.into_iter().zip(1..) {
            assert!(is_claimed_by(&claimed.unwrap(), owner));
        }
        assert!(faults.count("BatchExecuteStatement") + faults.count("UpdateItem") < tasks.len());
    });
}

#[test]
fn a_lone_claim_is_a_single_write() {
    run(|| async {
        let faults = Faults::default();
        let (table, tasks) = table_of_tasks(&faults).await;
        table.store.apply(&tasks[0].id.key, &claim(&tasks[0], 1)).await.unwrap();
        assert_eq!((faults.count("BatchExecuteStatement"), faults.count("UpdateItem")), (0, 1));
    });
}

#[test]
fn of_two_claims_of_one_task_at_once_one_is_refused() {
    run(|| async {
        let (table, tasks) = table_of_tasks(&Faults::default()).await;
        let twice: Vec<Task> = tasks.iter().chain(&tasks).cloned().collect();
        let claimed = claim_all(&table, &twice).await;
        for number in 0..tasks.len() {
            let both = [&claimed[number], &claimed[number + tasks.len()]];
            assert_eq!(both.iter().filter(|claimed| claimed.is_ok()).count(), 1, "{both:?}");
            let refused = both.iter().find_map(|claimed| claimed.as_ref().err()).unwrap();
            assert!(
                matches!(refused, StoreError::Conflict(conflict) if matches!(conflict.refusal, Refusal::LiveLease(_))),
                "{refused:?}"
            );
        }
    });
}

#[test]
fn a_missing_record_in_a_batch_is_not_found() {
    run(|| async {
        let (table, mut tasks) = table_of_tasks(&Faults::default()).await;
        tasks.insert(4, task(200));
        for (number, claimed) in claim_all(&table, &tasks).await.into_iter().enumerate() {
            assert_eq!(matches!(claimed, Err(StoreError::NotFound)), number == 4, "{number}: {claimed:?}");
        }
    });
}

#[test]
fn a_batch_that_is_refused_as_a_whole_is_made_one_by_one_and_so_is_every_later_one() {
    run(|| async {
        let faults = Faults::of([Fault::Refused; 4]);
        let (table, tasks) = table_of_tasks(&faults).await;
        for (claimed, owner) in claim_all(&table, &tasks).await.into_iter().zip(1..) {
            assert!(is_claimed_by(&claimed.unwrap(), owner));
        }
        let batches = faults.count("BatchExecuteStatement");
        let refused = claim_all(&table, &tasks).await;
        assert!(refused.iter().all(|claimed| matches!(claimed, Err(StoreError::Conflict(_)))), "{refused:?}");
        assert_eq!(faults.count("BatchExecuteStatement"), batches);
    });
}

#[test]
fn a_batch_whose_every_statement_is_refused_is_the_last_one() {
    for code in ["AccessDenied", "ValidationError"] {
        run(move || async move {
            let faults = Faults::of([Fault::Each(code); 4]);
            let (table, tasks) = table_of_tasks(&faults).await;
            for (claimed, owner) in claim_all(&table, &tasks).await.into_iter().zip(1..) {
                assert!(is_claimed_by(&claimed.unwrap(), owner), "{code}");
            }
            let batches = faults.count("BatchExecuteStatement");
            claim_all(&table, &tasks).await;
            assert_eq!(faults.count("BatchExecuteStatement"), batches, "{code}");
        });
    }
}

#[test]
fn claims_whose_answer_has_no_item_are_recognised() {
    run(|| async {
        let faults = Faults::of([Fault::NoItems; 4]);
        let (table, tasks) = table_of_tasks(&faults).await;
        for (claimed, owner) in claim_all(&table, &tasks).await.into_iter().zip(1..) {
            assert!(is_claimed_by(&held(claimed, owner), owner));
        }
    });
}

#[test]
fn writes_of_different_ledgers_share_requests_whatever_becomes_of_them() {
    for fault in [None, Some(Fault::First("ThrottlingError")), Some(Fault::AnswerLost), Some(Fault::NoItems)] {
        run(move || async move {
            let faults = Faults::of(fault);
            let table = table(&faults).await;
            let scopes: Vec<Scope> = (0..4).map(|share| Scope::share("calls", share)).collect();
            for (attempt, expected) in [(1, 2), (2, 2)] {
                let until = at(60_000);
                let wish = Wish::Take { permit: Permit { fence: Fence(attempt), until, nonce: 7 }, replaces: true };
                let (scopes, store) = (&scopes, &table.store);
                let asked = scopes
                    .iter()
                    .flat_map(|scope| (0..3).map(move |number| store.ask_ledger(scope, 2, task(number).id, wish)));
                let answers = join_all(asked).await;
                let permits = answers.iter().filter(|answer| matches!(answer, Ok(Granted::Permit { .. }))).count();
                assert_eq!(permits, expected * scopes.len(), "{fault:?}: {answers:?}");
                for scope in scopes {
                    assert_eq!(store.ledger_out(scope).await.unwrap().permits, expected, "{fault:?}");
                }
            }
            let (store, released) = (&table.store, Wish::Release(Fence(2)));
            let asked = scopes
                .iter()
                .flat_map(|scope| (0..3).map(move |number| store.ask_ledger(scope, 2, task(number).id, released)));
            let answers = join_all(asked).await;
            assert!(answers.iter().all(|answer| matches!(answer, Ok(Granted::Gone(_)))), "{fault:?}: {answers:?}");
            for scope in &scopes {
                assert_eq!(store.ledger_out(scope).await.unwrap().permits, 0, "{fault:?}");
            }
            assert!(faults.count("BatchExecuteStatement") >= 2, "{fault:?}");
        });
    }
}

/// The record that a claim wrote, whether the table says so or shows that the claim had been written before.
fn held(claimed: Result<Task, StoreError>, owner: u64) -> Task {
    match claimed {
        Ok(task) => task,
        Err(StoreError::Conflict(conflict)) => {
            assert!(matches!(conflict.refusal, Refusal::LiveLease(_)));
            assert_eq!(conflict.owner, Some(Nonce(owner)));
            conflict.task
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn a_member_that_is_throttled_or_fails_is_made_alone() {
    for code in
        ["ThrottlingError", "ProvisionedThroughputExceeded", "InternalServerError", "ValidationError", "AccessDenied"]
    {
        run(move || async move {
            let faults = Faults::of([Fault::First(code); 4]);
            let (table, tasks) = table_of_tasks(&faults).await;
            for (claimed, owner) in claim_all(&table, &tasks).await.into_iter().zip(1..) {
                assert!(is_claimed_by(&claimed.unwrap(), owner), "{code}");
            }
            assert!(faults.count("UpdateItem") > 0, "{code}");
        });
    }
}

#[test]
fn claims_whose_answer_was_lost_are_recognised() {
    run(|| async {
        let faults = Faults::of([Fault::AnswerLost]);
        let (table, tasks) = table_of_tasks(&faults).await;
        for (claimed, owner) in claim_all(&table, &tasks).await.into_iter().zip(1..) {
            assert!(is_claimed_by(&held(claimed, owner), owner));
        }
    });
}

#[test]
fn an_answer_that_does_not_fit_the_request_tells_nothing() {
    run(|| async {
        let faults = Faults::of([Fault::Short; 4]);
        let (table, tasks) = table_of_tasks(&faults).await;
        let claimed = claim_all(&table, &tasks).await;
        assert!(claimed.iter().any(|claimed| matches!(claimed, Err(StoreError::Unavailable { .. }))), "{claimed:?}");
        for (claimed, owner) in claimed.into_iter().zip(1..) {
            match claimed {
                Ok(task) => assert!(is_claimed_by(&task, owner)),
                Err(error) => assert!(matches!(error, StoreError::Unavailable { throttled: false, .. }), "{error:?}"),
            }
        }
    });
}

#[test]
fn first_puts_share_a_request_and_tell_which_records_are_there() {
    run(|| async {
        let faults = Faults::default();
        let (table, tasks) = table_of_tasks(&faults).await;
        let before = faults.count("PutItem");
        let both: Vec<Task> = (0..2 * TASKS).map(task).collect();
        let created = join_all(both.iter().map(|task| table.store.create(task, Nonce(7), at(1)))).await;
        for (created, number) in created.into_iter().zip(0..) {
            match created.unwrap() {
                Created::New => assert!(number >= tasks.len()),
                Created::Exists(task, owner) => {
                    assert!(number < tasks.len());
                    assert_eq!((*task, owner), (both[number].clone(), Some(Nonce(0))));
                }
            }
        }
        assert!(faults.count("BatchExecuteStatement") > 0);
        assert!(faults.count("PutItem") - before < both.len(), "the new ones need no put of their own");
        for task in &both {
            assert_eq!(table.store.get(&task.id.key).await.unwrap(), *task);
        }
    });
}

#[test]
fn a_first_put_whose_answer_was_lost_finds_its_own_record() {
    run(|| async {
        let faults = Faults::of([Fault::AnswerLost]);
        let table = table(&faults).await;
        let tasks: Vec<Task> = (0..TASKS).map(task).collect();
        for created in join_all(tasks.iter().map(|task| table.store.create(task, Nonce(7), at(1)))).await {
            match created.unwrap() {
                Created::New => {}
                Created::Exists(_, owner) => assert_eq!(owner, Some(Nonce(7))),
            }
        }
    });
}
