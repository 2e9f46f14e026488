//! The starts of handlers, in their order.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_protocol::TaskId;
use tokio::sync::Semaphore;

/// One start of a handler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The task.
    pub id: TaskId,
    /// The number of the attempt.
    pub attempt: u32,
    /// The fence of the claim.
    pub fence: u32,
}

/// The starts of handlers so far. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Effects(Arc<Mutex<Vec<Effect>>>);

/// A gate at which a handler waits until the test opens it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Gate(Arc::new(Semaphore::new(0)))
    }
}

impl Gate {
    /// Lets one handler pass.
    pub fn open(&self) {
        self.0.add_permits(1);
    }

    /// Waits until the gate opens.
    pub async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

impl Effects {
    /// Notes a start.
    pub fn note(&self, cx: &Context) {
        self.0.lock().unwrap().push(Effect { id: cx.id(), attempt: cx.attempt(), fence: cx.fence() });
    }

    /// All starts so far.
    pub fn all(&self) -> Vec<Effect> {
        self.0.lock().unwrap().clone()
    }

    /// The number of starts.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// The number of starts of one task.
    pub fn of(&self, id: TaskId) -> usize {
        self.all().iter().filter(|effect| effect.id == id).count()
    }

    /// Handlers that note their starts. `note` returns its payload. `flaky` fails as many attempts as its payload says.
    /// `large` returns as many bytes as its payload says.
    pub fn handlers(&self) -> Handlers {
        let noted = || {
            let effects = self.clone();
            move |cx: &Context| effects.note(cx)
        };
        let (note, flaky, large) = (noted(), noted(), noted());
        Handlers::new()
            .on("note", move |task: Task<Value>, cx: Context| {
                note(&cx);
                async move { Ok(task.payload) }
            })
            .on("flaky", move |task: Task<u32>, cx: Context| {
                flaky(&cx);
                async move {
                    if cx.attempt() <= task.payload { Err(Failure::retry("as told")) } else { Ok(cx.attempt()) }
                }
            })
            .on("large", move |task: Task<usize>, cx: Context| {
                large(&cx);
                async move { Ok(json!("x".repeat(task.payload))) }
            })
    }

    /// These handlers and `gate`, which notes its start, waits at the gate, and returns its fence.
    pub fn gated(&self, gate: &Gate) -> Handlers {
        let (effects, gate) = (self.clone(), gate.clone());
        self.handlers().on("gate", move |_: Task<Value>, cx: Context| {
            effects.note(&cx);
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(cx.fence())
            }
        })
    }
}
