//! `POST /v1/tasks/cancel` and `POST /v1/dead/redrive`: what `list` would tell of, changed. `POST /v1/queues/{name}/purge` is
//! a change too.
//!
//! The filters are the list's parameters, or a body `{"queue","state","labels":{…},"ids":[…],"limit","cursor"}`; of
//! `redrive` without `state`. Cancelling wants a filter, or `{"all": true}`; redriving without one means all that failed.
//! The answer is `{"matched","done","next_cursor"}`: how many tasks were meant, of how many the change was made, since
//! some move on meanwhile, and where the next call goes on. Without `limit` a call changes 500 tasks at most.
//!
//! Each change is a conditional write of its own. A call that dies or is refused half way has done some of them; made
//! again, it meets those as they are now. What is changed, or fails again after that, is not behind the cursor, so calls
//! that follow it come to an end.

use axum::{body::Body, extract::State, response::Response};
use futures::{StreamExt, stream};
use http::{Extensions, HeaderMap, StatusCode, Uri};
use taskway_api::{BulkResult, LONGEST_BULK_BODY};
use taskway_protocol::Task;
use taskway_strict::json::{Document, Value};

use super::{
    list::{text, until},
    selection::{Ask, Selection},
};
use crate::{
    Submit,
    problem::{FieldError, Problem},
    request,
    tasks::{Changed, json},
    validate,
};

/// How many changes are under way at a time.
const WRITES: usize = 32;

pub(crate) async fn cancel(
    State(submit): State<Submit>,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<Response, Problem> {
    let selection = read(Ask::Cancel, &uri, &headers, body).await?;
    change(&submit, &selection, &extensions).await
}

pub(crate) async fn redrive(
    State(submit): State<Submit>,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<Response, Problem> {
    let selection = read(Ask::Redrive, &uri, &headers, body).await?;
    change(&submit, &selection, &extensions).await
}

async fn read(ask: Ask, uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Selection, Problem> {
    selected(uri, headers, body, |query, body| validate::selection(ask, query, body)).await
}

/// What a request selects by its query and its body. A request needs no body, and one without needs no type.
pub(crate) async fn selected(
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
    validate: impl FnOnce(&str, Option<Value<'_>>) -> Result<Selection, Vec<FieldError>>,
) -> Result<Selection, Problem> {
    let query = uri.query().unwrap_or_default();
    let bytes = request::optional_json_body(headers, body, LONGEST_BULK_BODY).await?;
    if bytes.is_empty() {
        return validate(query, None).map_err(Problem::validation);
    }
    let document = Document::read(&bytes).map_err(|fault| Problem::not_json(&fault))?;
    validate(query, Some(document.root())).map_err(Problem::validation)
}

/// Changes what is selected, as many tasks as one call does, and answers how many.
pub(crate) async fn change(
    submit: &Submit,
    selection: &Selection,
    extensions: &Extensions,
) -> Result<Response, Problem> {
    let until = until(extensions, submit.services.clock.now());
    let mut walk = submit.walk(selection, until).await?;
    let (mut matched, mut done) = (0, 0);
    let all = loop {
        let left = selection.limit - matched;
        let wanted = if selection.filters.are_narrow() { usize::MAX } else { left };
        let candidates = walk.stride(wanted, submit.services.clock.now()).await?;
        let Some(last) = candidates.last().map(|candidate| candidate.seen.clone()) else { break true };
        let now = submit.services.clock.now();
        let mut found = submit.matching(&candidates, &selection.filters, false, now).await?;
        let all = found.len() <= left;
        found.truncate(left);
        let came_to = if all { Some(last) } else { found.last().map(|last| last.seen.clone()) };
        matched += found.len();
        let changes: Vec<_> =
            found.into_iter().map(|found| submit.changed(selection.filters.ask, found.task)).collect();
        let changed: Vec<_> = stream::iter(changes).buffer_unordered(WRITES).collect().await;
        for changed in changed {
            done += usize::from(changed?);
        }
        if let Some(seen) = came_to {
            walk.came_to(seen);
        }
        if !all || matched == selection.limit {
            break all;
        }
    };
    let next_cursor = walk.next(all).map(|seen| text(selection, seen));
    Ok(json(StatusCode::OK, &BulkResult { matched, done, next_cursor }))
}

impl Submit {
    /// Makes the change of one task, and whether it was made: the task may have moved on.
    async fn changed(&self, ask: Ask, task: Task) -> Result<bool, Problem> {
        let changed = match ask {
            Ask::Cancel => self.stop(&task).await?,
            Ask::Redrive => self.revive(&task).await?,
            Ask::Purge => self.withdraw(&task).await?,
            // A list changes nothing.
            Ask::Tasks | Ask::Dead => return Ok(false),
        };
        Ok(match changed {
            Changed::Done(_) => true,
            Changed::MovedOn(_) | Changed::Gone => false,
        })
    }
}
