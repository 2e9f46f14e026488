//! Making the callback of a task that has ended.

use taskway_cloud::dynamo::StoreError;
use taskway_protocol::{End, NewTask, Stored, Task, content::TaskContent};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::{
    place::{Points, place},
    services::Services,
};

/// Where a test can let a process die that makes a callback.
const POINTS: Points = Points { put: CrashPoint::CallbackPut, sent: CrashPoint::CallbackSent };

impl Services {
    /// Makes the callback that the task owes, and then writes that it owes none. Any number of processes may do this for one
    /// end: the callback's id is always the same. Returns the record as it stands then, or `None` if it has changed.
    ///
    /// # Errors
    /// When the callback may not be made yet. A tick makes it.
    pub async fn call_back(&self, task: &Task) -> Result<Option<Task>, StoreError> {
        let Some(step) = task.called_back() else { return Ok(Some(task.clone())) };
        self.faults.reach(CrashPoint::CallbackOwed).await;
        match self.callback(task).await? {
            Some(new) => {
                place(self, new, POINTS).await?;
            }
            // Only a person can have removed it. Nothing else would ever settle the task.
            None => {
                tracing::error!(task.id = %task.id, "the content of task {} is gone; no callback is made", task.id)
            }
        }
        match self.write(task.id, step).await {
            Ok(settled) => Ok(Some(settled)),
            // Another process has made it.
            Err(StoreError::Conflict(_) | StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// [`call_back`](Services::call_back) for a task that this process has just ended. If that fails, a tick does it.
    pub(crate) async fn call_back_soon(&self, task: Task) -> Task {
        match self.call_back(&task).await {
            Ok(settled) => settled.unwrap_or(task),
            Err(error) => {
                let id = task.id;
                tracing::warn!(task.id = %id, error = %causes(&error), "cannot make the callback of task {id}; a tick will");
                task
            }
        }
    }

    /// The callback's task. `None` if the content of the ended task is gone or has no such callback.
    ///
    /// # Errors
    /// Also when the content cannot be read. Only a newer release may know its form, so the callback stays owed.
    async fn callback(&self, task: &Task) -> Result<Option<NewTask>, StoreError> {
        let Some(text) = self.stored_text(task, &task.spec.body).await? else { return Ok(None) };
        let content = TaskContent::from_text(&text, &task.spec.route)
            .map_err(|error| StoreError::Unavailable { throttled: false, source: error.into() })?;
        let callback = match task.owed_callback() {
            Some((_, End::Succeeded)) => &content.on_success,
            Some((_, End::Failed | End::Expired | End::Cancelled)) => &content.on_failure,
            None => return Ok(None),
        };
        let Some(callback) = callback else { return Ok(None) };
        let result = match &task.result {
            Some(result) if callback.payload.is_none() => self.stored_text(task, result).await?,
            Some(_) | None => None,
        };
        Ok(callback.task(task, &content, result.as_deref()))
    }

    /// A text of a task's record. `None` if the part that holds it is gone, or if the text is in the bucket.
    async fn stored_text(&self, task: &Task, stored: &Stored) -> Result<Option<Box<str>>, StoreError> {
        match stored {
            Stored::Inline(text) => Ok(Some(text.clone())),
            Stored::TextPart(digest) => match self.store.get_part(&task.id.key, digest).await {
                Ok(text) => Ok(Some(text.into())),
                Err(StoreError::NotFound) => Ok(None),
                Err(error) => Err(error),
            },
            // It is larger than what a callback may be told.
            Stored::Object(_) => Ok(None),
        }
    }
}
