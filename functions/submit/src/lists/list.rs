//! `GET /v1/tasks` and `GET /v1/dead`: `?queue=&state=&label.<name>=<value>&parent_id=&limit=&cursor=`, answered with
//! `{"tasks":[…],"next_cursor":…}`; of failed tasks without `state` and `parent_id`.
//!
//! A page holds at most `limit` tasks, without payload and result. It may hold fewer, or none, while there is a
//! `next_cursor`: what was looked at did not match, or the answer was large, or time was up.

use axum::{extract::State, response::Response};
use http::{Extensions, StatusCode, Uri};
use serde_json::value::RawValue;
use taskway_api::TaskList;
use taskway_protocol::{TaskId, Time};

use super::{
    cursor::{Cursor, Seen},
    selection::{Ask, Selection},
    walk::LONGEST,
};
use crate::{Submit, problem::Problem, request, tasks::json, validate};

/// What the tasks of an answer may have in bytes: a function's answer ends at 6 MB, in which the body is a JSON string.
const LONGEST_ANSWER: usize = 5_000_000;

pub(crate) async fn tasks(State(submit): State<Submit>, uri: Uri, extensions: Extensions) -> Result<Response, Problem> {
    list(&submit, Ask::Tasks, &uri, &extensions).await
}

pub(crate) async fn dead(State(submit): State<Submit>, uri: Uri, extensions: Extensions) -> Result<Response, Problem> {
    list(&submit, Ask::Dead, &uri, &extensions).await
}

async fn list(submit: &Submit, ask: Ask, uri: &Uri, extensions: &Extensions) -> Result<Response, Problem> {
    let now = submit.services.clock.now();
    let until = until(extensions, now);
    let query = uri.query().unwrap_or_default();
    let mut selection = validate::selection(ask, query, None).map_err(Problem::validation)?;
    if let Some(parent) = selection.filters.parent {
        selection.filters.ids = Some(submit.children(parent).await?);
    }
    let mut walk = submit.walk(&selection, until).await?;
    let mut page = Growing::default();
    let all = loop {
        let wanted = if selection.filters.are_narrow() { usize::MAX } else { selection.limit - page.tasks.len() };
        let candidates = walk.stride(wanted, submit.services.clock.now()).await?;
        let Some(last) = candidates.last().map(|candidate| candidate.seen.clone()) else { break true };
        let now = submit.services.clock.now();
        let mut all = true;
        for found in submit.matching(&candidates, &selection.filters, true, now).await? {
            let Some(content) = &found.content else { continue };
            all = page.tasks.len() < selection.limit && page.add(&taskway_api::Task::of(&found.task, content, now))?;
            if !all {
                break;
            }
            walk.came_to(found.seen);
        }
        if !all {
            break false;
        }
        walk.came_to(last);
        if page.tasks.len() == selection.limit {
            break true;
        }
    };
    let next = walk.next(all).map(|seen| text(&selection, seen));
    Ok(json(StatusCode::OK, &TaskList { tasks: page.tasks, next_cursor: next }))
}

impl Submit {
    /// The callbacks of this task, as its record lists them.
    async fn children(&self, parent: TaskId) -> Result<Vec<TaskId>, Problem> {
        let found = self.kept(&parent.key).await?;
        Ok(found.filter(|task| task.id == parent).map(|task| task.children).unwrap_or_default())
    }
}

/// How long a request that came at `now` goes on.
pub(super) fn until(extensions: &Extensions, now: Time) -> Time {
    let until = now.after(LONGEST);
    request::answer_by(extensions, now).map_or(until, |by| until.min(by))
}

/// The cursor that a client is given.
pub(super) fn text(selection: &Selection, seen: Seen) -> String {
    Cursor { list: selection.filters.list(), seen }.text()
}

/// A page, as it grows.
#[derive(Default)]
struct Growing {
    /// The texts of the tasks.
    tasks: Vec<Box<RawValue>>,
    /// Their bytes, as the text of a JSON string.
    length: usize,
}

impl Growing {
    /// Adds a task, unless the answer becomes too large by it. The first one always fits.
    fn add(&mut self, task: &taskway_api::Task) -> Result<bool, Problem> {
        let text = serde_json::value::to_raw_value(task).map_err(|error| {
            tracing::error!(error = %taskway_runtime::log::causes(&error), "cannot write an answer");
            Problem::internal()
        })?;
        // Control characters are escaped in it already.
        let escaped = text.get().bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        let length = text.get().len() + escaped + 1;
        if self.length + length > LONGEST_ANSWER && !self.tasks.is_empty() {
            return Ok(false);
        }
        self.length += length;
        self.tasks.push(text);
        Ok(true)
    }
}
