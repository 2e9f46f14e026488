//! Least privilege: the template permits exactly the calls that the functions make.

mod comparison;
mod lambda;
mod paths;

use std::{collections::BTreeSet, sync::Arc};

use taskway_executor::worker;
use taskway_local::{
    calls::Call,
    stack::{Caller, TEMPLATE},
    template::{Grant, LocalEndpoints, Template, read},
};
use taskway_tests::{Effects, Gate, World};
use tokio_util::sync::CancellationToken;

use comparison::faults;

/// The calls in a function's role that the embedded endpoints do not see: Lambda writes the function's logs to streams
/// in the function's log group, and the scheduler invokes itself.
fn beside_the_endpoints(functions: &[&str]) -> BTreeSet<Call> {
    let logs = functions.iter().flat_map(|name| {
        ["logs:CreateLogStream", "logs:PutLogEvents"].map(|action| Call {
            access_key: format!("{name}Function"),
            action: action.to_owned(),
            resource: format!("arn:aws:logs:us-east-1:000000000000:log-group:taskway-{name}Logs:*"),
        })
    });
    logs.chain([self_invocation()]).collect()
}

/// The call of a tick that has too much to do. It goes to Lambda, which is no embedded endpoint. A test of herds sees
/// it.
fn self_invocation() -> Call {
    Call {
        access_key: "SchedulerFunction".to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        resource: "arn:aws:lambda:us-east-1:000000000000:function:taskway-SchedulerFunction".to_owned(),
    }
}

/// The calls of functions that do exactly what the template permits: those that the endpoints see, and the others.
fn as_permitted(template: &Template) -> (BTreeSet<Call>, BTreeSet<Call>) {
    let unseen = beside_the_endpoints(&["Submit", "Executor", "Scheduler"]);
    let done: BTreeSet<Call> = template.grants.iter().map(comparison::call).collect();
    (done.difference(&unseen).cloned().collect(), unseen)
}

fn template(parameters: &[(&str, &str)]) -> Template {
    template_of(TEMPLATE, parameters)
}

fn template_of(text: &str, parameters: &[(&str, &str)]) -> Template {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let local = LocalEndpoints { sqs_base: "http://127.0.0.1:9324".into(), stack: "taskway".into(), parameters };
    read(text, &local).unwrap()
}

#[tokio::test]
async fn each_function_may_make_exactly_the_calls_that_it_makes() {
    let world = World::recording(&[]).await;
    let (effects, gate) = (Effects::default(), Gate::default());
    paths::scheduler(&world, Caller::Executor).await;
    paths::submit(&world).await;
    let executor = world.executor_of(world.services_for(Caller::Executor), effects.gated(&gate));
    let _lambda = lambda::start(&world, Arc::new(executor)).await;
    paths::executor(&world, &effects, &gate).await;
    let unseen = beside_the_endpoints(&["Submit", "Executor", "Scheduler"]);
    let told = faults(&world.stack.template.grants, &world.stack.calls(), &unseen);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[tokio::test]
async fn a_worker_may_make_exactly_the_calls_that_it_makes() {
    let world = World::recording(&[("Executor", "worker")]).await;
    let (effects, gate) = (Effects::default(), Gate::default());
    paths::scheduler(&world, Caller::Worker).await;
    paths::submit(&world).await;
    let executor = world.executor_of(world.services_for(Caller::Worker), effects.gated(&gate));
    let stop = CancellationToken::new();
    let polling = tokio::spawn(worker::poll(Arc::new(executor), worker::WorkerOptions::default(), stop.clone()));
    paths::executor(&world, &effects, &gate).await;
    stop.cancel();
    polling.await.unwrap();
    let told =
        faults(&world.stack.template.grants, &world.stack.calls(), &beside_the_endpoints(&["Submit", "Scheduler"]));
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn a_key_tracing_and_functions_add_only_the_permissions_that_they_need() {
    let key = "arn:aws:kms:us-east-1:000000000000:key/one";
    // The key encrypts the table, the queues and the bucket, so every function needs it. X-Ray's actions know no
    // resources.
    let keyed = [("kms:Decrypt", key), ("kms:GenerateDataKey", key)];
    let traced = [("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")];
    // What tasks may call, and nothing more. Only what runs tasks calls it.
    let report = "arn:aws:lambda:us-east-1:000000000000:function:report-*";
    let resize = "arn:aws:lambda:eu-west-1:123456789012:function:resize:live";
    let called = format!("{report},{resize}");
    let invoked = [("lambda:InvokeFunction", report), ("lambda:InvokeFunction", resize)];
    let role = "arn:aws:iam::123456789012:role/calls";
    let assumed = [("sts:AssumeRole", role)];
    let functions = ["SubmitFunction", "ExecutorFunction", "SchedulerFunction"];
    let with_worker = ["SubmitFunction", "SchedulerFunction", "WorkerPolicy"];
    for (parameters, who, added) in [
        (vec![("KmsKeyArn", key)], &functions[..], &keyed[..]),
        (vec![("Tracing", "Active")], &functions[..], &traced[..]),
        (vec![("Executor", "worker"), ("KmsKeyArn", key)], &with_worker[..], &keyed[..]),
        (vec![("AllowedFunctions", &*called)], &functions[1..2], &invoked[..]),
        (vec![("Executor", "worker"), ("AllowedFunctions", &*called)], &with_worker[2..], &invoked[..]),
        (vec![("AwsRole", role), ("AwsHosts", "sqs/x@a.b")], &functions[1..2], &assumed[..]),
        (vec![("Executor", "worker"), ("AwsRole", role)], &with_worker[2..], &assumed[..]),
        // The template does not deploy the worker, so it cannot trace it.
        (vec![("Executor", "worker"), ("Tracing", "Active")], &with_worker[..2], &traced[..]),
    ] {
        let executor: Vec<_> = parameters.iter().copied().filter(|(name, _)| *name == "Executor").collect();
        let (plain, more) = (template(&executor).grants, template(&parameters).grants);
        assert!(plain.iter().all(|grant| more.contains(grant)), "{parameters:?} takes something away");
        let told = more.iter().filter(|grant| !plain.contains(grant));
        let mut told: Vec<_> =
            told.map(|grant| (grant.who.as_str(), grant.action.as_str(), grant.resource.as_str())).collect();
        told.sort_unstable();
        let each = who.iter().flat_map(|who| added.iter().map(|(action, resource)| (*who, *action, *resource)));
        let mut expected: Vec<_> = each.collect();
        expected.sort_unstable();
        assert_eq!(told, expected, "{parameters:?}");
    }
}

#[test]
fn the_other_parameters_of_the_template_add_no_permission() {
    let plain = template(&[]).grants;
    for parameter in [
        ("Auth", "JWT"),
        ("JwtIssuer", "https://issuer.example.com"),
        ("CorsOrigins", "https://ops.example.com"),
        ("AlarmTopicArn", "arn:aws:sns:us-east-1:000000000000:alarms"),
        ("HttpAllow", "10.0.0.0/8"),
        ("WebhookSecrets", "whsec_x"),
        ("DeletionProtection", "false"),
        ("BatchWindowSeconds", "1"),
        ("UnknownHandlerSeconds", "5"),
        ("HttpPerHost", "4"),
        ("AwsHosts", "sqs/x@a.b"),
    ] {
        assert_eq!(template(&[parameter]).grants, plain, "{parameter:?}");
    }
}

/// The template with one line of this resource replaced.
fn altered(resource: &str, line: &str, by: &str) -> Template {
    let begin = TEMPLATE.find(&format!("\n  {resource}:\n")).unwrap();
    let (before, after) = TEMPLATE.split_at(begin);
    let place = after.find(line).unwrap();
    assert!(!after[1..place].contains("\n  # ---"), "{line} is not in {resource}");
    template_of(&format!("{before}{}", after.replacen(line, by, 1)), &[])
}

#[test]
fn a_grant_that_the_template_lacks_is_reported() {
    let (seen, unseen) = as_permitted(&template(&[]));
    let compared = |template: &Template| faults(&template.grants, &seen, &unseen);
    assert_eq!(compared(&template(&[])), Vec::<String>::new());

    let tasks = "arn:aws:dynamodb:us-east-1:000000000000:table/taskway-Tasks";
    let sqs = "arn:aws:sqs:us-east-1:000000000000:taskway";
    for (resource, line, told) in [
        (
            "SubmitRole",
            "                  - dynamodb:PutItem\n",
            vec![format!("SubmitFunction is not permitted dynamodb:PutItem on {tasks}, which it does")],
        ),
        (
            "ExecutorRole",
            "                  - !GetAtt LowLane.Arn\n",
            ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"]
                .map(|action| format!("ExecutorFunction is not permitted sqs:{action} on {sqs}-LowLane, which it does"))
                .to_vec(),
        ),
        (
            "SchedulerRole",
            "                  - sqs:DeleteMessage\n",
            vec![format!("SchedulerFunction is not permitted sqs:DeleteMessage on {sqs}-DeadLetters, which it does")],
        ),
        (
            "SchedulerRole",
            "                  - logs:PutLogEvents\n",
            vec![
                "SchedulerFunction is not permitted logs:PutLogEvents on \
                 arn:aws:logs:us-east-1:000000000000:log-group:taskway-SchedulerLogs:*, which it needs unseen"
                    .to_owned(),
            ],
        ),
    ] {
        assert_eq!(compared(&altered(resource, line, "")), told, "{resource} without {line}");
    }
}

#[test]
fn a_grant_that_no_function_uses_is_reported() {
    let (seen, unseen) = as_permitted(&template(&[]));
    let compared = |template: &Template| faults(&template.grants, &seen, &unseen);
    let put = "                  - dynamodb:PutItem\n";
    let tasks = "arn:aws:dynamodb:us-east-1:000000000000:table/taskway-Tasks";
    for (resource, line, by, told) in [
        (
            "SubmitRole",
            put,
            format!("{put}                  - dynamodb:TransactWriteItems\n"),
            vec![format!(
                "SubmitFunction is permitted dynamodb:TransactWriteItems on {tasks} (Records), which it never does"
            )],
        ),
        (
            "SchedulerRole",
            "                  - !Sub ${Tasks.Arn}/index/agenda\n",
            "                  - !Sub ${Tasks.Arn}/index/agenda\n                  - !Sub ${Tasks.Arn}/index/catalog\n"
                .to_owned(),
            vec![format!(
                "SchedulerFunction is permitted dynamodb:Query on {tasks}/index/catalog (Agenda), which it never does"
            )],
        ),
        (
            "ExecutorRole",
            "Resource: !GetAtt ExecutorLogs.Arn\n",
            "Resource: [!GetAtt ExecutorLogs.Arn, !Sub '${Payloads.Arn}/*']\n".to_owned(),
            ["CreateLogStream", "PutLogEvents"]
                .map(|action| {
                    let payloads = "arn:aws:s3:::taskway-payloads/*";
                    format!("ExecutorFunction is permitted logs:{action} on {payloads} (Logs), which it never does")
                })
                .to_vec(),
        ),
        (
            "SubmitRole",
            put,
            put.repeat(2),
            vec![format!("SubmitFunction is permitted dynamodb:PutItem on {tasks} (Records) more than once")],
        ),
    ] {
        assert_eq!(compared(&altered(resource, line, &by)), told, "{resource} with {by}");
    }
}

#[test]
fn the_comparison_notices_every_single_grant_and_call() {
    let whole = template(&[]);
    let (seen, unseen) = as_permitted(&whole);
    for index in 0..whole.grants.len() {
        let mut grants: Vec<Grant> = whole.grants.clone();
        let gone = grants.remove(index);
        let told = faults(&grants, &seen, &unseen);
        assert!(
            told.len() == 1 && told[0].starts_with(&gone.who) && told[0].contains(&gone.action),
            "{gone:?}: {told:?}"
        );
    }
    for index in 0..seen.len() {
        let mut fewer: Vec<_> = seen.iter().cloned().collect();
        let call = fewer.remove(index);
        let told = faults(&whole.grants, &fewer.into_iter().collect(), &unseen);
        assert!(told.len() == 1 && told[0].starts_with(&call.access_key), "{call:?}: {told:?}");
    }
}
