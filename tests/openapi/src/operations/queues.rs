use serde_json::json;
use taskway_api::{LONGEST_BULK_BODY, LONGEST_CHANGE_BODY};
use taskway_submit::problem::Kind;

use crate::{examples, operation::Operation};

pub(super) fn operations() -> Vec<Operation> {
    vec![list(), get(), put(), patch(), pause(), resume(), purge()]
}

fn list() -> Operation {
    Operation::new("get", "/v1/queues", "listQueues", "Lists the queues that have tasks or settings")
        .describe("Without what is in them.")
        .parameters(&["NamesLimit", "Cursor"])
        .refuses(&[Kind::Validation])
        .answers(200, "A page.", "QueueList", &[], &json!({ "queues": [], "next_cursor": null }))
}

fn get() -> Operation {
    Operation::new("get", "/v1/queues/{name}", "getQueue", "Returns a queue's settings and what is in it")
        .describe("A queue that nobody has set up has the default settings.")
        .parameters(&["QueueName"])
        .refuses(&[Kind::NotFound])
        .answers(200, "The queue.", "Queue", &[], &examples::queue())
}

fn put() -> Operation {
    Operation::new("put", "/v1/queues/{name}", "putQueue", "Sets up a queue")
        .describe("What is left out has its default.")
        .parameters(&["QueueName"])
        .body("QueueRequest", LONGEST_CHANGE_BODY, &examples::queue_requests())
        .answers(200, "The queue as it is now.", "Queue", &[], &examples::queue())
}

fn patch() -> Operation {
    Operation::new("patch", "/v1/queues/{name}", "changeQueue", "Changes the settings of a queue")
        .describe("What is left out stays.")
        .parameters(&["QueueName"])
        .body("QueueRequest", LONGEST_CHANGE_BODY, &examples::queue_requests())
        .answers(200, "The queue as it is now.", "Queue", &[], &examples::queue())
}

fn steered(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new("post", path, id, summary)
        .parameters(&["QueueName"])
        .refuses(&[Kind::NotFound, Kind::UnsupportedMediaType])
        .answers(200, "The queue as it is now.", "Queue", &[], &examples::queue())
}

fn pause() -> Operation {
    steered("/v1/queues/{name}/pause", "pauseQueue", "Pauses a queue")
        .describe("From 5 s after the answer no task of the queue starts.")
}

fn resume() -> Operation {
    steered("/v1/queues/{name}/resume", "resumeQueue", "Lets a paused queue go on")
}

fn purge() -> Operation {
    Operation::new("post", "/v1/queues/{name}/purge", "purgeQueue", "Stops the tasks of a queue that wait")
        .describe("Tasks that run go on. `limit` and `cursor` are parameters or members of the body.")
        .parameters(&["QueueName", "BulkLimit", "Cursor"])
        .optional_body("PurgeRequest", LONGEST_BULK_BODY, &json!({ "some": { "limit": 100 } }))
        .refuses(&[Kind::NotFound])
        .answers(
            200,
            "How many tasks matched, and how many of them were stopped. The next call goes on at `next_cursor`.",
            "BulkResult",
            &[],
            &json!({ "matched": 12, "done": 12, "next_cursor": null }),
        )
}
