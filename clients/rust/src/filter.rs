//! Which tasks a list shows, and which a change of many is about.

use taskway_api::{BulkRequest, MOST_TASKS};

/// Which tasks a list shows: all of these must hold. The default is every task.
#[derive(Clone, Default, Debug)]
pub struct Filter(Vec<(String, String)>);

/// Which tasks a change of many is about: all of these must hold.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    request: BulkRequest,
    /// `None` is any task. An empty list is none, and must not mean every task.
    ids: Option<Vec<Box<str>>>,
}

impl Filter {
    /// Every task.
    pub fn new() -> Self {
        Filter::default()
    }

    /// Only tasks of this queue.
    #[must_use]
    pub fn queue(self, name: &str) -> Self {
        self.parameter("queue".to_owned(), name)
    }

    /// Only tasks in this state. The dead are in one.
    #[must_use]
    pub fn state(self, state: &str) -> Self {
        self.parameter("state".to_owned(), state)
    }

    /// Only tasks with this label.
    #[must_use]
    pub fn label(self, name: &str, value: &str) -> Self {
        self.parameter(format!("label.{name}"), value)
    }

    /// The callbacks of this task, the oldest first.
    #[must_use]
    pub fn parent_id(self, id: &str) -> Self {
        self.parameter("parent_id".to_owned(), id)
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().cloned()
    }

    fn parameter(mut self, name: String, value: &str) -> Self {
        self.0.push((name, value.to_owned()));
        self
    }
}

impl Selection {
    /// Without a filter. Cancelling wants one, and redriving takes every failed task.
    pub fn new() -> Self {
        Selection::default()
    }

    /// Every task. Other filters are refused beside it.
    pub fn all() -> Self {
        BulkRequest { all: true, ..BulkRequest::default() }.into()
    }

    /// Tasks of this queue.
    #[must_use]
    pub fn queue(mut self, name: &str) -> Self {
        self.request.queue = Some(name.into());
        self
    }

    /// Tasks in this state. Redriving takes none.
    #[must_use]
    pub fn state(mut self, state: &str) -> Self {
        self.request.state = Some(state.into());
        self
    }

    /// Tasks with this label.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.request.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Of these tasks. None of them is no task.
    #[must_use]
    pub fn ids<S: AsRef<str>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        Selection { ids: Some(ids.into_iter().map(|id| id.as_ref().into()).collect()), ..self }
    }

    /// The requests that this selection takes: ids go into calls of 500.
    pub(crate) fn requests(self) -> Vec<BulkRequest> {
        let Selection { request, ids } = self;
        let Some(ids) = ids else { return vec![request] };
        let named = |ids: &[Box<str>]| BulkRequest { ids: ids.to_vec(), ..request.clone() };
        ids.chunks(MOST_TASKS as usize).map(named).collect()
    }
}

impl From<BulkRequest> for Selection {
    fn from(request: BulkRequest) -> Self {
        Selection { request, ids: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ids_are_no_call_and_many_are_several() {
        let calls = |ids: usize| Selection::new().queue("q").ids((0..ids).map(|id| id.to_string())).requests();
        assert_eq!([0, 1, 500, 501].map(|ids| calls(ids).len()), [0, 1, 1, 2]);
        assert_eq!(calls(501).iter().map(|call| call.ids.len()).collect::<Vec<_>>(), [500, 1]);
        assert_eq!(Selection::new().requests().len(), 1);
    }
}
