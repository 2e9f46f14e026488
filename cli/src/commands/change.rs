//! What the commands that change tasks have in common.

use taskway_api::{BulkRequest, BulkResult};

use crate::{
    client::{Action, BulkAction, Client},
    failure::Failure,
    output::Output,
    page::Tally,
    task_id::TaskId,
};

/// Acts on a task and prints what became of it: the id and the state, or the API's answer.
pub(crate) async fn act(id: &TaskId, action: Action, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.act(id, action).await?;
    let task = answer.task()?;
    if output.json() {
        output.raw(&answer.body)?;
    } else {
        output.about(&id.to_string(), &format!("{id} {}", output.state(&task.0.state)))?;
    }
    Ok(())
}

/// Changes all tasks that a selection means, call by call, and counts them. Shows how far it is.
pub(crate) async fn change_all(
    action: BulkAction<'_>,
    mut selection: BulkRequest,
    client: &Client,
    output: &Output,
) -> Result<BulkResult, Failure> {
    let mut all = BulkResult::default();
    loop {
        let answer = client.change(action, &selection).await?;
        let Tally(tally) = Tally::of(&answer)?;
        if output.json() {
            output.raw_line(&answer.body)?;
        }
        all.matched += tally.matched;
        all.done += tally.done;
        match tally.next_cursor {
            Some(cursor) => selection.cursor = Some(cursor.into()),
            None => {
                output.progress_ends();
                return Ok(all);
            }
        }
        output.progress(&format!("{} of {} tasks so far", all.done, all.matched));
    }
}

/// `cancelled 510 of 512 tasks`. With --output ids nothing, because the API does not name them.
pub(crate) fn tell(done: &str, tally: &BulkResult, output: &Output) -> Result<(), Failure> {
    if !output.json() && !output.ids() {
        let tasks = if tally.matched == 1 { "task" } else { "tasks" };
        let rest = if tally.done < tally.matched { "; the others moved on meanwhile" } else { "" };
        output.line(&format!("{done} {} of {} {tasks}{rest}", tally.done, tally.matched))?;
    }
    Ok(())
}
