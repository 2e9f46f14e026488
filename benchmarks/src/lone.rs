//! The time of a task that is alone, from its submit to the answer that its outcome is written. Batches of writes must not
//! make it longer, so it is measured with them and without them, alternately.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, SharedInterceptor,
        interceptors::AfterDeserializationInterceptorContextRef,
    },
    error::BoxError,
    operation::{batch_execute_statement::BatchExecuteStatementOutput, update_item::UpdateItemOutput},
};
use taskway::{Context, Handlers, Task};
use taskway_engine::Services;
use taskway_executor::{
    Executor,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
    worker::{self, WorkerOptions},
};
use taskway_submit::{Submit, validate::Limits};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Api, NO_OP},
    endpoints::{Endpoints, Place},
    options::Options,
    report::{Report, median, quantile},
};

/// The time with batches, divided by the time without.
const AIM: f64 = 1.05;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let (tasks, rounds) = if options.quick { (20, 1) } else { (1_000, options.rounds.max(1)) };
    let mut report = Report::new("lone_task", options);
    let endpoints = Endpoints::open(options).await?;
    let (mut single, mut batches) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        for (in_batches, found) in [(false, &mut single), (true, &mut batches)] {
            let times = one_by_one(&endpoints.place, in_batches, tasks).await?;
            let written = if in_batches { "in batches" } else { "one by one" };
            let ms = median(times.iter().copied());
            report.progress(format!("round {round} of {rounds}, writes {written}: {ms:.2} ms"));
            found.extend(times);
        }
    }
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (single, batches) = (quantile(single.clone(), share), quantile(batches.clone(), share));
        report.found(format!("submit to done, writes one by one, {name}"), single, "ms");
        report.found(format!("submit to done, writes in batches, {name}"), batches, "ms");
        report.aimed(format!("in batches / one by one, {name}"), batches / single, "", AIM);
    }
    Ok(report)
}

/// Submits each task when the one before is done. Returns their times in ms.
async fn one_by_one(place: &Place, in_batches: bool, tasks: usize) -> anyhow::Result<Vec<f64>> {
    let done = Done::default();
    let (store, lanes) = place.adapters_with(Some(SharedInterceptor::new(done.clone())), in_batches).await;
    let services = Services::new(store, lanes);
    let api = Api::new(Submit::new(services.clone(), Limits::default()));
    let ran = done.clone();
    let handlers = Handlers::new().on("echo", move |_: Task<()>, _: Context| {
        ran.0.ran.store(true, Ordering::SeqCst);
        std::future::ready(Ok(()))
    });
    let executor = Executor::new(services, Targets::new(handlers, Http::new(Allowed::default(), Secrets::default())?)?);
    let stop = CancellationToken::new();
    let polling = tokio::spawn(worker::poll(Arc::new(executor), WorkerOptions::default(), stop.clone()));
    let mut times = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        let began = Instant::now();
        api.submit(NO_OP).await?;
        times.push(done.wait().await.duration_since(began).as_secs_f64() * 1000.0);
    }
    stop.cancel();
    polling.await?;
    Ok(times)
}

/// Sees when the outcome of the one task is written: at the first answer to a change after its handler ran.
#[derive(Clone, Debug, Default)]
struct Done(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    ran: AtomicBool,
    at: Mutex<Option<Instant>>,
    written: Notify,
}

impl Done {
    async fn wait(&self) -> Instant {
        loop {
            if let Some(at) = self.0.at.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return at;
            }
            self.0.written.notified().await;
        }
    }
}

impl Intercept for Done {
    fn name(&self) -> &'static str {
        "done"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_change = context.output_or_error().is_ok_and(|output| {
            output.downcast_ref::<UpdateItemOutput>().is_some()
                || output.downcast_ref::<BatchExecuteStatementOutput>().is_some()
        });
        if is_change && self.0.ran.swap(false, Ordering::SeqCst) {
            *self.0.at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            self.0.written.notify_one();
        }
        Ok(())
    }
}
