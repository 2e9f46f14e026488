//! What handlers did, in the order in which they did it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use taskway::{Context, Failure, Handlers, Task};
use taskway_protocol::TaskId;
use tokio::sync::Semaphore;

/// One start of a handler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Whose.
    pub id: TaskId,
    /// Which attempt.
    pub attempt: u32,
    /// Which claim.
    pub fence: u32,
}

/// What handlers did. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Effects(Arc<Mutex<Vec<Effect>>>);

/// What a handler waits at until the test lets it through.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Gate(Arc::new(Semaphore::new(0)))
    }
}

impl Gate {
    /// Lets one through.
    pub fn open(&self) {
        self.0.add_permits(1);
    }

    /// Waits to be let through.
    pub async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

impl Effects {
    /// Notes that a handler began.
    pub fn note(&self, cx: &Context) {
        self.0.lock().unwrap().push(Effect { id: cx.id(), attempt: cx.attempt(), fence: cx.fence() });
    }

    /// All there are.
    pub fn all(&self) -> Vec<Effect> {
        self.0.lock().unwrap().clone()
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    /// How many of one task.
    pub fn of(&self, id: TaskId) -> usize {
        self.all().iter().filter(|effect| effect.id == id).count()
    }

    /// Handlers that note themselves: `note` returns its payload, `flaky` fails its first attempts, as many as its
    /// payload says, and `large` returns as many bytes as its payload says.
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

    /// Those and `gate`, which notes itself, then waits at the gate, then returns its fence.
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
