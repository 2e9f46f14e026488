//! Programs that share a lane, each with handlers of its own.
//!
//! Each executor announces its handlers in the table. An executor that does not know a task's handler sends the message
//! on, as long as another program knows the handler, and for a while even if none does.

use std::time::Duration;

use crate::{Digest, Time};

/// How often a program that runs announces its handlers.
pub const ANNOUNCED_EVERY: Duration = Duration::from_secs(30);

/// A program counts as running until its last announcement is this old, so three announcements may fail.
pub const PROGRAM_COUNTS: Duration = Duration::from_secs(120);

/// How long the table lists a program after its last announcement. A person who looks for a handler finds what knew it.
pub const PROGRAM_LISTED: Duration = Duration::from_secs(7 * 86_400);

/// How long a task whose handler no program knows is passed on before it fails, unless the executor is told otherwise.
pub const UNKNOWN_HANDLER_WAIT: Duration = Duration::from_secs(60);

/// The longest delay of a message that is passed on, in seconds. Each pass costs a send and a delete, and a task whose
/// program starts waits no longer than this.
const LONGEST_DELAY: u64 = 5;

/// The delay grows by a second for each of these seconds.
const GROWS_EVERY: u64 = 3;

/// What is known of the executors that have the same handlers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The names of its handlers, in order.
    pub handlers: Vec<Box<str>>,
    /// When it announced them first.
    pub first_seen: Time,
    /// When it announced them last.
    pub last_seen: Time,
}

impl Program {
    /// Whether it counts as running.
    pub fn is_running(&self, now: Time) -> bool {
        now.since(self.last_seen) < PROGRAM_COUNTS
    }

    /// Whether it has a handler of this name.
    pub fn knows(&self, handler: &str) -> bool {
        self.handlers.iter().any(|name| **name == *handler)
    }

    /// The digest of the names, which must be in order. Programs with the same handlers have the same.
    pub fn digest(handlers: &[&str]) -> Digest {
        // The length goes before each name, so that no two lists give the same text.
        let text: String = handlers.iter().map(|name| format!("{}:{name}", name.len())).collect();
        Digest::of(text.as_bytes())
    }
}

/// The delay of a message whose handler was unknown for this long: a second at first, and growing.
pub fn passed_on_after(unknown_for: Duration) -> Duration {
    Duration::from_secs((1 + unknown_for.as_secs() / GROWS_EVERY).min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_counts_while_its_announcement_is_young() {
        let seen = Time::from_millis(1_000_000);
        let program = Program { handlers: vec!["a".into(), "b".into()], first_seen: seen, last_seen: seen };
        assert!(program.is_running(seen) && program.is_running(seen.after(PROGRAM_COUNTS - Duration::from_millis(1))));
        assert!(!program.is_running(seen.after(PROGRAM_COUNTS)));
        assert!(program.is_running(seen.before(Duration::from_secs(5))), "clocks differ");
        assert!(program.knows("a") && program.knows("b") && !program.knows("ab"));
    }

    #[test]
    fn each_set_of_names_has_a_digest_of_its_own() {
        let digests = [&["a", "b"][..], &["ab"], &["a"], &["a", "b", ""], &["1:b", "a"], &[]].map(Program::digest);
        for (place, digest) in digests.iter().enumerate() {
            assert!(!digests[..place].contains(digest), "{place}");
        }
        assert_eq!(Program::digest(&["a", "b"]), digests[0]);
    }

    #[test]
    fn the_delay_grows_from_a_second_to_five() {
        let delays =
            [0, 2, 3, 6, 11, 12, 10_000].map(|seconds| passed_on_after(Duration::from_secs(seconds)).as_secs());
        assert_eq!(delays, [1, 1, 2, 3, 4, 5, 5]);
    }
}
