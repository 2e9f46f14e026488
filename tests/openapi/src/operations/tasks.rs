use serde_json::{Value, json};
use taskway_api::{LONGEST_BATCH_BODY, LONGEST_BULK_BODY, LONGEST_CHANGE_BODY, LONGEST_TASK_BODY, MOST_TASKS};
use taskway_submit::problem::Kind;

use crate::{examples, operation::Operation};

const OF_ONE: [&str; 5] = ["getTask", "changeTask", "cancelTask", "runTask", "retryTask"];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        submit(),
        submit_many(),
        upload(),
        list(),
        get(),
        change(),
        cancel(),
        run(),
        retry(),
        cancel_many(),
        dead(),
        redrive(),
    ]
}

fn submit() -> Operation {
    Operation::new("post", "/v1/tasks", "submitTask", "Submits a task")
        .describe(
            "The first request under an idempotency key submits the task. A later one returns the same task with 200, and must \
             ask for the same. With `Prefer: wait=N` the answer waits for the task's end, and is 200 if it came.",
        )
        .parameters(&["IdempotencyKey", "Prefer", "Traceparent"])
        .body("TaskRequest", LONGEST_TASK_BODY, &examples::requests())
        .refuses(&[Kind::IdempotencyKeyReused])
        .answers(
            200,
            "The task was submitted before under the same key, or has ended while the request waited.",
            "Task",
            &["Location", "Idempotent-Replayed", "Preference-Applied"],
            &examples::ended(),
        )
        .answers(202, "The task is submitted.", "Task", &["Location", "Preference-Applied"], &examples::task())
        .links(200, "id", "$response.body#/id", &OF_ONE)
        .links(202, "id", "$response.body#/id", &OF_ONE)
}

fn submit_many() -> Operation {
    Operation::new("post", "/v1/tasks/batch", "submitTasks", "Submits many tasks")
        .describe(
            "There is one result for each task, in order. A refused task does not keep the others from being accepted. The \
             header `Idempotency-Key` is refused: each task has its own key.",
        )
        .parameters(&["Traceparent"])
        .body("BatchRequest", LONGEST_BATCH_BODY, &examples::batches())
        .answers(200, "A result for each task.", "BatchResults", &[], &examples::batch_results())
}

fn upload() -> Operation {
    Operation::new("post", "/v1/payloads", "uploadPayload", "Tells how to upload a large payload")
        .describe(
            "The answer has a request that uploads these bytes and no others. When it is made, tasks can be submitted with the \
             `payload_ref` for a day. The same bytes have the same `payload_ref`, and uploading them again changes nothing.",
        )
        .body(
            "UploadRequest",
            LONGEST_CHANGE_BODY,
            &json!({
                "512 KiB": {
                    "bytes": 524_288,
                    "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                },
            }),
        )
        .refuses(&[Kind::NotFound])
        .answers(201, "How to upload.", "Upload", &[], &examples::upload())
}

fn list() -> Operation {
    Operation::new("get", "/v1/tasks", "listTasks", "Lists tasks, the newest first")
        .describe("A page may have fewer tasks than `limit`, or none, while there is a `next_cursor`.")
        .parameters(&["Queue", "State", "Labels", "ParentId", "PageLimit", "Cursor"])
        .refuses(&[Kind::Validation])
        .answers(200, "A page.", "TaskList", &[], &examples::tasks())
}

fn get() -> Operation {
    Operation::new("get", "/v1/tasks/{id}", "getTask", "Returns a task")
        .parameters(&["TaskId"])
        .refuses(&[Kind::NotFound])
        .answers(200, "The task.", "Task", &[], &examples::ended())
}

fn change() -> Operation {
    Operation::new("patch", "/v1/tasks/{id}", "changeTask", "Changes a task that waits")
        .parameters(&["TaskId"])
        .body(
            "TaskChangeRequest",
            LONGEST_CHANGE_BODY,
            &json!({
                "high": { "priority": "high" },
                "without a deadline": { "deadline": null },
            }),
        )
        .refuses(&[Kind::NotFound, Kind::StateConflict])
        .answers(200, "The task as it is now.", "Task", &[], &examples::task())
}

fn one(path: &'static str, id: &'static str, summary: &'static str, example: &Value) -> Operation {
    Operation::new("post", path, id, summary)
        .parameters(&["TaskId"])
        .refuses(&[Kind::NotFound, Kind::StateConflict, Kind::UnsupportedMediaType])
        .answers(200, "The task as it is now.", "Task", &[], example)
}

fn cancel() -> Operation {
    one("/v1/tasks/{id}/cancel", "cancelTask", "Stops a task", &examples::cancelled())
        .describe("Cancelling a cancelled task changes nothing and is answered with 200.")
}

fn run() -> Operation {
    one("/v1/tasks/{id}/run", "runTask", "Starts a waiting task now", &examples::task())
}

fn retry() -> Operation {
    one("/v1/tasks/{id}/retry", "retryTask", "Starts an ended task again", &examples::task())
        .describe("Attempts are counted from 0, and a deadline that has passed is dropped.")
}

fn bulk(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new("post", path, id, summary).answers(
        200,
        "How many tasks matched, and how many of them were changed. The next call goes on at `next_cursor`.",
        "BulkResult",
        &[],
        &json!({ "matched": MOST_TASKS, "done": MOST_TASKS, "next_cursor": "eyJ2Ijox" }),
    )
}

fn cancel_many() -> Operation {
    bulk("/v1/tasks/cancel", "cancelTasks", "Stops the tasks that match its filters")
        .describe(
            "The filters are parameters or members of the body, each in one of the two places. Without a filter the request \
             is refused; `all` means every task.",
        )
        .parameters(&["Queue", "OpenState", "Labels", "All", "BulkLimit", "Cursor"])
        .optional_body("CancelRequest", LONGEST_BULK_BODY, &json!({
            "of a queue": { "queue": "emails", "state": "queued", "labels": { "team": "growth" } },
            "every task": { "all": true },
        }))
}

fn dead() -> Operation {
    Operation::new("get", "/v1/dead", "listFailedTasks", "Lists tasks that ended as failed, the latest first")
        .parameters(&["Queue", "Labels", "PageLimit", "Cursor"])
        .refuses(&[Kind::Validation])
        .answers(200, "A page.", "TaskList", &[], &json!({ "tasks": [], "next_cursor": null }))
}

fn redrive() -> Operation {
    bulk("/v1/dead/redrive", "redriveTasks", "Starts the failed tasks again that match its filters")
        .describe("Without a filter it starts every failed task again.")
        .parameters(&["Queue", "Labels", "All", "BulkLimit", "Cursor"])
        .optional_body(
            "RedriveRequest",
            LONGEST_BULK_BODY,
            &json!({ "of a queue": { "queue": "emails", "limit": 100 } }),
        )
}
