//! Every operation of the API. Their ids are a verb and what it is done to: `getTask` is about one, `cancelTasks` about many.

mod queues;
mod schedules;
mod stack;
mod tasks;

use crate::operation::Operation;

pub(crate) fn operations() -> Vec<Operation> {
    [tasks::operations(), schedules::operations(), queues::operations(), stack::operations()]
        .into_iter()
        .flatten()
        .collect()
}
