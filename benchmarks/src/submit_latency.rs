//! The time of a submit over HTTP, compared with its two SDK calls. Both are measured alternately.

use std::{net::Ipv4Addr, time::Instant};

use anyhow::Context;
use serde::Deserialize;
use taskway_engine::Services;
use taskway_protocol::{TaskId, TaskKey};
use taskway_runtime::random::{Random, SystemRandom};
use taskway_submit::{Submit, validate::Limits};
use tokio::net::TcpListener;

use crate::{
    api::NO_OP,
    bare,
    endpoints::Endpoints,
    options::Options,
    report::{Report, median, quantile},
};

/// The time that HTTP, JSON, validation and building the record may add, in ms.
const GOAL: f64 = 1.0;

/// The part of an answer that this benchmark needs.
#[derive(Deserialize)]
struct Submitted {
    id: String,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let requests = if options.quick { 200 } else { 5_000 };
    let mut report = Report::new("submit_latency", options);
    report.progress(format!("{requests} submits and {requests} pairs of calls, alternately"));
    let endpoints = Endpoints::open(options).await?;
    let place = &endpoints.place;

    let (store, lanes) = place.adapters(None).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/v1/tasks", listener.local_addr()?);
    let router = taskway_submit::router(Submit::new(Services::new(store, lanes), Limits::default()));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let post = || async {
        let request = http.post(&url).header("content-type", "application/json").body(NO_OP);
        let answer = request.send().await?.error_for_status()?;
        anyhow::Ok(answer.bytes().await?)
    };

    let (dynamodb, sqs) = place.clients(None).await;
    // The record and the message of a real submit. Only the key changes.
    let submitted: Submitted = serde_json::from_slice(&post().await?)?;
    let id = TaskId::parse(&submitted.id).with_context(|| format!("{} is not a task id", submitted.id))?;
    let table = bare::Table::new(dynamodb, &place.table);
    let record = table.record(&id.key).await?;
    let received = sqs.receive_message().queue_url(&place.normal).wait_time_seconds(5).send().await?;
    let message = received.messages.unwrap_or_default().into_iter().find_map(|message| message.body);
    let message = message.context("the message of the submitted task is not in its queue")?;

    let (mut submits, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..requests {
        let began = Instant::now();
        post().await?;
        submits.push(began.elapsed().as_secs_f64() * 1000.0);

        let record = bare::Table::copy(&record, &TaskKey::from_bytes(SystemRandom.bytes()));
        let began = Instant::now();
        let put = table.put(record);
        let send = sqs.send_message().queue_url(&place.normal).message_body(&message).delay_seconds(0).send();
        let (put, sent) = futures::join!(put, send);
        put?;
        sent?;
        bares.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    serving.abort();

    report.found("POST /v1/tasks, p50", median(submits.iter().copied()), "ms");
    report.found("POST /v1/tasks, p99", quantile(submits.iter().copied(), 0.99), "ms");
    report.found("PutItem and SendMessage, p50", median(bares.iter().copied()), "ms");
    report.found("PutItem and SendMessage, p99", quantile(bares.iter().copied(), 0.99), "ms");
    report.limited("difference of the p50s", median(submits) - median(bares), "ms", GOAL);
    Ok(report)
}
