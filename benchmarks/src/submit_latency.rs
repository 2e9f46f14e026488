//! How long a submit takes over HTTP, against the two calls that it cannot do without, in turn.

use std::{net::Ipv4Addr, time::Instant};
use taskway_engine::Services;

use anyhow::Context;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use taskway_submit::{Submit, validate::Limits};
use tokio::net::TcpListener;

use crate::{
    api::NO_OP,
    endpoints::Endpoints,
    options::Options,
    report::{Report, median, quantile},
};

/// What HTTP, JSON, validation and the record's making may add, in ms.
const GOAL: f64 = 1.0;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let requests = if options.quick { 200 } else { 5_000 };
    let mut report = Report::new("submit_latency", options);
    report.progress(format!("{requests} of each, in turn, one at a time"));
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
    // The very record and message that a submit makes, but for the key.
    post().await?;
    let record = dynamodb.scan().table_name(&place.table).limit(1).send().await?.items.unwrap_or_default();
    let mut record = record.into_iter().next().context("the submitted task is not in the table")?;
    let message = sqs.receive_message().queue_url(&place.normal).wait_time_seconds(5).send().await?;
    let message = message.messages.unwrap_or_default().into_iter().find_map(|message| message.body);
    let message = message.context("the submitted task is not in its queue")?;
    let run = Instant::now().elapsed().as_nanos() ^ u128::from(std::process::id());

    let (mut submits, mut bares) = (Vec::new(), Vec::new());
    for round in 0..requests {
        let began = Instant::now();
        post().await?;
        submits.push(began.elapsed().as_secs_f64() * 1000.0);

        record.insert("PK".to_owned(), AttributeValue::S(format!("task#{run:010}-{round:010}")));
        let record = record.clone();
        let began = Instant::now();
        let put = dynamodb
            .put_item()
            .table_name(&place.table)
            .set_item(Some(record))
            .condition_expression("attribute_not_exists(#pk) OR #ttl <= :now")
            .expression_attribute_names("#pk", "PK")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", AttributeValue::N("1764000000".to_owned()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
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
