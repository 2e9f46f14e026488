//! `taskway dev`: runs the stack until Ctrl-C.

use std::{
    io::{self, Write},
    net::IpAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use taskway_cloud::aws;
use taskway_executor::{
    handlers,
    targets::http::{Allowed, Secrets},
    worker::{self, Signals, WorkerOptions},
};
use taskway_protocol::{AllowedFunctions, Priority};
use taskway_runtime::{clock::SystemClock, env::Env};
use taskway_scheduler::{LOOK_AGAIN, Scheduler};
use taskway_submit::{ExecutorKind, LONGEST_INVOCATION};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    functions::Functions,
    mapping::{MappedLanes, Mapping},
    running::Stack,
    setup::{NAME, Setup, TEMPLATE},
    ticker::{self, Continuing},
};
use crate::{emulator::account::REGION, lambda};

/// The options of `taskway dev`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data directory; `None` keeps tasks in memory.
    pub data: Option<PathBuf>,
    /// The address that the ports are on.
    pub bind: IpAddr,
    /// Names by which the stack is reached, beside those of loopback.
    pub allow_hosts: Vec<String>,
    /// The API's port.
    pub port: u16,
    /// DynamoDB's port.
    pub dynamodb_port: u16,
    /// SQS's port.
    pub sqs_port: u16,
    /// S3's port. `None` takes its own, or any free one if another program has that.
    pub s3_port: Option<u16>,
    /// The URL at which `cargo lambda watch` serves Taskway's own functions. `None` runs them in this process.
    pub functions: Option<String>,
    /// The URL at which the functions are served that tasks call. `None` takes that of `functions`.
    pub lambda: Option<String>,
    /// The template's path; `None` takes the built-in template.
    pub template: Option<PathBuf>,
    /// The private networks that HTTP targets may be in.
    pub allow_http: Vec<String>,
    /// The most tasks that run in parallel.
    pub concurrency: usize,
    /// The lanes that this process polls. Other workers may poll the other lanes.
    pub lanes: Vec<Priority>,
}

/// A pattern that allows every function.
const ANY_FUNCTION: &str = "*";

/// The longest time of a tick. The scheduler function has as much: its timeout is 60 s.
const TICK: Duration = Duration::from_secs(50);

/// Runs the stack until Ctrl-C or SIGTERM. Then lets running tasks and open requests end.
///
/// # Errors
/// If a port is taken, the data directory cannot be used, or the template cannot be read.
pub async fn run(options: Options) -> anyhow::Result<()> {
    taskway_runtime::log::init("warn,dynoxide=error");
    let mut signals = Signals::listen()?;
    // Before anything is created.
    aws::execution_environment()?;
    let allowed = Allowed::parse(&options.allow_http.join(",")).context("--allow-http or TASKWAY_HTTP_ALLOW")?;
    let mut env = Env::new();
    let secrets = env.parsed("TASKWAY_WEBHOOK_SECRETS", Secrets::parse).unwrap_or_default();
    env.finish()?;
    let template = match &options.template {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => TEMPLATE.to_owned(),
    };
    let own = options.functions.as_deref().map(|url| Functions::at("--functions", url)).transpose()?;
    let called = options.lambda.as_deref().map(|url| Functions::at("--lambda", url)).transpose()?;
    let executor = if options.functions.is_some() { ExecutorKind::Lambda } else { ExecutorKind::Worker };
    let mut stack = Stack::start(Setup {
        template,
        data: options.data.clone(),
        bind: options.bind,
        hosts: options.allow_hosts.clone(),
        port: options.port,
        dynamodb_port: options.dynamodb_port,
        sqs_port: options.sqs_port,
        s3_port: options.s3_port,
        clock: Arc::new(SystemClock),
        allowed,
        longest_timeout_seconds: executor.longest_timeout_seconds(LONGEST_INVOCATION),
        // These functions are the caller's own, so there is nothing to guard.
        callable: Some(AllowedFunctions::parse(ANY_FUNCTION)?),
        functions: options.functions.clone(),
        dashboard: true,
        ..Setup::default()
    })
    .await?;
    if options.data.is_some() {
        let sent = stack.resend().await?;
        if sent > 0 {
            note(&format!("sent {sent} open tasks again"));
        }
    }

    let (stop, give_back) = (CancellationToken::new(), CancellationToken::new());
    let mut work = JoinSet::new();
    let names = stack.template.functions.iter().map(|function| function.binary.clone()).collect();
    let lambda = match lambda::Behind::of(own.clone().map(|own| (own, names)), called) {
        Some(behind) => Some(lambda::serve(behind, &mut work, stop.clone()).await?),
        None => None,
    };
    match &own {
        Some(functions) => feed_functions(&stack, functions, &mut work, &stop).await?,
        None => run_here(&stack, &options, secrets, lambda.as_deref(), &mut work, (&stop, &give_back))?,
    }
    if !options.bind.is_loopback() {
        note(&format!(
            "warning: this stack listens on {}: every program that reaches its ports can read, run and delete every task, without a password",
            options.bind
        ));
    }
    announce(&banner(&stack, &options, lambda.as_deref()))?;

    tokio::select! {
        () = signals.stop() => {}
        error = stack.failed() => return Err(error),
    }
    note("\ndraining; running tasks have 30 s to end, Ctrl-C again gives them back at once");
    let mut drain = std::pin::pin!(async {
        // In parallel, because an open request may wait for the end of a running task.
        stop.cancel();
        let worked = async { while work.join_next().await.is_some() {} };
        tokio::join!(stack.close_api(), worked);
        stack.stop().await;
    });
    tokio::select! {
        () = &mut drain => return Ok(()),
        () = signals.stop() => {}
    }
    note("giving running tasks back; Ctrl-C again ends at once");
    give_back.cancel();
    tokio::select! {
        () = drain => {}
        () = signals.stop() => {}
    }
    Ok(())
}

/// Starts the poller and the ticker in this process.
fn run_here(
    stack: &Stack,
    options: &Options,
    secrets: Secrets,
    lambda: Option<&str>,
    work: &mut JoinSet<()>,
    (stop, give_back): (&CancellationToken, &CancellationToken),
) -> anyhow::Result<()> {
    let executor = Arc::new(stack.executor(handlers::shipped(), secrets, lambda)?);
    let worker =
        WorkerOptions { concurrency: options.concurrency, lanes: options.lanes.clone(), ..WorkerOptions::default() };
    work.spawn(worker::poll_with(executor, worker, stop.clone(), give_back.clone()));
    let (successor, to_do) = Continuing::new();
    let scheduler =
        Scheduler { successor: Some(Arc::new(successor)), looks_again_after: LOOK_AGAIN, ..stack.scheduler() };
    work.spawn(ticker::go_on(scheduler.clone(), to_do, TICK, stop.clone()));
    work.spawn(ticker::tick(Arc::new(SystemClock), period(stack), stop.clone(), move || {
        let scheduler = scheduler.clone();
        async move {
            scheduler.tick(TICK).await;
        }
    }));
    Ok(())
}

/// Starts the mappings and the schedules of functions in other processes.
async fn feed_functions(
    stack: &Stack,
    functions: &Functions,
    work: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let template = &stack.template;
    for mapping in Mapping::all(stack).await? {
        for _ in 0..mapping.at_once {
            work.spawn(mapping.clone().feed(functions.clone(), MappedLanes::of(stack), stop.clone()));
        }
    }
    let binary = |logical_id: &str| {
        let function = template.functions.iter().find(|function| function.logical_id == logical_id);
        function
            .map(|function| function.binary.clone())
            .with_context(|| format!("the template has a schedule for a missing function, {logical_id}"))
    };
    for schedule in &template.schedules {
        let (functions, function) = (functions.clone(), binary(&schedule.function)?);
        let period = Duration::from_secs(schedule.every_seconds);
        work.spawn(ticker::tick(Arc::new(SystemClock), period, stop.clone(), move || {
            let (functions, function) = (functions.clone(), function.clone());
            async move { functions.tick(&function).await }
        }));
    }
    Ok(())
}

/// The time between two ticks, by the template.
fn period(stack: &Stack) -> Duration {
    let shortest = stack.template.schedules.iter().map(|schedule| schedule.every_seconds).min();
    Duration::from_secs(shortest.unwrap_or(60))
}

/// Says something beside the output. If standard error cannot be written, nobody is there to tell.
fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints how to reach the stack. A reader that has gone, as `| head` does, does not stop it.
fn announce(banner: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{banner}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The URLs, and the environment for another shell.
fn banner(stack: &Stack, options: &Options, lambda: Option<&str>) -> String {
    // Only the functions read these variables. In the cloud they come from the template.
    let (others, mut functions) = match &options.functions {
        None => ("an AWS SDK, the AWS CLI or `taskway worker`", String::new()),
        Some(_) => (
            "`cargo lambda watch`, an AWS SDK or the AWS CLI",
            "  export TASKWAY_AUTH=IAM TASKWAY_EXECUTOR=lambda\n".to_owned(),
        ),
    };
    if let Some(lambda) = lambda {
        functions += &format!("  export AWS_ENDPOINT_URL_LAMBDA={lambda} TASKWAY_ALLOWED_FUNCTIONS={ANY_FUNCTION}\n");
    }
    let Stack { api, dynamodb_url: dynamodb, sqs_url, s3_url, settings, .. } = stack;
    let kept =
        options.data.as_deref().map_or("in memory: gone at the end".to_owned(), |dir| format!("in {}", dir.display()));
    format!(
        "taskway is up
  dashboard  {api}/
  API        {api}
  DynamoDB   {dynamodb}
  SQS        {sqs_url}
  S3         {s3_url}
  tasks      {kept}

another shell, for {others}:
  export AWS_ENDPOINT_URL_DYNAMODB={dynamodb} AWS_ENDPOINT_URL_SQS={sqs_url} AWS_ENDPOINT_URL_S3={s3_url}
  export AWS_REGION={region} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
  export TASKWAY_TABLE={table} TASKWAY_BUCKET={bucket}
  export TASKWAY_QUEUE_HIGH={high}
  export TASKWAY_QUEUE_NORMAL={normal}
  export TASKWAY_QUEUE_LOW={low}
  export TASKWAY_DEAD_LETTERS={dead} TASKWAY_STACK={stack}
  export TASKWAY_AGENDA_SHARDS={agenda} TASKWAY_CATALOG_SHARDS={catalog}
  export TASKWAY_URL={api} TASKWAY_HTTP_ALLOW={allowed}
{signs}{functions}
try
  curl -s {api}/v1/tasks -H 'content-type: application/json' -H 'prefer: wait=5' -d '{{\"target\":{{\"handler\":\"echo\"}},\"payload\":\"hello\"}}'

Ctrl-C lets running tasks end, and ends",
        region = REGION,
        table = settings.table,
        bucket = settings.bucket.as_deref().unwrap_or_default(),
        high = settings.queues.high,
        normal = settings.queues.normal,
        low = settings.queues.low,
        stack = NAME,
        agenda = settings.writing.shards.agenda,
        catalog = settings.writing.shards.catalog,
        allowed = options.allow_http.join(","),
        // The secrets themselves stay where they are: this text may be logged or shown.
        signs = std::env::var_os("TASKWAY_WEBHOOK_SECRETS")
            .map_or("", |_| "  # set TASKWAY_WEBHOOK_SECRETS there too, so that a worker signs its deliveries\n"),
        dead = settings.queues.dead_letters.as_deref().unwrap_or_default(),
    )
}
