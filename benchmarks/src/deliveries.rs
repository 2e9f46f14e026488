//! Deliveries to a URL by the executor's own client, compared with a loop that makes the same requests and nothing else.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, routing::post};
use taskway::{
    Context,
    attempt::{Input, Outcome},
};
use taskway_executor::targets::http::{Allowed, Http, Secrets};
use taskway_protocol::{Fence, HttpTarget, Target, TaskId, TaskKey, Time, content::TaskContent};
use taskway_runtime::clock::{Clock, SystemClock};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    options::Options,
    report::{Report, median},
};

/// How many requests are under way at once: as many as a worker has places.
const AT_ONCE: usize = 64;

/// The time by the executor's client, divided by the time of the loop. The rates are as 1 to 0.8 then.
const AIM: f64 = 1.25;

/// What is sent.
const BODY: &str = r#"{"user":42,"template":"welcome","names":["Ada","Grace"]}"#;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Report> {
    let (requests, rounds) = if options.quick { (2_000, 2) } else { (40_000, options.rounds.max(5)) };
    let mut report = Report::new("deliveries", options);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let receiver = Router::new().route("/hook", post(async |body: String| format!("{}", body.len())));
    tokio::spawn(async move { axum::serve(listener, receiver).await });

    let secrets = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let unsigned = Http::new(Allowed::parse("127.0.0.1")?, Secrets::default())?;
    let signed = Http::new(Allowed::parse("127.0.0.1")?, Secrets::parse(secrets)?)?;
    let bare = reqwest::Client::builder().no_proxy().build()?;
    let mut times = [const { Vec::new() }; 3];
    for round in 1..=rounds {
        let took = [
            at_once(requests, || post_bare(bare.clone(), url.clone())).await?,
            at_once(requests, || deliver(unsigned.clone(), url.clone())).await?,
            at_once(requests, || deliver(signed.clone(), url.clone())).await?,
        ];
        report.progress(format!("round {round} of {rounds}: {took:.2?}"));
        times.iter_mut().zip(took).for_each(|(times, took)| times.push(took.as_secs_f64()));
    }
    let rate = |times: &[f64]| f64::from(requests) / median(times.iter().copied());
    // In turn in each round, so that what else the machine does falls on all.
    let ratio = |times: &[f64; 3], at: usize| times[at] / times[0];
    let rounds: Vec<[f64; 3]> = (0..times[0].len()).map(|at| [times[0][at], times[1][at], times[2][at]]).collect();
    report.found("requests of a bare loop", rate(&times[0]), "1/s");
    report.found("deliveries", rate(&times[1]), "1/s");
    report.found("deliveries with a signature", rate(&times[2]), "1/s");
    for (at, what) in [(1, "delivery / bare request, time"), (2, "signed delivery / bare request, time")] {
        report.aimed(what, median(rounds.iter().map(|times| ratio(times, at))), "", AIM);
    }
    Ok(report)
}

/// The time of so many requests, some at once.
async fn at_once<F>(requests: u32, make: impl Fn() -> F) -> anyhow::Result<Duration>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let began = Instant::now();
    let mut under_way = JoinSet::new();
    for _ in 0..requests {
        if under_way.len() == AT_ONCE
            && let Some(done) = under_way.join_next().await
        {
            done??;
        }
        under_way.spawn(make());
    }
    while let Some(done) = under_way.join_next().await {
        done??;
    }
    Ok(began.elapsed())
}

/// Headers as long as those of a delivery, so that the receiver has as much to read.
const HEADERS: [(&str, &str); 7] = [
    ("accept-encoding", "identity"),
    ("content-type", "application/json"),
    ("user-agent", "taskway/0.1.0"),
    ("webhook-id", "0000000007070707070707070707070707070707"),
    ("webhook-timestamp", "1800000000"),
    ("taskway-attempt", "1"),
    ("taskway-fence", "1"),
];

async fn post_bare(client: reqwest::Client, url: String) -> anyhow::Result<()> {
    let request = HEADERS.iter().fold(client.post(url), |request, (name, value)| request.header(*name, *value));
    let answer = request.body(BODY).send().await?;
    anyhow::ensure!(answer.status().is_success(), "the receiver answered {}", answer.status());
    answer.bytes().await?;
    Ok(())
}

async fn deliver(http: Http, url: String) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let id = TaskId { key: TaskKey::from_bytes([7; 16]), born: Time::default() };
    let cx = Context::new(id, 1, Fence(1), clock.now().after(Duration::from_secs(60)), None, clock);
    let target = HttpTarget::post(url);
    let payload = Some(serde_json::from_str(BODY)?);
    let content = TaskContent { payload, ..TaskContent::of(Target::Http(target.clone())) };
    let input = Input { id, queue: "default".into(), content, large: None };
    let outcome = http.deliver(target, input, cx).await;
    anyhow::ensure!(matches!(outcome, Outcome::Done(_)), "the delivery ended as {outcome:?}");
    Ok(())
}
