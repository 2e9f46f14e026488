//! The last phase of a world: no more faults are injected, and every task must end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use taskway_local::sqs::Phase;
use taskway_protocol::Priority;
use tokio::task::JoinSet;

use crate::{
    dice::Dice,
    script::ScheduleQuestion,
    witness::{Carrier, Left},
    world::World,
};

/// The longest time that all tasks may need to end after the last fault.
const REST: Duration = Duration::from_secs(8 * 3600);

/// The time between two passes of the audit in this phase. The audit learns from the last hour how long tasks wait, and
/// the tasks that it sends itself have waited for very long. With more than an hour between two passes, as in a real
/// stack with one pass a day, the next pass no longer counts them.
const AUDITED: Duration = Duration::from_secs(70 * 60);

impl World {
    /// Removes the doings that have ended, and reports one that panicked.
    fn settle(&self, doings: &mut JoinSet<()>) {
        while let Some(done) = doings.try_join_next() {
            if let Err(error) = done {
                self.cloud.witness().break_rule(format!("the simulation itself failed: {error}"));
            }
        }
    }

    /// Runs the world without faults until every task has ended. Returns the tasks that only the audit could find.
    pub(crate) async fn rest(self: &Arc<Self>, mut doings: JoinSet<()>) -> Left {
        let cloud = &self.cloud;
        cloud.tell(format_args!("no faults from here on"));
        cloud.weather().clear();
        self.fates.store(0, Ordering::Relaxed);
        self.audited.store(AUDITED.as_millis() as u64, Ordering::Relaxed);
        let mut left = None;
        let dice = Dice::new(self.seed);
        let until = cloud.now().after(REST);
        loop {
            self.settle(&mut doings);
            let busy = !doings.is_empty();
            // A schedule would fire forever.
            let schedules = cloud.witness().schedules();
            for name in schedules {
                Arc::clone(self).ask_of_schedule(&name, ScheduleQuestion::Delete, Dice::new(dice.seed())).await;
            }
            // A paused queue would hold its tasks forever.
            if cloud.witness().is_paused() {
                Arc::clone(self).steer(false, Dice::new(dice.seed())).await;
            }
            Arc::clone(self).tick(Dice::new(dice.seed())).await;
            let mut delivered = 0;
            for &lane in Priority::ALL {
                for _ in 0..20 {
                    let some = Arc::clone(self).deliver_all(lane, Dice::new(dice.seed()), &mut doings);
                    delivered += some;
                    if some == 0 {
                        break;
                    }
                }
            }
            if cloud.witness().broken().is_some() {
                return Left::default();
            }
            let messages = cloud.messages();
            let newer = |body: &str| Carrier::of(body) == Carrier::Newer;
            let waits = messages.iter().any(|message| !newer(&message.body)) || cloud.witness().waits();
            let waits = waits || !cloud.witness().schedules().is_empty() || cloud.witness().has_permits_out();
            let quiet = !busy && delivered == 0 && !waits;
            if quiet && !cloud.witness().is_open() || cloud.now() >= until {
                break;
            }
            if quiet {
                // From here on only the audit can send a task.
                left.get_or_insert_with(|| self.left_to_the_audit());
                tokio::time::sleep(Duration::from_secs(300)).await;
                continue;
            }
            // Sleeps until the next possible event, and for two minutes at most, because ticks come every minute. What was just
            // delivered may send a message that is not here yet, as the end of a task of a full queue does.
            let times = messages.iter().filter(|message| !newer(&message.body)).map(|message| match message.phase {
                Phase::Visible { since } => since,
                Phase::Delayed { until } | Phase::InFlight { until, .. } => until,
            });
            let now = cloud.now();
            let next = times.chain(cloud.witness().next_times()).filter(|at| *at > now).min();
            let pause = next.map_or(Duration::from_secs(60), |at| at.since(now));
            let least = Duration::from_millis(if busy || delivered > 0 { 200 } else { 5_000 });
            let most = Duration::from_secs(if delivered > 0 { 2 } else { 120 });
            tokio::time::sleep(pause.clamp(least, most)).await;
        }
        self.settle(&mut doings);
        if !doings.is_empty() {
            let doings = doings.len();
            let mut witness = cloud.witness();
            let (open, rate) = (witness.open(), witness.rate());
            witness.break_rule(format!("{doings} doings never end; {open} tasks are open, by the rate {rate:?}"));
        }
        let messages = cloud.messages();
        cloud.witness().at_rest(&messages);
        left.unwrap_or_default()
    }

    fn left_to_the_audit(&self) -> Left {
        let left = self.cloud.witness().left_to_the_audit();
        for (why, names) in [("sqs lost", &left.lost_by_sqs), ("was never answered", &left.never_answered)] {
            for name in names {
                self.cloud.tell(format_args!("only the audit can find {name}: {why}"));
            }
        }
        left
    }
}
