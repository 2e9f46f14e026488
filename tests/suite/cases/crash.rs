//! A process dies at each crash point, and no task is lost.
//!
//! A victim dies at the point, healthy processes take over, and time passes. The task ends once, with as many effects
//! as the protocol promises.

mod callbacks;
mod limits;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use taskway::Handlers;
use taskway_cloud::sqs::Source;
use taskway_executor::batch;
use taskway_protocol::{Priority, TaskId, Wanted};
use taskway_runtime::faults::{CrashPoint, Faults};
use taskway_scheduler::{Auditing, Scheduler};
use taskway_tests::{Api, Effects, Gate, World, arrived, noting};

/// Makes the tests of each point. A point without a test does not compile.
macro_rules! at_each_point {
    ($($point:ident: $($test:ident = $story:expr),+;)+) => {
        #[allow(dead_code, reason = "it only makes the compiler check that each point has a test")]
        fn every_point_has_a_test(point: CrashPoint) {
            match point { $(CrashPoint::$point => {})+ }
        }
        $($(
            #[tokio::test]
            async fn $test() {
                let story = $story;
                story(Scene::new(CrashPoint::$point).await).await;
            }
        )+)+
    };
}

at_each_point! {
    SubmitPut:
        submit_put_keyed = async |scene: Scene| scene.keyed_submit("/v1/tasks", 0).await,
        submit_put_keyed_batch = async |scene: Scene| scene.keyed_submit("/v1/tasks/batch", 0).await,
        submit_put_unkeyed = async |scene: Scene| scene.unkeyed_submit().await;
    UploadTaken:
        upload_taken = async |scene: Scene| scene.large_submit().await;
    SubmitSent:
        submit_sent_keyed = async |scene: Scene| scene.keyed_submit("/v1/tasks", 1).await,
        submit_sent_keyed_batch = async |scene: Scene| scene.keyed_submit("/v1/tasks/batch", 1).await,
        submit_sent_unkeyed = async |scene: Scene| scene.unkeyed_submit().await;
    SubmitParked:
        submit_parked = async |scene: Scene| scene.parked_submit().await,
        submit_parked_by_a_replay = async |scene: Scene| scene.parked_replay().await;
    ChangeWritten:
        change_written_by_run = async |scene: Scene| scene.change("run").await,
        change_written_by_patch = async |scene: Scene| scene.change("patch").await,
        change_written_by_retry = async |scene: Scene| scene.change("retry").await,
        change_written_by_a_replacement = async |scene: Scene| scene.change("replace").await;
    SchedulePut:
        schedule_put = async |scene: Scene| scene.schedule_put().await;
    ScheduleWithdrawing:
        schedule_withdrawing_by_a_deletion = async |scene: Scene| scene.schedule_deletion().await,
        schedule_withdrawing_by_a_change = async |scene: Scene| scene.schedule_change().await;
    FiringsWithdrawn:
        firings_withdrawn_by_a_deletion = async |scene: Scene| scene.schedule_deletion().await,
        firings_withdrawn_by_a_change = async |scene: Scene| scene.schedule_change().await;
    FiringPut:
        firing_put_by_a_request = async |scene: Scene| scene.schedule_put().await,
        firing_put_by_a_tick = async |scene: Scene| scene.firing().await,
        firing_put_before_another_is_open = async |scene: Scene| scene.overtaken_firing().await;
    FiringSent:
        firing_sent_by_a_request = async |scene: Scene| scene.schedule_put().await,
        firing_sent_by_a_tick = async |scene: Scene| scene.firing().await;
    BeforeClaim:
        before_claim = async |scene: Scene| scene.attempt(json!({"target": {"handler": "note"}}), 1, 1).await;
    HoldPut:
        hold_put_by_a_limit = async |scene: Scene| scene.hold_by_a_limit().await,
        hold_put_by_a_key = async |scene: Scene| scene.by_key().hold_by_a_limit().await,
        hold_put_by_a_queue_of_keys = async |scene: Scene| scene.by_queue_of_key().hold_by_a_limit().await,
        hold_put = async |scene: Scene| scene.hold().await;
    Held:
        held_by_a_limit = async |scene: Scene| scene.hold_by_a_limit().await,
        held_by_a_key = async |scene: Scene| scene.by_both().hold_by_a_limit().await,
        held_by_a_queue_of_keys = async |scene: Scene| scene.by_queue_of_key().hold_by_a_limit().await,
        held = async |scene: Scene| scene.hold().await;
    PermitAdded:
        permit_added_by_an_executor = async |scene: Scene| scene.handover().await,
        permit_of_a_key_added_by_an_executor = async |scene: Scene| scene.by_both().handover().await,
        permit_of_a_queue_of_keys_added = async |scene: Scene| scene.by_queue_of_key().handover().await,
        permit_added_by_a_tick = async |scene: Scene| scene.handover_by_a_tick().await,
        permit_of_a_key_added_by_a_tick = async |scene: Scene| scene.by_key().handover_by_a_tick().await,
        times_taken_by_a_tick = async |scene: Scene| scene.paced_dispatch().await;
    PermitLooked:
        permit_looked_at_a_lost_attempt = async |scene: Scene| scene.handover_by_a_tick().await,
        permit_of_a_key_looked_at = async |scene: Scene| scene.by_key().handover_by_a_tick().await,
        permit_looked_at_a_lost_message = async |scene: Scene| scene.lost_message().await;
    HeldSent:
        held_sent_by_a_request = async |scene: Scene| scene.resumption().await,
        held_sent_by_an_executor = async |scene: Scene| scene.handover().await,
        held_sent_of_a_key = async |scene: Scene| scene.by_both().handover().await,
        held_sent_of_a_queue_of_keys = async |scene: Scene| scene.by_queue_of_key().handover().await,
        held_sent_by_a_tick = async |scene: Scene| scene.dispatch().await;
    PermitTaken:
        permit_taken = async |scene: Scene| scene.limited_attempt(1, 1).await,
        permit_taken_of_a_key = async |scene: Scene| scene.by_both().limited_attempt(1, 1).await;
    SlotTaken:
        slot_taken_for_now = async |scene: Scene| scene.paced_attempt().await,
        slot_taken_for_later = async |scene: Scene| scene.sent_ahead().await;
    SlotSent:
        slot_sent = async |scene: Scene| scene.sent_ahead().await;
    PassedOn:
        passed_on = async |scene: Scene| scene.passing_on().await;
    PermitReleased:
        permit_released = async |scene: Scene| scene.handover().await,
        permit_released_of_a_key = async |scene: Scene| scene.by_key().handover().await,
        permit_released_of_a_queue_of_keys = async |scene: Scene| scene.by_both().handover().await,
        permit_released_without_held_tasks = async |scene: Scene| scene.limited_attempt(1, 1).await;
    Claimed:
        claimed_with_a_permit = async |scene: Scene| scene.limited_attempt(2, 1).await,
        claimed_with_two_permits = async |scene: Scene| scene.by_both().limited_attempt(2, 1).await,
        claimed = async |scene: Scene| scene.attempt(json!({"target": {"handler": "note"}}), 2, 1).await,
        claimed_for_the_last_time = async |scene: Scene| scene.last_attempt().await;
    Beaten:
        beaten = async |scene: Scene| scene.long_attempt().await;
    Ran:
        ran_with_a_permit = async |scene: Scene| scene.limited_attempt(2, 2).await,
        ran_with_two_permits = async |scene: Scene| scene.by_both().limited_attempt(2, 2).await,
        ran_in_a_batch = async |scene: Scene| scene.batch().await,
        ran = async |scene: Scene| scene.attempt(json!({"target": {"handler": "note"}}), 2, 2).await;
    PartPut:
        part_put_in_the_bucket =
            async |scene: Scene| scene.attempt(json!({"target": {"handler": "large"}, "payload": 300_000}), 2, 2).await,
        part_put = async |scene: Scene| scene.attempt(json!({"target": {"handler": "large"}, "payload": 5000}), 2, 2).await;
    OutcomeWritten:
        outcome_written_with_a_permit = async |scene: Scene| scene.limited_attempt(1, 1).await,
        outcome_written_with_two_permits = async |scene: Scene| scene.by_both().limited_attempt(1, 1).await,
        outcome_written = async |scene: Scene| scene.attempt(json!({"target": {"handler": "note"}}), 1, 1).await,
        outcome_written_failed = async |scene: Scene| scene.failed_attempt().await,
        outcome_written_retry = async |scene: Scene| scene.attempt(flaky(5), 2, 2).await,
        outcome_written_long_retry = async |scene: Scene| scene.attempt(flaky(3600), 2, 2).await;
    SuccessorSent:
        successor_sent = async |scene: Scene| scene.attempt(flaky(5), 2, 2).await;
    Refused:
        refused = async |scene: Scene| scene.settlement().await;
    Settled:
        settled = async |scene: Scene| scene.settlement().await;
    CallbackOwed:
        callback_owed_after_an_outcome = async |scene: Scene| scene.callback_of_an_attempt().await,
        callback_owed_after_a_settlement = async |scene: Scene| scene.callback_of_a_settlement().await,
        callback_owed_after_a_deadline = async |scene: Scene| scene.callback_of_a_retry().await,
        callback_owed_in_a_tick = async |scene: Scene| scene.callback_by_a_tick().await;
    CallbackPut:
        callback_put_after_an_outcome = async |scene: Scene| scene.callback_of_an_attempt().await,
        callback_put_after_a_settlement = async |scene: Scene| scene.callback_of_a_settlement().await,
        callback_put_after_a_deadline = async |scene: Scene| scene.callback_of_a_retry().await,
        callback_put_in_a_tick = async |scene: Scene| scene.callback_by_a_tick().await;
    CallbackSent:
        callback_sent_after_an_outcome = async |scene: Scene| scene.callback_of_an_attempt().await,
        callback_sent_after_a_settlement = async |scene: Scene| scene.callback_of_a_settlement().await,
        callback_sent_after_a_deadline = async |scene: Scene| scene.callback_of_a_retry().await,
        callback_sent_in_a_tick = async |scene: Scene| scene.callback_by_a_tick().await;
    PromotionSent:
        promotion_sent = async |scene: Scene| scene.promotion().await,
        promotion_sent_after_a_rescue = async |scene: Scene| scene.rescue().await;
    Marked:
        marked = async |scene: Scene| scene.promotion().await,
        marked_after_a_rescue = async |scene: Scene| scene.rescue().await;
    Rescued:
        rescued = async |scene: Scene| scene.rescue().await;
    DeadLetterSent:
        dead_letter_sent = async |scene: Scene| scene.dead_letter().await;
    KeptAside:
        kept_aside = async |scene: Scene| scene.unreadable().await;
    Audited:
        audited = async |scene: Scene| scene.audit().await;
}

/// A task whose first attempt fails, and whose second follows after this backoff in seconds.
fn flaky(backoff: u32) -> Value {
    let retry = json!({"min_backoff_seconds": backoff, "max_backoff_seconds": backoff});
    json!({"target": {"handler": "flaky"}, "payload": 1, "retry": retry})
}

/// Pauses the queue of all tasks, or lets it go on.
async fn steer(api: &Api, verb: &str) {
    let answer = api.ask(Method::POST, &format!("/v1/queues/default/{verb}"), &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

struct Scene {
    world: World,
    effects: Effects,
    faults: Faults,
    /// What has a limit: the queue, unless a story says otherwise.
    limits: Value,
}

impl Scene {
    async fn new(point: CrashPoint) -> Self {
        let limits = json!({"concurrency": 1});
        Scene { world: World::new().await, effects: Effects::default(), faults: Faults::crash_at(point), limits }
    }

    /// Runs the victim until it dies at the point, and drops it there.
    async fn die(&self, victim: impl Future<Output = ()> + Send + 'static) {
        let victim = tokio::spawn(victim);
        tokio::time::timeout(Duration::from_secs(60), self.faults.died())
            .await
            .expect("the victim never reached the point");
        victim.abort();
        assert!(victim.await.unwrap_err().is_cancelled());
    }

    /// An API whose process dies at the point. A test sends it no second request.
    async fn mortal_api(&self) -> Api {
        self.world.serve(self.world.submit_with(|services| services.with_faults(self.faults.clone()))).await
    }

    /// An executor takes the one visible message and dies at the point.
    async fn dying_attempt(&self) {
        let executor = self.world.mortal(self.effects.gated(&Gate::default()), &self.faults);
        let delivery = self.world.delivery().await;
        self.die(async move {
            executor.deliver(&delivery, None).await;
        })
        .await;
    }

    async fn dying_tick(&self) {
        let scheduler = self.world.scheduler_with(|services| services.with_faults(self.faults.clone()));
        self.die(async move {
            scheduler.tick(Duration::from_secs(50)).await;
        })
        .await;
    }

    /// Healthy processes take over. The task succeeds and does not change after that.
    async fn heal(&self, id: TaskId, attempts: u32, effects: usize) {
        let gate = Gate::default();
        gate.open();
        let executor = self.world.executor(self.effects.gated(&gate));
        assert_eq!(self.world.end(&executor, id).await, "succeeded");
        assert_eq!((self.world.record(id).await.attempts, self.effects.of(id)), (attempts, effects));
        assert_eq!(self.effects.count(), effects);
    }

    async fn attempt(self, task: Value, attempts: u32, effects: usize) {
        let id = self.world.api.submit(task).await;
        self.dying_attempt().await;
        self.heal(id, attempts, effects).await;
    }

    /// The victim has another handler than the task. It dies between the copy of the message and the deletion.
    async fn passing_on(self) {
        let id = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        let executor = self.world.mortal(Handlers::new(), &self.faults);
        let delivery = self.world.delivery().await;
        self.die(async move {
            executor.deliver(&delivery, None).await;
        })
        .await;
        assert_eq!(self.world.carried(), 2);
        self.heal(id, 1, 1).await;
    }

    /// The victim holds a task of a paused queue. The queue goes on, and the task runs once.
    async fn hold(self) {
        steer(&self.world.api, "pause").await;
        let id = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        self.dying_attempt().await;
        steer(&self.world.api, "resume").await;
        self.heal(id, 1, 1).await;
    }

    /// A task of a paused queue is held.
    async fn held(&self) -> TaskId {
        steer(&self.world.api, "pause").await;
        let id = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.work(&executor).await, 1);
        assert_eq!((self.world.state(id).await, self.world.waiting().len()), ("scheduled", 0));
        id
    }

    /// A request that lets the queue go on dies between a message and the removal of its entry.
    async fn resumption(self) {
        let id = self.held().await;
        let api = self.mortal_api().await;
        self.die(async move { steer(&api, "resume").await }).await;
        self.heal(id, 1, 1).await;
    }

    /// A tick dies there.
    async fn dispatch(self) {
        let id = self.held().await;
        let before = self.world.store.queue_settings("default").await.unwrap();
        let settings = before.changed(Wanted::default(), self.world.now());
        assert!(self.world.store.set_queue("default", before, settings).await.unwrap());
        let scheduler = self.world.scheduler_with(|services| services.with_faults(self.faults.clone()));
        self.die(async move {
            scheduler.tick(Duration::from_secs(50)).await;
        })
        .await;
        self.heal(id, 1, 1).await;
    }

    /// A Lambda invocation dies with its whole batch, and all messages come again.
    async fn batch(self) {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(self.world.api.submit(json!({"target": {"handler": "note"}})).await);
        }
        let executor = self.world.mortal(self.effects.handlers(), &self.faults);
        let taken = self.world.take(Priority::Normal).await;
        let event = arrived(&taken, &self.world.queue(Source::Lane(Priority::Normal)));
        let event = serde_json::from_value(event).unwrap();
        self.die(async move {
            batch::run(&executor, event, 900_000).await;
        })
        .await;
        let executor = self.world.executor(self.effects.handlers());
        for id in ids {
            assert_eq!(self.world.end(&executor, id).await, "succeeded");
            let attempts = self.world.record(id).await.attempts as usize;
            assert!(attempts <= 2 && self.effects.of(id) <= attempts, "{attempts}: {:?}", self.effects.all());
        }
    }

    async fn last_attempt(self) {
        let id = self.world.api.submit(json!({"target": {"handler": "note"}, "retry": {"max_attempts": 1}})).await;
        self.dying_attempt().await;
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.end(&executor, id).await, "failed");
        let error = self.world.record(id).await.error.unwrap();
        assert_eq!((error.kind.as_str(), self.effects.count()), ("lost", 0));
    }

    async fn failed_attempt(self) {
        let task = json!({"target": {"handler": "flaky"}, "payload": 1, "retry": {"max_attempts": 1}});
        let id = self.world.api.submit(task).await;
        self.dying_attempt().await;
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.end(&executor, id).await, "failed");
        assert_eq!((self.world.record(id).await.attempts, self.effects.count()), (1, 1));
    }

    async fn long_attempt(self) {
        let id = self.world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
        let executor = self.world.mortal(self.effects.gated(&Gate::default()), &self.faults);
        let delivery = self.world.delivery().await;
        let (clock, effects) = (self.world.clock.clone(), self.effects.clone());
        self.die(async move {
            let beat = async {
                taskway_tests::until("the start", async || (effects.count() == 1).then_some(())).await;
                clock.advance(Duration::from_secs(30));
            };
            futures::join!(executor.deliver(&delivery, None), beat);
        })
        .await;
        self.heal(id, 2, 2).await;
    }

    async fn settlement(self) {
        let task = json!({"target": {"handler": "note"}, "deadline": "2026-11-23T08:00:10Z"});
        let id = self.world.api.submit(task).await;
        self.world.pass_secs(10);
        self.dying_attempt().await;
        let executor = self.world.executor(self.effects.handlers());
        assert_eq!(self.world.end(&executor, id).await, "expired");
        assert_eq!(self.effects.count(), 0);
    }

    /// The client gets no answer and repeats the request with its key. There is one task, and it runs.
    async fn keyed_submit(self, path: &'static str, sent: usize) {
        let task = json!({"target": {"handler": "note"}, "idempotency_key": "k"});
        let body = if path.ends_with("batch") { json!({"tasks": [task]}) } else { task.clone() }.to_string();
        let api = self.mortal_api().await;
        let asked = body.clone();
        self.die(async move { drop(api.post(path, &[], asked).await) }).await;
        assert_eq!(self.world.carried(), sent);

        let replay = self.world.api.post(path, &[], body);
        let answer = self.world.passing(Duration::from_millis(100), replay).await;
        let found = if path.ends_with("batch") { &answer.body["results"][0]["task"]["id"] } else { &answer.body["id"] };
        let id = TaskId::parse(found.as_str().unwrap()).unwrap();
        assert_eq!(answer.status, 200);
        assert!(self.world.carried() >= 1);
        self.heal(id, 1, 1).await;
    }

    /// The client submits again, and the upload is still there.
    async fn large_submit(self) {
        let payload_ref = self.world.upload(b"[1]", "").await;
        let task = json!({"target": {"handler": "note"}, "payload_ref": payload_ref, "idempotency_key": "k"});
        let (api, asked) = (self.mortal_api().await, task.clone());
        self.die(async move { drop(api.try_submit(&asked).await) }).await;
        assert_eq!(self.world.carried(), 0);
        let again = self.world.api.try_submit(&task).await;
        assert_eq!(again.status, 202, "{}", again.body);
        self.heal(again.id(), 1, 1).await;
    }

    /// The client got no 2xx answer. The only promise is that the task runs at most once.
    async fn unkeyed_submit(self) {
        let api = self.mortal_api().await;
        self.die(async move { drop(api.try_submit(&json!({"target": {"handler": "note"}})).await) }).await;
        self.world.quiet(&self.world.executor(self.effects.handlers())).await;
        assert!(self.effects.count() <= 1);
    }

    async fn parked_submit(self) {
        self.world.sends(|_| taskway_local::sqs::Interruption::RefuseBefore);
        let api = self.mortal_api().await;
        let task = json!({"target": {"handler": "note"}, "idempotency_key": "k"});
        let asked = task.clone();
        self.die(async move { drop(api.try_submit(&asked).await) }).await;
        self.world.stack.sqs.interrupt(None);
        // The agenda carries the task, even if the client does not repeat the request.
        let id = self.world.api.try_submit(&task).await.id();
        self.heal(id, 1, 1).await;
    }

    /// A replay finds the task unclaimed, parks it, and dies before it sends a message. The first message is stale now,
    /// and the tick sends another.
    async fn parked_replay(self) {
        let task = json!({"target": {"handler": "note"}, "idempotency_key": "k"});
        let id = self.world.api.submit(task.clone()).await;
        self.world.pass_secs(3);
        let api = self.mortal_api().await;
        self.die(async move { drop(api.try_submit(&task).await) }).await;
        assert_eq!(self.world.state(id).await, "scheduled");
        self.heal(id, 1, 1).await;
    }

    async fn change(self, verb: &'static str) {
        let id = self
            .world
            .api
            .submit(json!({"target": {"handler": "note"}, "delay_seconds": 600, "idempotency_key": "k"}))
            .await;
        if verb == "retry" {
            self.world.api.act(id, "cancel").await;
        }
        let api = self.mortal_api().await;
        self.die(async move {
            match verb {
                "replace" => drop(
                    api.try_submit(&json!({"target": {"handler": "note"}, "delay_seconds": 30,
                    "idempotency_key": "k", "replace": true}))
                        .await,
                ),
                "patch" => drop(api.change(id, &json!({"run_at": "2026-11-23T08:00:30Z"})).await),
                verb => drop(api.act(id, verb).await),
            }
        })
        .await;
        self.world.pass_secs(30);
        self.world.tick().await;
        self.world.work(&self.world.executor(self.effects.handlers())).await;
        assert_eq!(self.world.state(id).await, "succeeded", "the next tick finishes the change");
        self.heal(id, 1, 1).await;
    }

    /// Passes minutes with healthy ticks. Returns the times that fired.
    async fn minutes(&self, minutes: u64) -> Vec<u64> {
        let executor = self.world.executor(self.effects.handlers());
        self.world.minutes(&executor, minutes).await;
        self.world.fired(&self.effects).await
    }

    /// A request puts a schedule, creates its first firing, and dies at the point.
    async fn schedule_put(self) {
        let api = self.mortal_api().await;
        self.die(async move { drop(api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await) }).await;
        assert_eq!(self.minutes(3).await, [60, 120, 180]);
    }

    /// A tick creates firings and dies at the point.
    async fn firing(self) {
        self.world.api.put_schedule("s", &noting(json!({"cron": "*/20 * * * * *"}))).await;
        self.world.pass_secs(30);
        self.dying_tick().await;
        assert_eq!(self.minutes(2).await, [20, 40, 60, 80, 100, 120, 140]);
    }

    /// A tick creates a firing that must not overlap, and dies. A person retries the firing before it, so the next tick finds
    /// that the two overlap. The task is there, and runs.
    async fn overtaken_firing(self) {
        let schedule = json!({"cron": "* * * * *", "overlap": "skip"});
        self.world.api.put_schedule("s", &noting(schedule)).await;
        assert_eq!(self.minutes(1).await, [60]);
        self.world.pass_secs(50);
        self.dying_tick().await;
        let first = self.effects.all()[0].id;
        assert_eq!(self.world.api.act(first, "retry").await.status, 200);
        self.world.pass_secs(10);
        self.world.tick().await;
        self.world.work(&self.world.executor(self.effects.handlers())).await;
        let second = self.effects.all().iter().filter(|effect| effect.id != first).count();
        assert_eq!(second, 1, "{:?}", self.effects.all());
    }

    /// A deletion dies, and the next tick finishes it.
    async fn schedule_deletion(self) {
        self.world.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await;
        let api = self.mortal_api().await;
        self.die(async move { drop(api.delete_schedule("s").await) }).await;
        assert_eq!(self.minutes(3).await, Vec::<u64>::new());
        assert_eq!(self.world.api.schedule("s").await.status, 404);
    }

    /// A change dies. The schedule keeps its old definition, and no time is lost or fires twice.
    async fn schedule_change(self) {
        self.world.api.put_schedule("s", &noting(json!({"cron": "* * * * *"}))).await;
        let api = self.mortal_api().await;
        self.die(async move { drop(api.put_schedule("s", &noting(json!({"cron": "*/5 * * * *"}))).await) }).await;
        assert_eq!(self.minutes(3).await, [60, 120, 180]);
        assert_eq!(self.world.api.schedule("s").await.body["cron"], "* * * * *");
    }

    async fn promotion(self) {
        let id = self.world.api.submit(json!({"target": {"handler": "note"}, "delay_seconds": 1200})).await;
        self.world.pass_secs(1200);
        self.dying_tick().await;
        self.heal(id, 1, 1).await;
    }

    /// An attempt dies after a heartbeat, and its message is lost. Then the tick that rescues it dies too.
    async fn rescue(self) {
        let id = self.world.api.submit(json!({"target": {"handler": "gate"}, "timeout_seconds": 600})).await;
        let faults = Faults::crash_at(CrashPoint::Beaten);
        let silent = Scene { world: self.world, effects: self.effects, faults, limits: self.limits };
        let executor = silent.world.mortal(silent.effects.gated(&Gate::default()), &silent.faults);
        let delivery = silent.world.delivery().await;
        let (clock, effects) = (silent.world.clock.clone(), silent.effects.clone());
        silent
            .die(async move {
                let beat = async {
                    taskway_tests::until("the start", async || (effects.count() == 1).then_some(())).await;
                    clock.advance(Duration::from_secs(30));
                };
                futures::join!(executor.deliver(&delivery, None), beat);
            })
            .await;
        silent.world.lose();
        silent.world.pass_secs(600);
        let scene = Scene { faults: self.faults, ..silent };
        scene.dying_tick().await;
        scene.heal(id, 2, 2).await;
    }

    async fn dead_letter(self) {
        let id = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        for _ in 0..21 {
            let lane = Source::Lane(Priority::Normal);
            self.world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
        }
        self.dying_tick().await;
        self.heal(id, 1, 1).await;
    }

    async fn unreadable(self) {
        self.world.put("poison");
        for _ in 0..21 {
            let lane = Source::Lane(Priority::Normal);
            self.world.lanes.receive(lane, 10, Duration::ZERO, Duration::ZERO).await.unwrap();
        }
        self.dying_tick().await;
        self.world.quiet(&self.world.executor(self.effects.handlers())).await;
        assert_eq!(self.world.store.unreadable(None).await.unwrap().items.len(), 1);
    }

    /// The tick that audits dies before it has written its position. A later tick audits the same page again.
    async fn audit(self) {
        let every = Duration::from_secs(1800);
        self.world.tick_auditing(every).await;
        let id = self.world.api.submit(json!({"target": {"handler": "note"}})).await;
        self.world.lose();
        self.world.pass(every);
        let auditing = Auditing::every(every);
        let scheduler =
            Scheduler { auditing, ..self.world.scheduler_with(|services| services.with_faults(self.faults.clone())) };
        self.die(async move {
            scheduler.tick(Duration::from_secs(50)).await;
        })
        .await;
        assert_eq!(self.world.carried(), 1);
        assert_eq!(self.world.tick_auditing(every).await.audited, 0, "the dead tick still has the audit to itself");
        self.world.pass_secs(60);
        assert_eq!(
            self.world.tick_auditing(every).await.audit_findings,
            1,
            "the table does not say that the message was sent"
        );
        assert_eq!((self.world.carried(), self.world.tick_auditing(every).await.audited), (2, 0), "the pass is over");
        self.heal(id, 1, 1).await;
    }
}
