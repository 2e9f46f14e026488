//! Memory of a worker that sends an uploaded payload of the largest size to a URL. It passes the bytes on as they come.

use std::{fs, time::Instant};

use anyhow::Context;
use axum::{Router, body::Body, routing::post};
use futures::StreamExt;
use tokio::{net::TcpListener, sync::mpsc};

use crate::{dev::Dev, options::Options, process::Process, report::Report};

/// The goal in MB.
const GOAL: f64 = 64.0;

/// The largest payload, 100 MiB.
const BYTES: usize = 104_857_600;

/// A secret, because a signature needs a pass of its own over the payload.
const SECRETS: (&str, &str) = ("TASKWAY_WEBHOOK_SECRETS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let bytes = if options.quick { BYTES / 20 } else { BYTES };
    let mut report = Report::new("large_payload", options);
    let taskway = options.taskway()?;
    let (received, mut lengths) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let receiver = Router::new().route(
        "/hook",
        post(async move |body: Body| {
            let length = body.into_data_stream().fold(0, async |sum, chunk| sum + chunk.map_or(0, |chunk| chunk.len()));
            // The benchmark may have ended.
            let _ = received.send(length.await);
        }),
    );
    tokio::spawn(async move { axum::serve(listener, receiver).await });

    // The worker has the normal lane, so that nothing but the task is in its memory.
    let dev = Dev::start(&taskway, &["--lanes", "high", "--allow-http", "127.0.0.1"])?;
    let settings = [dev.settings(), vec![(SECRETS.0, SECRETS.1.to_owned())]].concat();
    let mut worker = Process::start(&taskway, &["worker", "--lanes", "normal"], &settings)?;
    worker.line(|line| (line == "ready").then_some(()))?;
    report.found("worker, idle", worker.usage()?.memory_mb, "MB");

    let file = std::env::temp_dir().join(format!("taskway-payload-{}.json", std::process::id()));
    fs::write(&file, format!("\"{}\"", "payload ".repeat(bytes / 8 - 1)))?;
    let began = Instant::now();
    let path = file.to_string_lossy();
    let submit = ["submit", "--http", &url, "--payload-file", &path, "--url", dev.api()?, "--watch"];
    let submitted = Process::start(&taskway, &submit, &[]).and_then(Process::success);
    let written = fs::metadata(&file)?.len();
    fs::remove_file(&file)?;
    submitted?;
    let took = began.elapsed().as_secs_f64();
    let length = lengths.try_recv().context("the receiver got nothing")?;
    anyhow::ensure!(u64::try_from(length)? == written, "the receiver got {length} of {written} bytes");
    report.found("payload", f64::from(u32::try_from(length)?) / 1e6, "MB");
    report.found("upload, submit and signed delivery", took, "s");
    report.limited("worker, its peak", worker.usage()?.peak_mb, "MB", GOAL);
    Ok(report)
}
