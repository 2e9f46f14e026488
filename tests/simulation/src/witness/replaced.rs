//! The rules for a task that another submission of its key replaces.

use std::time::Duration;

use taskway_protocol::{State, Task};

use super::{Kind, Witness, Writer, life};
use crate::script::Submission;

/// A request may have been so long under way when it is written.
const SLOW: Duration = Duration::from_secs(30);

impl Witness {
    /// A client is about to send this submission.
    pub fn submits(&mut self, submission: &Submission) {
        if let (true, Some(key)) = (submission.replaces, &submission.key) {
            *self.replacements.entry((key.clone(), submission.work.submission)).or_default() += 1;
        }
    }

    /// Whether the record begins anew as a submission that may replace it. A task that is moved before it has ever started
    /// looks the same.
    pub(super) fn is_replacement(&self, before: &Task, after: &Task, writer: Writer) -> bool {
        let asked = after.spec.idempotency.as_ref().zip(after.spec.options.expected_duration_ms);
        let asked = asked.map(|(idempotency, number)| (idempotency.key.to_string(), number));
        let sent = asked.and_then(|asked| self.replacements.get(&asked)).copied().unwrap_or(0);
        let anew = matches!(after.state, State::Scheduled { held: false, .. })
            && (after.attempts, after.given_back, after.started_at) == (0, 0, None)
            && (after.progress, &after.checkpoint, &after.result, &after.error) == (None, &None, &None, &None)
            && after.past.is_empty();
        // A person's retry keeps what was asked for. So does a replacement that was sent more than once.
        let is_same = before.state.name().is_ended() && before.spec == after.spec;
        let asked_to_retry = self.lives.get(&life(before.id)).is_some_and(|life| life.asked.retry);
        let retried = is_same && (sent < 2 || asked_to_retry);
        writer.kind == Kind::Submit && sent > 0 && anew && !retried
    }

    pub(super) fn replaced(&mut self, before: &Task, after: &Task, writer: Writer) {
        let what = || format!("from {before:?}\nto {after:?}\nby {writer:?}");
        self.must(after.generation.0 == before.generation.0 + 1, || format!("the generation is wrong: {}", what()));
        self.must(after.fence == before.fence, || format!("a replacement made a fence: {}", what()));
        self.must(!Self::is_owing(before), || format!("a replacement forgot a callback: {}", what()));
        self.must(!before.is_forgotten(writer.now.before(SLOW)), || {
            format!("a forgotten task was replaced: {}", what())
        });
        if matches!(before.state, State::Running { .. }) {
            // The attempt learns of it at its next heartbeat. Another may overlap with it before that.
            self.stops(before.id, before.fence.0);
        }
        self.life(after.id).replaced = true;
    }
}
