//! Clients that put schedules, and persons who read, delete or run them.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::TaskId;
use taskway_runtime::clock::Clock;

use crate::{
    client::{TRIES, rfc3339},
    dice::Dice,
    script::{Schedule, ScheduleQuestion, Timing},
    world::World,
};

impl World {
    /// Puts a schedule, and repeats the request until an answer comes.
    pub async fn put_schedule(self: Arc<Self>, schedule: Schedule, dice: Dice) {
        let name = schedule.name;
        let body = self.schedule_body(&schedule);
        let number = schedule.task.work.submission;
        self.cloud.witness().asked_of_schedule(name);
        for _ in 0..TRIES {
            self.cloud.tell(format_args!("client puts schedule {name}, {number}: {:?}", schedule.timing));
            let (said, answer) = self.request(Method::PUT, &path(name), Some(&body), &dice).await;
            if let Some((200 | 201, shown)) = &said {
                self.shown(&body, shown);
            }
            let status = answer.as_ref().map(|(status, _)| *status);
            self.cloud.tell(format_args!("client hears {status:?} of schedule {name}, {number}"));
            match answer {
                Some((200 | 201, _)) => return,
                Some((400..=428 | 430..=499, problem)) => {
                    // Repeated after the schedule's end, the request is refused because the schedule would never fire.
                    let late = problem["errors"].to_string().contains("end_at");
                    self.cloud.witness().must(late, || format!("schedule {name} was refused: {problem}"));
                    return;
                }
                Some(_) | None => tokio::time::sleep(dice.millis(300, 8_000)).await,
            }
        }
    }

    /// A person sends a request about a schedule.
    pub async fn ask_of_schedule(self: Arc<Self>, name: &str, what: ScheduleQuestion, dice: Dice) {
        let before = match what {
            ScheduleQuestion::Delete => self.cloud.witness().asked_of_schedule(name),
            ScheduleQuestion::Get | ScheduleQuestion::Run => None,
        };
        for _ in 0..2 {
            self.cloud.tell(format_args!("person asks of schedule {name}: {what:?}"));
            let (method, path) = match what {
                ScheduleQuestion::Get => (Method::GET, path(name)),
                ScheduleQuestion::Delete => (Method::DELETE, path(name)),
                ScheduleQuestion::Run => (Method::POST, format!("{}/run", path(name))),
            };
            let (said, answer) = self.request(method, &path, None, &dice).await;
            match (what, said) {
                (ScheduleQuestion::Delete, Some((204, _))) => self.cloud.witness().told_deleted(name, before),
                (ScheduleQuestion::Get, Some((200, schedule))) => {
                    if let Some(id) = schedule["last_run"]["task_id"].as_str().and_then(TaskId::parse) {
                        self.cloud.witness().shown(id);
                    }
                }
                (ScheduleQuestion::Run, Some((202, task))) => {
                    let number = task["payload"]["submission"].as_u64().unwrap_or_default();
                    self.accepted(&task, number as u32);
                }
                _ => {}
            }
            let status = answer.as_ref().map(|(status, _)| *status);
            self.cloud.tell(format_args!("person hears {status:?} of schedule {name}"));
            match (what, status) {
                (_, Some(200..=428 | 430..=499)) | (ScheduleQuestion::Run, _) => return,
                (_, Some(_) | None) => tokio::time::sleep(dice.millis(300, 5_000)).await,
            }
        }
    }

    /// Checks that a 2xx answer shows the schedule that the client asked for.
    fn shown(&self, asked: &Value, shown: &Value) {
        let fields = ["cron", "every_seconds", "overlap", "misfire", "jitter_seconds", "paused"];
        let other = fields.into_iter().find(|field| !asked[*field].is_null() && asked[*field] != shown[*field]);
        self.cloud
            .witness()
            .must(other.is_none(), || format!("a client asked for a schedule and got another: {asked}, {shown}"));
    }

    fn schedule_body(&self, schedule: &Schedule) -> Value {
        let mut task = self.body_of(&schedule.task);
        if let Some(task) = task.as_object_mut() {
            task.remove("delay_seconds");
        }
        let mut body = json!({
            "task": task,
            "overlap": if schedule.skips { "skip" } else { "allow" },
            "misfire": schedule.misfire,
            "jitter_seconds": schedule.jitter_seconds,
            "paused": schedule.paused,
        });
        match schedule.timing {
            Timing::Cron(expression) => body["cron"] = json!(expression),
            Timing::Every(seconds) => body["every_seconds"] = json!(seconds),
        }
        let starts = self.cloud.clock.now().after(Duration::from_millis(schedule.starts.unwrap_or_default()));
        if schedule.starts.is_some() {
            body["start_at"] = json!(rfc3339(starts));
        }
        if let Some(lasts) = schedule.lasts {
            body["end_at"] = json!(rfc3339(starts.after(Duration::from_millis(lasts))));
        }
        body
    }
}

fn path(name: &str) -> String {
    format!("/v1/schedules/{name}")
}
