//! Processes that die between the end of a task and its callback.

use serde_json::{Value, json};
use taskway_protocol::TaskId;
use taskway_runtime::faults::{CrashPoint, Faults};

use super::Scene;

/// A task whose end has a callback, however it ends.
fn followed(handler: &str, more: Value) -> Value {
    let callback = json!({"target": {"handler": "note"}});
    let mut task =
        json!({"target": {"handler": handler}, "payload": 1, "on_success": callback, "on_failure": callback});
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

impl Scene {
    /// The executor dies after it has written the outcome.
    pub(super) async fn callback_of_an_attempt(self) {
        let id = self.world.api.submit(followed("note", json!({}))).await;
        self.dying_attempt().await;
        self.called_back_once(id, "succeeded").await;
    }

    /// The executor dies after it has settled a task whose only attempt was lost.
    pub(super) async fn callback_of_a_settlement(self) {
        let id = self.world.api.submit(followed("note", json!({"retry": {"max_attempts": 1}}))).await;
        let faults = Faults::crash_at(CrashPoint::Claimed);
        let before = Scene { faults, ..self };
        before.dying_attempt().await;
        before.world.pass_secs(120);
        let scene = Scene { faults: self.faults, ..before };
        scene.dying_attempt().await;
        scene.called_back_once(id, "failed").await;
    }

    /// A task has expired, and a person retries it. The request settles the task, and dies before the new life begins.
    pub(super) async fn callback_of_a_retry(self) {
        let id = self.world.api.submit(followed("note", json!({"deadline": "2026-11-23T08:00:05Z"}))).await;
        self.world.pass_secs(10);
        let api = self.mortal_api().await;
        self.die(async move { drop(api.act(id, "retry").await) }).await;
        self.called_back_once(id, "expired").await;
    }

    /// The executor dies before it has made the callback, and then the tick that makes it dies.
    pub(super) async fn callback_by_a_tick(self) {
        let id = self.world.api.submit(followed("note", json!({}))).await;
        let before = Scene { faults: Faults::crash_at(CrashPoint::CallbackOwed), ..self };
        before.dying_attempt().await;
        before.world.pass_secs(30);
        let scene = Scene { faults: self.faults, ..before };
        scene.dying_tick().await;
        scene.called_back_once(id, "succeeded").await;
    }

    /// Healthy processes take over. There is one callback, it runs once, and nothing is owed.
    async fn called_back_once(&self, id: TaskId, state: &str) {
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.settle(&executor, id).await, state);
        for _ in 0..4 {
            self.world.pass_secs(30);
            self.world.tick().await;
            self.world.work(&executor).await;
        }
        let ended = self.world.record(id).await;
        assert_eq!(ended.owed_callback(), None);
        let listed = self.world.api.list(&format!("/v1/tasks?parent_id={id}")).await;
        let made: Vec<_> = listed.iter().map(|task| (task["id"].clone(), task["state"].clone())).collect();
        let children: Vec<_> =
            ended.children.iter().map(|child| (json!(child.to_string()), json!("succeeded"))).collect();
        assert_eq!((made.len(), made), (1, children));
        let child = ended.children[0];
        assert_eq!((self.effects.of(child), listed[0]["parent_id"].clone()), (1, json!(id.to_string())));
        // Nothing else was made.
        assert_eq!(self.world.api.list("/v1/tasks").await.len(), 2);
    }
}
