//! Reads the store's debug log events to count which steps were written and which were refused.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::{cloud::Cloud, lock::lock};

/// The target of the store's log events.
const STORE: &str = "taskway_cloud::dynamo::store";

/// A tracing subscriber for a thread that runs one world after another.
#[derive(Clone, Debug, Default)]
pub struct Observer(Arc<Mutex<Option<Arc<Cloud>>>>);

impl Observer {
    /// Counts the following events for this world, or ignores them.
    pub fn listen(&self, cloud: Option<Arc<Cloud>>) {
        *lock(&self.0) = cloud;
    }
}

#[derive(Default)]
struct Said {
    step: Option<String>,
    refusal: Option<String>,
    failed: bool,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "task.step" => self.step = Some(value.to_owned()),
            "task.refusal" => self.refusal = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, _: &dyn fmt::Debug) {
        self.failed |= field.name() == "error";
    }
}

impl Subscriber for Observer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == STORE
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut said = Said::default();
        event.record(&mut said);
        let cloud = lock(&self.0).clone();
        if let (Some(cloud), Some(step)) = (cloud, said.step) {
            match said.refusal {
                Some(refusal) => {
                    cloud.tell(format_args!("{step} is refused: {refusal}"));
                    cloud.coverage().refused(&step, &refusal);
                }
                None if said.failed => {}
                None => cloud.coverage().wrote(&step),
            }
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
