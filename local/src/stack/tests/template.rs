//! The tables, queues and functions of the repository's template.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    stack::TEMPLATE,
    template::{Function, LocalEndpoints, Mapping, Queue, Schedule, read},
};

fn local() -> LocalEndpoints {
    LocalEndpoints { sqs_base: "http://127.0.0.1:9324".into(), stack: "taskway".into(), ..LocalEndpoints::default() }
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn the_table_has_the_keys_and_indexes_that_the_code_uses() {
    let template = read(TEMPLATE, &local()).unwrap();
    let [table] = template.tables.as_slice() else { panic!("one table, not {:?}", template.tables) };
    assert_eq!((table.logical_id.as_str(), table.name.as_str()), ("Tasks", "taskway-Tasks"));
    assert_eq!(table.ttl_attribute.as_deref(), Some("ttl"));
    assert_eq!(
        table.create,
        json!({
            "TableName": "taskway-Tasks",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "PK", "AttributeType": "S" },
                { "AttributeName": "SK", "AttributeType": "S" },
                { "AttributeName": "ap", "AttributeType": "S" },
                { "AttributeName": "as", "AttributeType": "S" },
                { "AttributeName": "cp", "AttributeType": "S" },
                { "AttributeName": "born", "AttributeType": "N" },
            ],
            "KeySchema": [
                { "AttributeName": "PK", "KeyType": "HASH" },
                { "AttributeName": "SK", "KeyType": "RANGE" },
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "agenda",
                    "KeySchema": [
                        { "AttributeName": "ap", "KeyType": "HASH" },
                        { "AttributeName": "as", "KeyType": "RANGE" },
                    ],
                    "Projection": {
                        "ProjectionType": "INCLUDE",
                        "NonKeyAttributes": ["born", "g", "lane", "q", "fk", "h", "to", "x"],
                    },
                },
                {
                    "IndexName": "catalog",
                    "KeySchema": [
                        { "AttributeName": "cp", "KeyType": "HASH" },
                        { "AttributeName": "born", "KeyType": "RANGE" },
                    ],
                    "Projection": { "ProjectionType": "KEYS_ONLY" },
                },
            ],
        })
    );
}

#[test]
fn the_lanes_keep_messages_for_four_days_and_move_poison_to_the_dead_letters() {
    let template = read(TEMPLATE, &local()).unwrap();
    let redrive =
        r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:taskway-DeadLetters","maxReceiveCount":20}"#;
    let lane = |id: &str| Queue {
        logical_id: id.into(),
        name: format!("taskway-{id}"),
        attributes: texts([
            ("VisibilityTimeout", "900"),
            ("MessageRetentionPeriod", "345600"),
            ("SqsManagedSseEnabled", "true"),
            ("RedrivePolicy", redrive),
        ]),
    };
    let dead = Queue {
        logical_id: "DeadLetters".into(),
        name: "taskway-DeadLetters".into(),
        attributes: texts([
            ("VisibilityTimeout", "60"),
            ("MessageRetentionPeriod", "1209600"),
            ("SqsManagedSseEnabled", "true"),
        ]),
    };
    assert_eq!(template.queues, [lane("HighLane"), lane("NormalLane"), lane("LowLane"), dead]);
}

#[test]
fn the_functions_get_their_environment_mappings_and_schedule() {
    let template = read(TEMPLATE, &local()).unwrap();
    let function = |name: &str, timeout_seconds, own: BTreeMap<String, String>| {
        let mut environment = texts([
            ("TASKWAY_TABLE", "taskway-Tasks"),
            ("TASKWAY_BUCKET", "taskway-payloads"),
            ("TASKWAY_QUEUE_HIGH", "http://127.0.0.1:9324/000000000000/taskway-HighLane"),
            ("TASKWAY_QUEUE_NORMAL", "http://127.0.0.1:9324/000000000000/taskway-NormalLane"),
            ("TASKWAY_QUEUE_LOW", "http://127.0.0.1:9324/000000000000/taskway-LowLane"),
            ("TASKWAY_AGENDA_SHARDS", "1"),
            ("TASKWAY_CATALOG_SHARDS", "4"),
            ("TASKWAY_BATCH_WRITES", "on"),
            ("TASKWAY_LOG", "info"),
        ]);
        environment.extend(own);
        Function {
            logical_id: format!("{name}Function"),
            name: format!("taskway-{name}Function"),
            binary: format!("taskway-{}", name.to_lowercase()),
            timeout_seconds,
            environment,
            role: Some(format!("{name}Role")),
        }
    };
    let dead_letters = "http://127.0.0.1:9324/000000000000/taskway-DeadLetters";
    let submit = texts([
        ("TASKWAY_DEAD_LETTERS", dead_letters),
        ("TASKWAY_AUTH", "IAM"),
        ("TASKWAY_JWT_ISSUER", ""),
        ("TASKWAY_DASHBOARD", "off"),
        ("TASKWAY_BASE_PATH", ""),
        ("TASKWAY_WAITING_REQUESTS", "100"),
        ("TASKWAY_EXECUTOR", "lambda"),
        ("TASKWAY_EXECUTOR_TIMEOUT", "900"),
        ("TASKWAY_HTTP_ALLOW", ""),
        ("TASKWAY_ALLOWED_FUNCTIONS", ""),
        ("TASKWAY_AWS_HOSTS", ""),
    ]);
    let executor = texts([
        ("TASKWAY_WEBHOOK_SECRETS", ""),
        ("TASKWAY_HTTP_ALLOW", ""),
        ("TASKWAY_ALLOWED_FUNCTIONS", ""),
        ("TASKWAY_HTTP_PER_HOST", "0"),
        ("TASKWAY_AWS_HOSTS", ""),
        ("TASKWAY_AWS_ROLE", ""),
        ("TASKWAY_UNKNOWN_HANDLER_SECONDS", "60"),
    ]);
    let scheduler = texts([("TASKWAY_DEAD_LETTERS", dead_letters), ("TASKWAY_STACK", "taskway")]);
    assert_eq!(
        template.functions,
        [function("Submit", 30, submit), function("Executor", 900, executor), function("Scheduler", 60, scheduler)]
    );
    let mapping = |queue: &str, most| Mapping {
        queue: queue.into(),
        function: "ExecutorFunction".into(),
        batch_size: 10,
        maximum_concurrency: Some(most),
        report_batch_item_failures: true,
    };
    assert_eq!(template.mappings, [mapping("HighLane", 50), mapping("NormalLane", 30), mapping("LowLane", 10)]);
    assert_eq!(template.schedules, [Schedule { function: "SchedulerFunction".into(), every_seconds: 60 }]);
}

#[test]
fn only_the_scheduler_may_invoke_a_function_and_only_itself() {
    let template = read(TEMPLATE, &local()).unwrap();
    let invoking = template.grants.iter().filter(|grant| grant.action.starts_with("lambda:"));
    let invoking: Vec<_> = invoking.map(|grant| (&*grant.who, &*grant.action, &*grant.resource)).collect();
    let itself = "arn:aws:lambda:us-east-1:000000000000:function:taskway-SchedulerFunction";
    assert_eq!(invoking, [("SchedulerFunction", "lambda:InvokeFunction", itself)]);
}

#[test]
fn executor_and_worker_may_invoke_exactly_the_functions_that_the_parameter_lists() {
    let list =
        "arn:aws:lambda:us-east-1:000000000000:function:report-*,arn:aws:lambda:us-east-1:000000000000:function:a:live";
    for (parameters, who) in [
        (texts([("AllowedFunctions", list)]), "ExecutorFunction"),
        (texts([("AllowedFunctions", list), ("Executor", "worker")]), "WorkerPolicy"),
    ] {
        let template = read(TEMPLATE, &LocalEndpoints { parameters, ..local() }).unwrap();
        let invoking = template.grants.iter().filter(|grant| grant.action.starts_with("lambda:"));
        let invoking = invoking.filter(|grant| grant.who != "SchedulerFunction");
        let invoking: Vec<_> = invoking.map(|grant| (&*grant.who, &*grant.action, &*grant.resource)).collect();
        let expected: Vec<_> = list.split(',').map(|arn| (who, "lambda:InvokeFunction", arn)).collect();
        assert_eq!(invoking, expected);
        for function in template.functions.iter().filter(|function| function.logical_id != "SchedulerFunction") {
            assert_eq!(function.environment["TASKWAY_ALLOWED_FUNCTIONS"], list, "{}", function.logical_id);
        }
    }
}

#[test]
fn a_stack_with_workers_outside_lambda_has_no_executor_function() {
    let parameters = texts([("Executor", "worker"), ("ExecutorTimeout", "300")]);
    let template = read(TEMPLATE, &LocalEndpoints { parameters, ..local() }).unwrap();
    let names: Vec<&str> = template.functions.iter().map(|function| function.logical_id.as_str()).collect();
    assert_eq!((names, template.mappings.len()), (vec!["SubmitFunction", "SchedulerFunction"], 0));
    assert_eq!(template.functions[0].environment["TASKWAY_EXECUTOR"], "worker");
    assert_eq!(template.functions[0].environment["TASKWAY_EXECUTOR_TIMEOUT"], "300");
}

#[test]
fn the_timeouts_in_the_code_are_those_of_the_template() {
    let template = read(TEMPLATE, &local()).unwrap();
    let timeout = |binary: &str| {
        let function = template.functions.iter().find(|function| function.binary == binary);
        u64::from(function.unwrap().timeout_seconds)
    };
    assert_eq!(timeout("taskway-submit"), taskway_submit::TIMEOUT.as_secs());
    assert_eq!(timeout("taskway-executor"), taskway_executor::batch::TIMEOUT.as_secs());
    assert_eq!(timeout("taskway-scheduler"), taskway_scheduler::TIMEOUT.as_secs());
}
