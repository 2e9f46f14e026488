//! What of the candidates is meant: by their records, and by their bodies where those are asked for.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use taskway_protocol::{Task, TaskKey, Time, content::TaskContent};

use super::{cursor::Seen, selection::Filters, walk::Candidate};
use crate::{Submit, accept::unavailable, problem::Problem};

/// How many bodies in items of their own are read at a time: each can be a quarter of a megabyte.
const READS: usize = 16;

/// A task that is meant.
pub(super) struct Match {
    pub(super) task: Task,
    /// Without its payload; none where nobody asked for it.
    pub(super) content: Option<TaskContent>,
    /// What has been looked at with it.
    pub(super) seen: Seen,
}

impl Submit {
    /// The candidates that are meant, in their order. `shown`: with their bodies.
    ///
    /// Records are read as they were moments ago for a list, and as they are for a change.
    pub(super) async fn matching(
        &self,
        candidates: &[Candidate],
        filters: &Filters,
        shown: bool,
        now: Time,
    ) -> Result<Vec<Match>, Problem> {
        // An index that lags may have two lives of one key, or a task that failed twice.
        let keys: Vec<TaskKey> = candidates.iter().map(|candidate| candidate.listed.id.key).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.services.store.get_many(&keys, filters.ask.is_bulk(), &*self.services.clock).await;
        let found = found.map_err(|error| unavailable(&error))?;
        let mut records: HashMap<TaskKey, Task> = found.into_iter().map(|task| (task.id.key, task)).collect();
        let meant = candidates.iter().filter_map(|candidate| {
            let record = records.get(&candidate.listed.id.key)?;
            let meant = filters.match_record(&candidate.listed, record, now);
            let task = if meant { records.remove(&candidate.listed.id.key) } else { None };
            Some((task?, candidate.seen.clone()))
        });
        let meant: Vec<(Task, Seen)> = meant.collect();
        let needs_content = shown || !filters.labels.is_empty();
        let matches = meant.into_iter().map(|(task, seen)| async move {
            if !needs_content {
                return Ok(Some(Match { task, content: None, seen }));
            }
            let content = self.brief(&task).await?.filter(|content| filters.match_content(content));
            Ok(content.map(|content| Match { task, content: Some(content), seen }))
        });
        let matches: Vec<_> = matches.collect();
        let matches: Vec<Result<Option<Match>, Problem>> = stream::iter(matches).buffered(READS).collect().await;
        matches.into_iter().filter_map(Result::transpose).collect()
    }

    /// The task's body without its payload; none where it cannot be had, which is told and fails no list.
    async fn brief(&self, task: &Task) -> Result<Option<TaskContent>, Problem> {
        let text = match self.stored(task, &task.spec.body).await {
            Ok(Some(text)) => text,
            Ok(None) => {
                tracing::error!(task.id = %task.id, "a task's body is missing");
                return Ok(None);
            }
            Err(problem) => return Err(problem),
        };
        match TaskContent::from_text(&text, &task.spec.route) {
            Ok(content) => Ok(Some(TaskContent { payload: None, ..content })),
            Err(error) => {
                tracing::error!(task.id = %task.id, error = %taskway_runtime::log::causes(&error), "unreadable body");
                Ok(None)
            }
        }
    }
}
