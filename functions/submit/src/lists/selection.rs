//! Which tasks are meant, and by which route.

use std::collections::BTreeMap;

use taskway_cloud::dynamo::Listed;
use taskway_protocol::{Digest, End, State, StateName, Task, TaskId, Time, content::TaskContent};

use super::cursor::Seen;

/// The routes that select tasks. Each takes its filters, and gives cursors that only it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// `GET /v1/tasks`.
    Tasks,
    /// `GET /v1/dead`.
    Dead,
    /// `POST /v1/tasks/cancel`.
    Cancel,
    /// `POST /v1/dead/redrive`.
    Redrive,
    /// `POST /v1/queues/{name}/purge`.
    Purge,
}

impl Ask {
    /// Tasks that one call tells of or changes at most.
    pub const MOST: u32 = taskway_api::MOST_TASKS;

    /// Whether it changes what it selects. Then ids select too.
    pub const fn is_bulk(self) -> bool {
        match self {
            Ask::Tasks | Ask::Dead => false,
            Ask::Cancel | Ask::Redrive | Ask::Purge => true,
        }
    }

    /// Whether a request says which tasks are meant. A purge means all that wait in the queue of its path.
    pub const fn takes_filters(self) -> bool {
        match self {
            Ask::Tasks | Ask::Dead | Ask::Cancel | Ask::Redrive => true,
            Ask::Purge => false,
        }
    }

    /// The states that can be asked for; none where they say nothing.
    pub const fn states(self) -> &'static [&'static str] {
        match self {
            Ask::Tasks => &["scheduled", "queued", "running", "succeeded", "failed", "cancelled", "expired"],
            Ask::Cancel => &["scheduled", "queued", "running"],
            Ask::Dead | Ask::Redrive | Ask::Purge => &[],
        }
    }

    /// How many tasks, where that is not said.
    pub const fn limit(self) -> usize {
        if self.is_bulk() { Ask::MOST as usize } else { taskway_api::PAGE as usize }
    }

    /// Whether it is about tasks that ended as failed.
    pub(super) const fn is_of_dead(self) -> bool {
        match self {
            Ask::Tasks | Ask::Cancel | Ask::Purge => false,
            Ask::Dead | Ask::Redrive => true,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Ask::Tasks => "tasks",
            Ask::Dead => "dead",
            Ask::Cancel => "cancel",
            Ask::Redrive => "redrive",
            Ask::Purge => "purge",
        }
    }
}

/// The filters, all of which must hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filters {
    /// For which route.
    pub ask: Ask,
    /// In this queue.
    pub queue: Option<Box<str>>,
    /// In this state, as clients see it.
    pub state: Option<StateName>,
    /// With these labels at least.
    pub labels: BTreeMap<String, String>,
    /// The callbacks of this task.
    pub parent: Option<TaskId>,
    /// Of these, each once; what was no task's id is left out.
    pub ids: Option<Vec<TaskId>>,
}

/// What a request asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Which tasks.
    pub filters: Filters,
    /// How many at most.
    pub limit: usize,
    /// What an earlier page has seen.
    pub(crate) seen: Option<Seen>,
}

impl Filters {
    /// The list that they make: another one has other cursors.
    pub fn list(&self) -> Digest {
        let ids: Option<Vec<String>> = self.ids.as_ref().map(|ids| ids.iter().map(TaskId::to_string).collect());
        let state = self.state.map(StateName::as_str);
        let all = (self.ask.name(), &self.queue, state, &self.labels, ids);
        // Texts: there is nothing that serde_json could refuse.
        Digest::of(
            &match self.parent {
                None => serde_json::to_vec(&all),
                // More callbacks may follow between two pages.
                Some(parent) => {
                    serde_json::to_vec(&(self.ask.name(), &self.queue, state, &self.labels, parent.to_string()))
                }
            }
            .unwrap_or_default(),
        )
    }

    /// Whether most of what is looked at may be left out: of a queue's tasks, most have ended.
    pub(super) fn are_narrow(&self) -> bool {
        matches!(self.ask, Ask::Cancel | Ask::Purge) || self.state.is_some() || !self.labels.is_empty()
    }

    /// Whether a record is of what was listed and is meant, as far as the record itself tells.
    pub(super) fn match_record(&self, listed: &Listed, task: &Task, now: Time) -> bool {
        // Another life under the same key is another task, and stands elsewhere.
        if task.id != listed.id
            || task.is_forgotten(now)
            || self.queue.as_ref().is_some_and(|q| *q != task.spec.options.queue)
        {
            return false;
        }
        let state = task.state_at(now);
        let fits = match self.ask {
            Ask::Tasks => true,
            Ask::Cancel => !state.is_ended(),
            Ask::Purge => matches!(state, StateName::Scheduled | StateName::Queued),
            // One that failed again since stands elsewhere too; of ids there is no elsewhere.
            Ask::Dead | Ask::Redrive => match task.state {
                State::Ended { end: End::Failed, at, .. } => self.ids.is_some() || at == listed.at,
                State::Ended { .. } | State::Scheduled { .. } | State::Queued { .. } | State::Running { .. } => false,
            },
        };
        fits && self.state.is_none_or(|wanted| wanted == state)
    }

    /// Whether its labels are those that are wanted.
    pub(super) fn match_content(&self, content: &TaskContent) -> bool {
        self.labels.iter().all(|(name, value)| content.labels.get(name) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use taskway_protocol::{Spec, TaskOptions};

    use super::*;

    const BORN: Time = Time::from_millis(1_764_000_000_000);

    fn at(seconds: u64) -> Time {
        BORN.after(std::time::Duration::from_secs(seconds))
    }

    fn task(state: State) -> Task {
        let options = TaskOptions { queue: "emails".into(), retain_seconds: 60, ..TaskOptions::default() };
        let spec = Spec { options, deadline: Some(at(100)), ..Spec::example(BORN) };
        Task { spec, state, ..Task::example(BORN) }
    }

    fn failed(seconds: u64) -> Task {
        task(State::Ended { end: End::Failed, at: at(seconds), retained_until: at(seconds + 60), owes: false })
    }

    fn of(ask: Ask) -> Filters {
        Filters { ask, queue: None, state: None, labels: BTreeMap::new(), parent: None, ids: None }
    }

    /// What an index that lags behind may tell.
    fn listed(born: u64, seconds: u64) -> Listed {
        Listed { id: TaskId { born: at(born), ..Task::example(BORN).id }, at: at(seconds) }
    }

    #[test]
    fn what_an_index_tells_too_late_is_left_out() {
        assert!(of(Ask::Tasks).match_record(&listed(0, 0), &failed(10), at(20)));
        assert!(!of(Ask::Tasks).match_record(&listed(5, 5), &failed(10), at(20)), "another life");
        assert!(!of(Ask::Tasks).match_record(&listed(0, 0), &failed(10), at(70)), "it is forgotten");
        for ask in [Ask::Dead, Ask::Redrive] {
            assert!(of(ask).match_record(&listed(0, 10), &failed(10), at(20)));
            assert!(!of(ask).match_record(&listed(0, 9), &failed(10), at(20)), "it failed again since");
            assert!(!of(ask).match_record(&listed(0, 10), &task(State::Queued { due: at(11) }), at(20)));
            let by_id = Filters { ids: Some(vec![listed(0, 0).id]), ..of(ask) };
            assert!(by_id.match_record(&listed(0, 0), &failed(10), at(20)), "an id says nothing of the end");
        }
    }

    #[test]
    fn a_state_is_that_which_clients_see() {
        let queued = task(State::Queued { due: BORN });
        let in_state = |state| Filters { state: Some(state), ..of(Ask::Tasks) };
        assert!(in_state(StateName::Queued).match_record(&listed(0, 0), &queued, at(99)));
        assert!(in_state(StateName::Expired).match_record(&listed(0, 0), &queued, at(100)));
        assert!(of(Ask::Cancel).match_record(&listed(0, 0), &queued, at(99)));
        assert!(!of(Ask::Cancel).match_record(&listed(0, 0), &queued, at(100)), "it has ended for everybody");
        let purge = |state| of(Ask::Purge).match_record(&listed(0, 0), &task(state), at(50));
        assert!(purge(State::Queued { due: BORN }) && purge(State::Scheduled { due: BORN, held: true }));
        let (owner, lease_end) = (taskway_protocol::Nonce(1), at(60));
        assert!(!purge(State::Running { owner, lease_end, hard_end: None }), "an attempt has it");
        let elsewhere = Filters { queue: Some("others".into()), ..of(Ask::Cancel) };
        assert!(!elsewhere.match_record(&listed(0, 0), &queued, at(99)));
    }
}
