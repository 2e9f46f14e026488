//! A process that makes the callback of a task that has ended. Executors, ticks and the API do it in the same way.

use taskway_protocol::Task;

use crate::{instant::Tick, record::Record, scene::Scene};

/// A callback that a process makes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct Calling {
    /// The ended task, as the process has read or written it.
    read: Record,
    next: Next,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Next {
    /// It puts the callback's record, unless it is there.
    Put,
    /// It sends the callback's message. If an executor has the callback already, it need not.
    Send,
    /// It parks the callback, because the queue did not accept the message.
    Park,
    /// It writes that nothing is owed any more.
    Settle,
}

impl Calling {
    /// Making the callback that the task owes. `None` if it owes none.
    pub(crate) fn of(task: &Task) -> Option<Self> {
        task.owed_callback().map(|_| Calling { read: Record::of(task, false), next: Next::Put })
    }

    /// The task, as the process knows it.
    pub(crate) fn read(&self) -> &Record {
        &self.read
    }

    /// Whether it sends now.
    pub(crate) fn sends(&self) -> bool {
        self.next == Next::Send
    }

    /// Does the next thing. `None` after the last one.
    pub(crate) fn step(self, scene: &mut Scene, send_refused: bool) -> Option<Self> {
        let task = self.read.task();
        let (id, _) = task.owed_callback()?;
        let next = match self.next {
            Next::Put => {
                scene.world.children.put(id);
                Next::Send
            }
            Next::Send if send_refused => Next::Park,
            Next::Send | Next::Park => {
                scene.world.children.carry(id);
                Next::Settle
            }
            Next::Settle => {
                // A refusal means that another process has made the callback.
                let _ = scene.write(self.read.life, &task.called_back()?);
                return None;
            }
        };
        Some(Calling { next, ..self })
    }

    /// The same after `by` has passed.
    pub(crate) fn later(self, by: Tick) -> Self {
        Calling { read: self.read.later(by), ..self }
    }
}
