use serde_json::json;
use taskway_api::LONGEST_TASK_BODY;
use taskway_submit::problem::Kind;

use crate::{examples, operation::Operation};

pub(super) fn operations() -> Vec<Operation> {
    vec![list(), put(), get(), delete(), run()]
}

fn list() -> Operation {
    Operation::new("get", "/v1/schedules", "listSchedules", "Lists schedules, the one that was put last first")
        .describe("Without the payloads of their tasks.")
        .parameters(&["NamesLimit", "Cursor"])
        .refuses(&[Kind::Validation])
        .answers(200, "A page.", "ScheduleList", &[], &json!({ "schedules": [], "next_cursor": null }))
}

fn put() -> Operation {
    let description = "The same schedule again changes nothing. An answer can be put back as it is.";
    Operation::new("put", "/v1/schedules/{name}", "putSchedule", "Makes or replaces a schedule")
        .describe(description)
        .parameters(&["ScheduleName"])
        .body("ScheduleRequest", LONGEST_TASK_BODY, &examples::schedule_requests())
        .answers(200, "The schedule as it is now.", "Schedule", &["Location"], &examples::schedule())
        .answers(201, "The schedule is made.", "Schedule", &["Location"], &examples::schedule())
        .links(200, "name", "$response.body#/name", &["getSchedule", "deleteSchedule", "runSchedule"])
        .links(201, "name", "$response.body#/name", &["getSchedule", "deleteSchedule", "runSchedule"])
}

fn get() -> Operation {
    Operation::new("get", "/v1/schedules/{name}", "getSchedule", "Returns a schedule")
        .parameters(&["ScheduleName"])
        .refuses(&[Kind::NotFound])
        .answers(200, "The schedule.", "Schedule", &[], &examples::schedule())
}

fn delete() -> Operation {
    Operation::new("delete", "/v1/schedules/{name}", "deleteSchedule", "Deletes a schedule")
        .describe("Its firings that have not started are cancelled.")
        .parameters(&["ScheduleName"])
        .refuses(&[Kind::NotFound])
        .answers_nothing(204, "The schedule is deleted.", &[])
}

fn run() -> Operation {
    Operation::new("post", "/v1/schedules/{name}/run", "runSchedule", "Submits a schedule's task now")
        .parameters(&["ScheduleName"])
        .refuses(&[Kind::NotFound, Kind::UnsupportedMediaType])
        .answers(202, "The task is submitted.", "Task", &["Location"], &examples::task())
        .links(202, "id", "$response.body#/id", &["getTask"])
}
