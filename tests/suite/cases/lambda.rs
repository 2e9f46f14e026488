//! Tasks that call Lambda functions.

use std::time::Duration;

use serde_json::{Value, json};
use taskway_cloud::dynamo::layout::{TASK_SORT, attr, task_partition};
use taskway_executor::{
    Executor,
    handlers::shipped,
    targets::{
        Targets,
        http::{Allowed, Http, Secrets},
    },
};
use taskway_protocol::{AllowedFunctions, TaskId};
use taskway_tests::{Receiver, Reply, World, text};

/// A function of another region, so that a test sees where it is called.
const REPORT: &str = "arn:aws:lambda:eu-central-1:123456789012:function:report";

fn call(function: &str) -> Value {
    json!({"target": {"lambda": {"function": function}}, "payload": {"user": 42}})
}

fn as_invoked(invocation: &str) -> Value {
    json!({"target": {"lambda": {"function": "report:live", "invocation": invocation}}})
}

fn accepted() -> Reply {
    Reply::of(202)
}

fn throttled() -> Reply {
    Reply::of(429).header("x-amzn-errortype", "TooManyRequestsException").body(r#"{"message":"Rate Exceeded."}"#)
}

/// A task that was worked on once, with Lambda's answers in turn.
async fn called(world: &World, lambda: &Receiver, task: Value) -> (TaskId, Value) {
    let id = world.api.submit(task).await;
    world.work(&world.executor_calling(&lambda.url)).await;
    (id, world.api.task(id).await)
}

async fn answered(reply: Reply) -> Value {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![reply]).await;
    called(&world, &lambda, call("report")).await.1
}

#[tokio::test]
async fn the_answer_of_a_function_is_the_tasks_result() {
    let world = World::calling("report*").await;
    let lambda = Receiver::start(vec![Reply::of(200).body(r#"{"sent": true, "cost": 1.50}"#)]).await;
    let task = json!({
        "target": {"lambda": {"function": "report:$LATEST", "tenant_id": "tenant 7"}},
        "payload": {"user": 42}, "queue": "reports", "labels": {"team": "growth"},
    });
    let (id, task) = called(&world, &lambda, task).await;
    assert_eq!((&task["state"], &task["error"]), (&json!("succeeded"), &json!(null)), "{task}");
    let shown = json!({"lambda": {"function": "report:$LATEST", "invocation": "request", "tenant_id": "tenant 7"}});
    assert_eq!(task["target"], shown);
    let raw = text(&world.api, id).await;
    assert!(raw.contains(r#""result":{"sent": true, "cost": 1.50}"#), "{raw}");

    let requests = lambda.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(request.line, "POST /2015-03-31/functions/report/invocations?Qualifier=%24LATEST");
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("x-amz-invocation-type").as_deref(), Some("RequestResponse"));
    assert_eq!(header("x-amz-tenant-id").as_deref(), Some("tenant 7"));
    assert_eq!(header("x-amz-durable-execution-name"), None);
    let signature = header("authorization").unwrap();
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=ExecutorFunction/"), "{signature}");
    assert!(signature.contains("/us-east-1/lambda/aws4_request"), "{signature}");
    let event: Value = serde_json::from_str(&request.body).unwrap();
    let expected = json!({
        "taskway": {
            "id": id.to_string(), "queue": "reports", "attempt": 1, "fence": 1, "deadline": "2026-11-23T08:01:00.000Z",
            "labels": {"team": "growth"}, "traceparent": null,
        },
        "payload": {"user": 42},
    });
    assert_eq!(event, expected);
}

#[tokio::test]
async fn a_function_is_called_by_the_arn_of_the_pattern_that_allows_it() {
    let world = World::calling(&format!("{REPORT},{REPORT}:*")).await;
    let lambda = Receiver::start(vec![Reply::of(200)]).await;
    for function in ["report", REPORT, "123456789012:function:report", &format!("{REPORT}:live")] {
        let (_, task) = called(&world, &lambda, call(function)).await;
        assert_eq!(task["state"], "succeeded", "{function}: {task}");
    }
    let path =
        "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Areport/invocations";
    let lines: Vec<String> = lambda.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines, [path, path, path, &format!("{path}?Qualifier=live")]);
}

#[tokio::test]
async fn a_function_that_is_not_allowed_is_refused_at_the_submit() {
    let world = World::calling(&format!("{REPORT},reports-*:live")).await;
    for function in [
        "other",
        "report:live",
        "reports-a",
        "reports-a:dead",
        "210987654321:function:report",
        "arn:aws:lambda:eu-west-1:123456789012:function:report",
        "arn:aws:lambda:eu-central-1:210987654321:function:report",
        "report/../other",
        "report%2F",
        "REPORT",
    ] {
        let refused = world.api.try_submit(&call(function)).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["pointer"]),
            (422, &json!("/target/lambda/function")),
            "{function}"
        );
        let schedule = json!({"every_seconds": 60, "task": call(function)});
        let refused = world.api.put_schedule("s", &schedule).await;
        assert_eq!(refused.status, 422, "{function}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/task/target/lambda/function");
    }
    let tasks = json!({"tasks": [call("other"), call("report")]});
    let batch = world.api.post("/v1/tasks/batch", &[], tasks.to_string()).await;
    let statuses: Vec<_> = batch.body["results"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [422, 202]);
}

#[tokio::test]
async fn a_function_that_is_no_longer_allowed_fails_for_good_without_a_call() {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![Reply::of(200)]).await;
    let id = world.api.submit(call("report")).await;
    let targets = || Targets::new(shipped(), Http::new(Allowed::default(), Secrets::default()).unwrap()).unwrap();
    let mut stack = world;
    stack.stack.settings.functions = AllowedFunctions::NONE;
    let executor = Executor::new(stack.services(), targets().with_lambda(stack.stack.lambda(&lambda.url)));
    stack.work(&executor).await;
    let task = stack.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("lambda")), "{task}");
    let message = task["error"]["message"].as_str().unwrap();
    assert!(message.contains("TASKWAY_ALLOWED_FUNCTIONS"), "{message}");
    assert_eq!(lambda.requests().len(), 0);
}

#[tokio::test]
async fn an_executor_without_functions_fails_such_tasks_for_good() {
    let world = World::calling("report").await;
    let id = world.api.submit(call("report")).await;
    let executor = world.stack.executor(shipped(), Secrets::default(), None).unwrap();
    world.work(&executor).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("lambda")), "{task}");
    assert!(task["error"]["message"].as_str().unwrap().contains("`taskway dev` with `--lambda URL`"), "{task}");
}

#[tokio::test]
async fn a_function_error_uses_an_attempt() {
    let world = World::calling("report").await;
    let failed = Reply::of(200)
        .header("x-amz-function-error", "Unhandled")
        .body(r#"{"errorType":"ValueError","errorMessage":"no user","stackTrace":[]}"#);
    let lambda = Receiver::start(vec![failed]).await;
    let task = json!({"target": {"lambda": {"function": "report"}}, "retry": {"max_attempts": 3}});
    let (id, task) = called(&world, &lambda, task).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(1)), "{task}");
    assert_eq!((&task["error"]["kind"], &task["error"]["message"]), (&json!("lambda"), &json!("ValueError: no user")));
    assert_eq!(world.end(&world.executor_calling(&lambda.url), id).await, "failed");
    assert_eq!((lambda.requests().len(), &world.api.task(id).await["attempt"]), (3, &json!(3)));
}

#[tokio::test]
async fn an_answer_may_say_that_the_function_wants_another_attempt_or_none() {
    let task = answered(Reply::of(200).body(r#"{"taskway":{"retry_after_seconds":90}}"#)).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(1)), "{task}");
    assert_eq!(task["next_attempt_at"], "2026-11-23T08:01:30.000Z");
    let task = answered(Reply::of(200).body(r#"{"taskway":{"fatal":"no such user"}}"#)).await;
    assert_eq!((&task["state"], &task["error"]["message"]), (&json!("failed"), &json!("no such user")), "{task}");
    let task = answered(Reply::of(200).body(r#"{"taskway":{"retry":1}}"#)).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("lambda")), "{task}");
}

#[tokio::test]
async fn a_throttled_or_faulty_lambda_costs_no_attempt() {
    let world = World::calling("report").await;
    let script = vec![
        throttled(),
        Reply::of(500).header("x-amzn-errortype", "ServiceException"),
        Reply::of(503),
        throttled().header("retry-after", "40"),
        Reply::of(200).body("\"at last\""),
    ];
    let lambda = Receiver::start(script).await;
    let task = json!({"target": {"lambda": {"function": "report"}}, "retry": {"max_attempts": 1}});
    let (id, task) = called(&world, &lambda, task).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(0)), "{task}");
    let error = &task["error"];
    assert_eq!((&error["kind"], &error["attempt"]), (&json!("lambda"), &json!(1)), "{task}");
    assert_eq!(error["message"], "Lambda answered 429 TooManyRequestsException: Rate Exceeded.");
    assert_eq!(world.end(&world.executor_calling(&lambda.url), id).await, "succeeded");
    let task = world.api.task(id).await;
    assert_eq!((&task["attempt"], &task["result"]), (&json!(1), &json!("at last")), "{task}");
    let events: Vec<Value> =
        lambda.requests().iter().map(|request| serde_json::from_str(&request.body).unwrap()).collect();
    let attempts: Vec<_> =
        events.iter().map(|event| (&event["taskway"]["attempt"], &event["taskway"]["fence"])).collect();
    let expected: Vec<_> = [1, 2, 3, 4, 5].map(|fence| (json!(1), json!(fence))).into_iter().collect();
    assert_eq!(attempts, expected.iter().map(|(attempt, fence)| (attempt, fence)).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_waits_for_a_throttled_lambda_grow_and_keep_to_what_it_asks() {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![throttled().header("retry-after", "400"), throttled()]).await;
    let retry = json!({"max_attempts": 1, "min_backoff_seconds": 0, "max_backoff_seconds": 0});
    let id = world.api.submit(json!({"target": {"lambda": {"function": "report"}}, "retry": retry})).await;
    let executor = world.executor_calling(&lambda.url);
    world.work(&executor).await;
    let next = world.record(id).await.state;
    let taskway_protocol::State::Queued { due } = next else { panic!("{next:?}") };
    assert_eq!(due.since(world.now()), Duration::from_secs(400));
    // Without a word from Lambda the wait is at least a second, whatever the task's own policy says, and at most five minutes.
    for _ in 0..20 {
        world.pass_secs(400);
        world.work(&executor).await;
        let next = world.record(id).await.state;
        let taskway_protocol::State::Queued { due } = next else { panic!("{next:?}") };
        let wait = due.since(world.now());
        assert!((Duration::from_secs(1)..=Duration::from_secs(300)).contains(&wait), "{wait:?}");
    }
    assert_eq!(world.api.task(id).await["attempt"], 0);
}

#[tokio::test]
async fn a_lambda_that_never_takes_the_task_is_given_up_at_last() {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![throttled()]).await;
    let task = json!({"target": {"lambda": {"function": "report"}}, "retry": {"max_attempts": 2}});
    let id = world.api.submit(task).await;
    // As after 4998 claims that did not count.
    let key = json!({"PK": {"S": task_partition(&id.key)}, "SK": {"S": TASK_SORT}});
    let update = json!({
        "TableName": "taskway-Tasks", "Key": key, "UpdateExpression": "SET #fence = :fence",
        "ExpressionAttributeNames": {"#fence": attr::FENCE}, "ExpressionAttributeValues": {":fence": {"N": "4998"}},
    });
    world.dynamodb("UpdateItem", update).await;
    let executor = world.executor_calling(&lambda.url);
    for (calls, attempt) in [(1, 0), (2, 0), (3, 1)] {
        world.work(&executor).await;
        let task = world.api.task(id).await;
        assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(attempt)), "{task}");
        assert_eq!((lambda.requests().len(), world.record(id).await.fence.0), (calls, 4998 + calls as u32));
        world.pass_secs(900);
    }
    world.work(&executor).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("failed"), &json!(2)), "{task}");
    assert_eq!(task["error"]["message"], "Lambda answered 429 TooManyRequestsException: Rate Exceeded.");
}

#[tokio::test]
async fn a_lambda_that_cannot_be_reached_costs_no_attempt() {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![Reply::of(200)]).await;
    let url = lambda.url.clone();
    drop(lambda);
    let id = world.api.submit(call("report")).await;
    world.work(&world.executor_calling(&url)).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(0)), "{task}");
    assert!(task["error"]["message"].as_str().unwrap().starts_with("cannot reach lambda: "), "{task}");
}

#[tokio::test]
async fn a_connection_that_breaks_at_once_costs_no_attempt() {
    let world = World::calling("report").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // Takes each connection, and closes it when the request comes.
    let closing = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            socket.readable().await.unwrap();
        }
    });
    let id = world.api.submit(call("report")).await;
    world.work(&world.executor_calling(&url)).await;
    closing.abort();
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(0)), "{task}");
    assert!(task["error"]["message"].as_str().unwrap().starts_with("cannot call lambda: "), "{task}");
}

#[tokio::test]
async fn a_function_that_lambda_refuses_to_run_fails_for_good() {
    for (status, kind) in [
        (400, "InvalidRequestContentException"),
        (403, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (413, "RequestTooLargeException"),
    ] {
        let body = r#"{"Type":"User","Message":"Function not found"}"#;
        let task = answered(Reply::of(status).header("x-amzn-errortype", kind).body(body)).await;
        assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("lambda")), "{task}");
        assert_eq!(task["error"]["message"], format!("Lambda answered {status} {kind}: Function not found"));
    }
}

#[tokio::test]
async fn an_event_that_lambda_accepted_has_succeeded() {
    let world = World::calling("report:*").await;
    let lambda = Receiver::start(vec![throttled(), accepted()]).await;
    let (id, task) = called(&world, &lambda, as_invoked("event")).await;
    assert_eq!((&task["state"], &task["attempt"]), (&json!("queued"), &json!(0)), "{task}");
    assert_eq!(world.end(&world.executor_calling(&lambda.url), id).await, "succeeded");
    assert_eq!(world.api.task(id).await["result"], json!(null));
    let requests = lambda.requests();
    assert_eq!(requests[1].line, "POST /2015-03-31/functions/report/invocations?Qualifier=live");
    assert_eq!(requests[1].headers["x-amz-invocation-type"], "Event");
    let event: Value = serde_json::from_str(&requests[1].body).unwrap();
    assert_eq!((&event["taskway"]["deadline"], &event["payload"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn a_durable_execution_has_the_tasks_id_for_its_name() {
    let world = World::calling("report:*").await;
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:report:live/durable-execution/a/b";
    let lambda = Receiver::start(vec![accepted().header("x-amz-durable-execution-arn", arn)]).await;
    let (id, task) = called(&world, &lambda, as_invoked("durable")).await;
    assert_eq!(
        (&task["state"], &task["result"]["durable_execution_arn"]),
        (&json!("succeeded"), &json!(arn)),
        "{task}"
    );
    let requests = lambda.requests();
    assert_eq!(requests[0].headers["x-amz-durable-execution-name"], id.to_string());
    assert_eq!(requests[0].headers["x-amz-invocation-type"], "Event");
    assert!((1..=64).contains(&id.to_string().len()));
}

#[tokio::test]
async fn a_durable_execution_that_an_earlier_attempt_started_is_not_started_again() {
    let world = World::calling("report:*").await;
    let started = Reply::of(409).header("x-amzn-errortype", "DurableExecutionAlreadyStartedException");
    let lambda = Receiver::start(vec![Reply::of(500), started]).await;
    let (id, _) = called(&world, &lambda, as_invoked("durable")).await;
    assert_eq!(world.end(&world.executor_calling(&lambda.url), id).await, "succeeded");
    let requests = lambda.requests();
    let names: Vec<_> = requests.iter().map(|request| &request.headers["x-amz-durable-execution-name"]).collect();
    assert_eq!(names[0], names[1]);
}

#[tokio::test]
async fn a_function_that_answers_too_late_uses_an_attempt() {
    let world = World::calling("report").await;
    // Takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let retry = json!({"max_attempts": 1});
    let task = json!({"target": {"lambda": {"function": "report"}}, "timeout_seconds": 5, "retry": retry});
    let id = world.api.submit(task).await;
    let executor = world.executor_calling(&url);
    world.passing(Duration::from_secs(1), world.work(&executor)).await;
    let task = world.api.task(id).await;
    assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("timeout")), "{task}");
}

#[tokio::test]
async fn a_result_has_the_limit_of_lambdas_answers() {
    let of = |bytes: usize| Reply::of(200).body(format!("\"{}\"", "x".repeat(bytes - 2)));
    let task = answered(of(262_144)).await;
    assert_eq!((&task["state"], task["result"].as_str().unwrap().len()), (&json!("succeeded"), 262_142));
    for bytes in [262_145, 6_291_456] {
        let task = answered(of(bytes)).await;
        assert_eq!((&task["state"], &task["result"]), (&json!("succeeded"), &json!(null)), "{task}");
        assert!(task["result_url"].is_string(), "{task}");
    }
    for body in [of(6_291_457), Reply::of(200).body("x".repeat(7_000_000))] {
        let task = answered(body).await;
        assert_eq!((&task["state"], &task["error"]["kind"]), (&json!("failed"), &json!("lambda")), "{task}");
        assert!(task["error"]["message"].as_str().unwrap().contains("6291456 bytes"), "{task}");
    }
}

#[tokio::test]
async fn an_uploaded_payload_is_in_the_event() {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![Reply::of(200).body("null")]).await;
    let text = json!("x".repeat(300_000)).to_string();
    let payload_ref = world.upload(text.as_bytes(), "").await;
    let task = json!({"target": {"lambda": {"function": "report"}}, "payload_ref": payload_ref});
    assert_eq!(called(&world, &lambda, task).await.1["state"], "succeeded");
    let event: Value = serde_json::from_str(&lambda.requests()[0].body).unwrap();
    assert_eq!(event["payload"].to_string(), text);
}

#[tokio::test]
async fn a_schedule_calls_a_function() {
    let world = World::calling("report").await;
    let lambda = Receiver::start(vec![Reply::of(200).body("1")]).await;
    let schedule = json!({"every_seconds": 60, "task": call("report")});
    let put = world.api.put_schedule("nightly", &schedule).await;
    assert_eq!(put.status, 201, "{}", put.body);
    assert_eq!(put.body["task"]["target"]["lambda"]["function"], "report", "{}", put.body);
    world.pass_secs(60);
    world.tick().await;
    world.pass_secs(60);
    world.work(&world.executor_calling(&lambda.url)).await;
    assert!(!lambda.requests().is_empty());
}
