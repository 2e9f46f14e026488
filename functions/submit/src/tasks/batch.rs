//! `POST /v1/tasks/batch`.

use axum::{body::Body, extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use taskway_api::{BatchItem, BatchResults, LONGEST_BATCH_BODY, MOST_OF_A_BATCH, Task};
use taskway_protocol::Limits;
use taskway_strict::json::{Document, Json, Pointer, Value};

use super::{create::Asked, find::json};
use crate::{
    Submit,
    accept::Accepted,
    draft::Draft,
    headers,
    problem::{FieldError, Problem},
    request,
};

/// Faults that are told of one item: all answers together stay below what a function may return.
const MOST_ERRORS: usize = 10;

pub(crate) async fn batch(State(submit): State<Submit>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let now = submit.services.clock.now();
    let bytes = request::json_body(&headers, body, LONGEST_BATCH_BODY).await?;
    if headers::idempotency_key(&headers).is_some() {
        let detail = "is not taken for a batch: each task has its own idempotency_key";
        return Err(Problem::validation(vec![FieldError::header("Idempotency-Key", detail)]));
    }
    let asked: Vec<Asked> = {
        let document = Document::read(&bytes).map_err(|fault| Problem::not_json(&fault))?;
        let items = items(document.root()).map_err(Problem::validation)?;
        let limits = Limits { most_errors: MOST_ERRORS, ..submit.limits.clone() };
        items.into_iter().map(|item| Asked::read(item, None, &limits, now)).collect()
    };
    drop(bytes);
    let traceparent = headers::traceparent(&headers);

    let mut drafts: Vec<Draft> = Vec::new();
    let mut places: Vec<Result<usize, Problem>> = Vec::with_capacity(asked.len());
    for asked in asked {
        let submission = submit.judge(asked).await;
        let draft = submission.map(|submission| submit.draft(&submission, traceparent.clone(), now));
        places.push(draft.map(|draft| {
            drafts.push(draft);
            drafts.len() - 1
        }));
    }
    let accepted = submit.accept_all(&drafts).await;
    let now = submit.services.clock.now();
    let results = places.into_iter().map(|place| {
        let index = match place {
            Ok(index) => index,
            Err(problem) => return refused(problem),
        };
        let (draft, accepted) = (&drafts[index], &accepted[index]);
        let (status, task) = match accepted {
            Ok(Accepted::New(task)) => (StatusCode::ACCEPTED, task),
            Ok(Accepted::Replayed(task)) => (StatusCode::OK, task),
            Err(problem) => return refused(problem.clone()),
        };
        let task = Box::new(Task::of(task, &draft.content, now));
        BatchItem::Accepted { status: status.as_u16(), task }
    });
    Ok(json(StatusCode::OK, &BatchResults { results: results.collect() }))
}

fn refused(problem: Problem) -> BatchItem {
    BatchItem::Refused { status: problem.kind.status().as_u16(), problem: Box::new(problem.into()) }
}

/// The tasks of `{"tasks": […]}`.
fn items<'d>(root: Value<'d>) -> Result<Vec<Value<'d>>, Vec<FieldError>> {
    let Json::Object(members) = root.read() else {
        return Err(vec![FieldError::pointer("", format!("must be an object, got {}", root.kind()))]);
    };
    let mut errors = Vec::new();
    let mut tasks = None;
    for (name, value) in members {
        match (&*name, value.read()) {
            ("tasks", Json::Array(items)) if (1..=MOST_OF_A_BATCH).contains(&items.len()) => tasks = Some(items),
            ("tasks", Json::Array(items)) => {
                tasks = Some(Vec::new());
                errors.push(FieldError::pointer(
                    "/tasks",
                    format!("must have 1 to {MOST_OF_A_BATCH} tasks, got {}", items.len()),
                ));
            }
            ("tasks", _) => {
                tasks = Some(Vec::new());
                errors.push(FieldError::pointer("/tasks", format!("must be an array, got {}", value.kind())));
            }
            _ if errors.len() < MOST_ERRORS => {
                errors.push(FieldError::pointer(Pointer::BODY.to(&name), "is not a field of a batch"));
            }
            _ => {}
        }
    }
    match tasks {
        Some(tasks) if errors.is_empty() => Ok(tasks),
        Some(_) => Err(errors),
        None => {
            errors.push(FieldError::pointer("/tasks", "is missing"));
            Err(errors)
        }
    }
}
