//! The executor as Lambda runs it: event source mappings poll in its role and hand it batches over HTTP.

use std::sync::Arc;

use axum::{Router, body::Bytes, routing::post};
use taskway_executor::{Executor, batch};
use taskway_local::{
    functions::Functions,
    mapping::{MappedLanes, Mapping},
};
use taskway_runtime::clock::Clock;
use taskway_tests::World;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// The timeout of an invocation, in milliseconds.
const TIMEOUT: u64 = 900_000;

/// Concurrent batches of a lane. Two are needed, because a test lets one batch wait while another runs.
const AT_ONCE: usize = 2;

/// Serves the executor and feeds it until the returned set is dropped.
pub(super) async fn start(world: &World, executor: Arc<Executor>) -> JoinSet<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let clock = world.clock.clone();
    let invoke = post(move |event: Bytes| {
        let (executor, deadline) = (Arc::clone(&executor), clock.now().as_millis() + TIMEOUT);
        async move {
            let event = serde_json::from_slice(&event).unwrap();
            serde_json::to_vec(&batch::run(&executor, event, deadline).await).unwrap()
        }
    });
    let router = Router::new().route("/2015-03-31/functions/taskway-executor/invocations", invoke);
    let mut work = JoinSet::new();
    work.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let functions = Functions::at("--functions", &url).unwrap();
    for mapping in Mapping::all(&world.stack).await.unwrap() {
        for _ in 0..AT_ONCE {
            let lanes = MappedLanes::of(&world.stack);
            work.spawn(mapping.clone().feed(functions.clone(), lanes, CancellationToken::new()));
        }
    }
    work
}
