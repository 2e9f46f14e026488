//! Processes that die while a limit or a rate binds.

use std::num::NonZeroU32;

use http::Method;
use serde_json::{Value, json};
use taskway_protocol::{Rate, TaskId, Wanted};
use taskway_runtime::faults::Faults;
use taskway_tests::Gate;
use tokio::task::JoinHandle;

use super::Scene;

/// A task of the fairness key of all limited tasks.
fn limited(handler: &str) -> Value {
    json!({"target": {"handler": handler}, "fairness_key": "acme"})
}

impl Scene {
    /// The same, where the limit is of the fairness key.
    pub(super) fn by_key(self) -> Self {
        Scene { limits: json!({"per_key": {"concurrency": 1}}), ..self }
    }

    /// The same, where the queue and its fairness key have a limit.
    pub(super) fn by_both(self) -> Self {
        Scene { limits: json!({"concurrency": 1, "per_key": {"concurrency": 1}}), ..self }
    }

    /// The same, where the queue has a limit and its fairness key has room.
    pub(super) fn by_queue_of_key(self) -> Self {
        Scene { limits: json!({"concurrency": 1, "per_key": {"concurrency": 2}}), ..self }
    }

    /// Lets one task run at a time.
    async fn limit(&self) {
        self.set(self.limits.clone()).await;
    }

    async fn set(&self, change: Value) {
        let headers = [("content-type", "application/json")];
        let answer = self.world.api.ask(Method::PATCH, "/v1/queues/default", &headers, change.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// An executor dies with the slot of a task.
    pub(super) async fn paced_attempt(self) {
        self.set(json!({"rate": {"tasks": 2, "per_seconds": 60}})).await;
        let id = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        self.dying_attempt().await;
        self.heal(id, 1, 1).await;
    }

    /// A task has used the slot of this moment. An executor dies with a later slot of another task.
    pub(super) async fn sent_ahead(self) {
        self.set(json!({"rate": {"tasks": 2, "per_seconds": 60}})).await;
        let first = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        self.world.work(&self.world.executor(self.effects.handlers())).await;
        assert_eq!(self.effects.of(first), 1);
        let second = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        self.dying_attempt().await;
        self.ends_once(second).await;
    }

    /// A task is held, because the next slot is an hour away. A tick dies with a slot for it, after the rate was raised.
    pub(super) async fn paced_dispatch(self) {
        self.set(json!({"rate": {"tasks": 1, "per_seconds": 3600}})).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            ids.push(self.world.api.submit(json!({"target": {"handler": "note"}})).await);
            self.world.work(&self.world.executor(self.effects.handlers())).await;
        }
        assert_eq!((self.effects.count(), self.world.state(ids[1]).await), (1, "scheduled"));
        let before = self.world.store.queue_settings("default").await.unwrap();
        let number = |number| NonZeroU32::new(number).unwrap();
        let rate = Some(Rate { tasks: number(2), per_seconds: number(60), burst: number(1) });
        let settings = before.changed(Wanted { rate, ..Wanted::default() }, self.world.now());
        assert!(self.world.store.set_queue("default", before, settings).await.unwrap());
        self.dying_tick().await;
        self.ends_once(ids[1]).await;
    }

    async fn ends_once(&self, id: TaskId) {
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.end(&executor, id).await, "succeeded");
        assert_eq!((self.world.record(id).await.attempts, self.effects.of(id)), (1, 1));
    }

    /// An executor dies at a task of a queue with a limit. Its permit is not lost: other tasks run after it.
    pub(super) async fn limited_attempt(self, attempts: u32, effects: usize) {
        self.limit().await;
        let id = self.world.api.submit(limited("note")).await;
        self.dying_attempt().await;
        self.heal(id, attempts, effects).await;
        self.permits_come_back().await;
    }

    /// One task may run at a time, so a second is held. The first ends, and its executor dies when the other should follow.
    pub(super) async fn handover(self) {
        let gate = Gate::default();
        let (ids, first) = self.one_runs_and_one_is_held(&gate, &self.faults).await;
        gate.open();
        self.die(async move { first.await.unwrap() }).await;
        self.both_end(ids).await;
    }

    /// The executor of the first task dies while it runs. A tick dies when it sends the other.
    pub(super) async fn handover_by_a_tick(self) {
        let (ids, first) = self.one_runs_and_one_is_held(&Gate::default(), &Faults::none()).await;
        first.abort();
        self.world.pass_secs(80);
        self.dying_tick().await;
        self.both_end(ids).await;
    }

    /// The message of a task that was sent with a permit is lost. A tick dies when it has listed the task again.
    pub(super) async fn lost_message(self) {
        let gate = Gate::default();
        let (ids, first) = self.one_runs_and_one_is_held(&gate, &Faults::none()).await;
        gate.open();
        first.await.unwrap();
        self.world.lose();
        self.world.pass_secs(180);
        self.dying_tick().await;
        self.both_end(ids).await;
    }

    /// An executor dies when it holds a task of a queue that has reached its limit.
    pub(super) async fn hold_by_a_limit(self) {
        self.limit().await;
        let gate = Gate::default();
        let (first, run) = self.runs(&gate, &Faults::none()).await;
        let second = self.world.api.submit(limited("note")).await;
        self.dying_attempt().await;
        gate.open();
        run.await.unwrap();
        self.both_end([first, second]).await;
    }

    /// A task runs until the gate opens.
    async fn runs(&self, gate: &Gate, faults: &Faults) -> (TaskId, JoinHandle<()>) {
        let id = self.world.api.submit(limited("gate")).await;
        let executor = self.world.mortal(self.effects.gated(gate), faults);
        let delivery = self.world.delivery().await;
        let run = tokio::spawn(async move {
            executor.deliver(&delivery, None).await;
        });
        taskway_tests::until("the start", async || (self.effects.count() == 1).then_some(())).await;
        (id, run)
    }

    async fn one_runs_and_one_is_held(&self, gate: &Gate, faults: &Faults) -> ([TaskId; 2], JoinHandle<()>) {
        self.limit().await;
        let (first, run) = self.runs(gate, faults).await;
        let second = self.world.api.submit(limited("note")).await;
        self.world.work(&self.world.executor(self.effects.handlers())).await;
        assert_eq!((self.world.state(second).await, self.effects.count()), ("scheduled", 1));
        ([first, second], run)
    }

    async fn both_end(&self, ids: [TaskId; 2]) {
        let gate = Gate::default();
        gate.open();
        let executor = self.world.executor(self.effects.gated(&gate));
        for id in ids {
            assert_eq!(self.world.end(&executor, id).await, "succeeded");
        }
        assert_eq!(self.effects.of(ids[1]), 1);
        self.permits_come_back().await;
    }

    /// Whatever has happened, the whole limit can be used again within some ticks.
    async fn permits_come_back(&self) {
        for _ in 0..4 {
            self.world.pass_secs(60);
            self.world.tick().await;
        }
        let queue = self.world.api.ask(Method::GET, "/v1/queues/default", &[], "").await.body;
        let running = if queue["concurrency"].is_null() { Value::Null } else { json!(0) };
        assert_eq!((&queue["running"], &queue["held"]), (&running, &json!(0)));
        // What is left in a key's ledger keeps nobody waiting.
        let next = self.world.api.submit(limited("note")).await;
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.end(&executor, next).await, "succeeded");
    }
}
