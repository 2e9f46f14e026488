//! Making a task whose id every process computes alike.

use taskway_cloud::dynamo::{Created, StoreError, fitted};
use taskway_protocol::{NewTask, Step, Stored, Task, unclaimed};
use taskway_runtime::{faults::CrashPoint, log::causes};

use crate::services::Services;

/// Where a test can let a process die that makes a task.
pub(crate) struct Points {
    /// The record is put, and the message not yet sent.
    pub(crate) put: CrashPoint,
    /// The message is sent.
    pub(crate) sent: CrashPoint,
}

/// Makes the task, unless there is one, and returns its record. Afterwards a message in its lane or an entry in the agenda
/// carries the task. Any number of processes may do this, if each gives the task the same id.
///
/// # Errors
/// [`StoreError::Unavailable`]: the task may or may not be in the table.
pub(crate) async fn place(services: &Services, new: NewTask, points: Points) -> Result<Task, StoreError> {
    let new = fitted(new);
    let id = new.task.id;
    if let Stored::TextPart(digest) = &new.task.spec.body {
        services.store.put_part(&id.key, digest, &new.text, new.keep_text_until()).await?;
    }
    let (created, ()) = futures::join!(services.store.create_once(&new.task), services.note_queue(&new.task));
    let task = match created? {
        Created::New => {
            services.faults.reach(points.put).await;
            new.task
        }
        Created::Exists(task, _) => *task,
    };
    // If the task was there, the process that put it may have died before it sent the message.
    if task.id == id && unclaimed(&task).is_some() {
        send(services, &NewTask { task: task.clone(), text: new.text }).await?;
        services.faults.reach(points.sent).await;
    }
    Ok(task)
}

/// Sends the first message of a task. If the queue refuses, the agenda carries the task instead.
async fn send(services: &Services, new: &NewTask) -> Result<(), StoreError> {
    let (Some(message), Some(due)) = (new.message(), unclaimed(&new.task)) else { return Ok(()) };
    let Err(error) = services.send(&message).await else { return Ok(()) };
    let id = new.task.id;
    tracing::warn!(task.id = %id, error = %causes(&error), "cannot send the message of task {id}; parking the task");
    match services.write(id, Step::Park { due }).await {
        // On a conflict the message was sent after all, or another process parked the task.
        Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
