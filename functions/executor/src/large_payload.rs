//! Payloads in the bucket, as targets read them.

use std::{io, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use taskway::attempt::{Chunks, Outcome, Source, Wait};
use taskway_cloud::objects::Objects;
use taskway_protocol::{ErrorKind, Object, TaskId};

use crate::executor::Executor;

/// A task's payload in the bucket.
#[derive(Debug)]
struct Large {
    objects: Objects,
    object: Object,
    task: TaskId,
}

impl Source for Large {
    fn bytes(&self) -> u64 {
        self.object.bytes
    }

    fn open(&self) -> BoxFuture<'static, io::Result<Chunks>> {
        let (objects, object, task) = (self.objects.clone(), self.object, self.task);
        async move { objects.open(&object, task).await.map_err(io::Error::other) }.boxed()
    }
}

impl Executor {
    /// This task's payload in the bucket.
    pub(crate) fn large_payload(&self, object: Object, task: TaskId) -> Result<Arc<dyn Source>, Outcome> {
        match &self.services.objects {
            Some(objects) => Ok(Arc::new(Large { objects: objects.clone(), object, task })),
            // Another process may know it: a worker may have been started without the setting.
            None => Err(Outcome::Retry {
                kind: ErrorKind::Payload,
                message: "the payload is in a bucket, and this executor knows none: set TASKWAY_BUCKET".to_owned(),
                wait: Wait::Policy,
            }),
        }
    }
}
