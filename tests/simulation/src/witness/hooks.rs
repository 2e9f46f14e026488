//! What the hooks must be told: every claim before it is made, and every end whose write was answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use taskway_cloud::dynamo::{layout::attr, task_in};
use taskway_protocol::{Generation, State, Task, TaskId};

use super::{LifeKey, Witness, Writer, callbacks::is_same_end, life};

/// The calls of the hooks, and the writes that they must fit.
#[derive(Debug, Default)]
pub(super) struct Hooked {
    /// Processes, and the claims that they have announced.
    admitted: BTreeSet<(u32, LifeKey, Generation)>,
    /// Every end that was written. A generation ends once.
    ends: BTreeMap<(LifeKey, Generation), End>,
    /// The processes that were killed.
    killed: BTreeSet<u32>,
    /// The processes that have ended or were killed. A worker that stops gives up on what cannot be written in time, and the write
    /// may still arrive.
    over: BTreeSet<u32>,
}

/// An end that was written.
#[derive(Debug)]
struct End {
    state: State,
    process: u32,
    /// The process that wrote it has received the table's answer.
    answered: bool,
    reported: bool,
}

impl Witness {
    /// A process announces that it is about to claim a task.
    pub fn admits(&mut self, process: u32, id: TaskId, generation: Generation) {
        self.hooked.admitted.insert((process, life(id), generation));
    }

    /// A process reports that a task has ended.
    pub fn reports_end(&mut self, task: &Task) {
        let end = self
            .hooked
            .ends
            .get_mut(&(life(task.id), task.generation))
            .filter(|end| is_same_end(&end.state, &task.state));
        match end {
            Some(end) => end.reported = true,
            None => self.break_rule(format!("an end was reported that was not written: {task:?}")),
        }
    }

    /// A process is killed.
    pub fn kills(&mut self, process: u32) {
        self.hooked.killed.insert(process);
    }

    /// A process has ended or was killed.
    pub fn leaves(&mut self, process: u32) {
        self.hooked.over.insert(process);
    }

    /// A process receives the table's answer to an `UpdateItem` or to a batch of statements.
    pub fn answers(&mut self, process: u32, request: &[u8], answer: &str) {
        let Ok(mut answer) = serde_json::from_str::<Value>(answer) else { return };
        let Value::Array(answers) = answer["Responses"].take() else {
            let request = String::from_utf8_lossy(request);
            let item = [answer["Attributes"].take(), answer["Item"].take()].into_iter().find(Value::is_object);
            return self.answers_about(process, &request, item);
        };
        let statements = serde_json::from_slice::<Value>(request).map(|mut request| request["Statements"].take());
        let Ok(Value::Array(statements)) = statements else { return };
        for (statement, mut answer) in statements.iter().zip(answers) {
            let item = [answer["Item"].take(), answer["Error"]["Item"].take()].into_iter().find(Value::is_object);
            self.answers_about(process, &statement.to_string(), item);
        }
    }

    /// The process learns of the record that it wrote or that refused its write.
    fn answers_about(&mut self, process: u32, request: &str, item: Option<Value>) {
        let Some(Ok(Some(task))) = item.map(|item| task_in(&item)) else { return };
        let State::Ended { at, .. } = task.state else { return };
        // A process that gave up on its write may meet its end again by another request, and is not asked to recognise it. To make
        // the callback of that end is such a request, and it writes the time of the end once more.
        let is_callback = ["", "\\"].iter().any(|escape| request.contains(&format!("\"{}{escape}\"", attr::CHILDREN)));
        let is_same = request.contains(&format!("\"{}\"", at.as_millis())) && !is_callback;
        if let Some(end) = self.hooked.ends.get_mut(&(life(task.id), task.generation)) {
            let hears = end.process == process && !self.hooked.over.contains(&process);
            end.answered |= is_same && hears && is_same_end(&end.state, &task.state);
        }
    }

    pub(super) fn must_be_admitted(&mut self, claimed: &Task, writer: Writer) {
        let admitted = self.hooked.admitted.contains(&(writer.process, life(claimed.id), claimed.generation));
        self.must(admitted, || format!("a claim that was not announced: {claimed:?} by {writer:?}"));
    }

    pub(super) fn end_written(&mut self, task: &Task, writer: Writer) {
        let end = End { state: task.state.clone(), process: writer.process, answered: false, reported: false };
        self.hooked.ends.insert((life(task.id), task.generation), end);
    }

    /// A process that was answered has reported, unless it was killed in between.
    pub(super) fn ends_are_reported(&mut self) {
        let Hooked { ends, killed, .. } = &self.hooked;
        let silent = ends.values().find(|end| end.answered && !end.reported && !killed.contains(&end.process));
        let silent = silent.map(|end| format!("process {} did not report {:?}", end.process, end.state));
        self.must(silent.is_none(), || silent.unwrap_or_default());
    }
}
