//! `POST /v1/tasks/batch`.

use axum::{body::Body, extract::State, response::Response};
use futures::{StreamExt, stream};
use http::{HeaderMap, StatusCode};
use taskway_api::{BatchItem, BatchResults, LONGEST_BATCH_BODY, MOST_OF_A_BATCH, Task};
use taskway_protocol::Limits;
use taskway_strict::json::{Document, Json, Pointer, Value};

use super::{create::Asked, find::json};
use crate::{
    Submit,
    accept::Accepted,
    caller::Client,
    draft::Draft,
    headers,
    problem::{FieldError, Problem},
    request,
};

/// Faults that are told of one item: all answers together stay below what a function may return.
const MOST_ERRORS: usize = 10;

/// How many uploads of a batch are taken at a time.
const UPLOADS: usize = 10;

pub(crate) async fn batch(
    State(submit): State<Submit>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
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
    let uploads = drafts.iter_mut().map(|draft| async {
        if draft.content.large_payload.is_none() {
            return Ok(());
        }
        Box::pin(submit.take_upload(draft, &client)).await
    });
    let uploads: Vec<_> = uploads.collect();
    let taken: Vec<Result<(), Problem>> = stream::iter(uploads).buffered(UPLOADS).collect().await;
    let (drafts, places) = with_payloads(drafts, places, taken);
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

/// Leaves out the drafts whose payload is not there. Their places have the problem.
fn with_payloads(
    drafts: Vec<Draft>,
    places: Vec<Result<usize, Problem>>,
    taken: Vec<Result<(), Problem>>,
) -> (Vec<Draft>, Vec<Result<usize, Problem>>) {
    let mut kept = Vec::with_capacity(drafts.len());
    let moved: Vec<Result<usize, Problem>> = drafts
        .into_iter()
        .zip(taken)
        .map(|(draft, taken)| {
            taken.map(|()| {
                kept.push(draft);
                kept.len() - 1
            })
        })
        .collect();
    let places = places.into_iter().map(|place| place.and_then(|index| moved[index].clone())).collect();
    (kept, places)
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
