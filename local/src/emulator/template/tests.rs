//! References and intrinsic functions, and the errors of broken templates.

#![allow(clippy::unwrap_used, clippy::panic)]

mod conditions;
mod permissions;

use std::collections::BTreeMap;

use super::*;

/// A template with one resource of each kind, written with short tags.
const SMALL: &str = "
Parameters:
  Seconds: { Type: Number, Default: 7 }
Globals:
  Function:
    Timeout: 20
    Environment: { Variables: { TABLE: !Ref Tasks, SHARED: global } }
Resources:
  Tasks:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: PK, AttributeType: S }]
      KeySchema: [{ AttributeName: PK, KeyType: HASH }]
  Lane:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: !Ref Seconds
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub \"${AWS::StackName}-dead-${Seconds}\"
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: worker } }
    Properties:
      Environment:
        Variables:
          SHARED: own
          QUEUE: !Ref Lane
          ARN: !Sub '${Tasks.Arn}/index/${!x}'
      Events:
        Tick: { Type: Schedule, Properties: { Schedule: rate(5 minutes) } }
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Lane.Arn
      FunctionName: !Ref Worker
";

fn local() -> LocalEndpoints {
    LocalEndpoints { sqs_base: "http://127.0.0.1:9324".into(), stack: "taskway".into(), ..LocalEndpoints::default() }
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn references_names_and_defaults_are_resolved() {
    let template = read(SMALL, &local()).unwrap();
    let [lane, dead] = template.queues.as_slice() else { panic!("two queues, not {:?}", template.queues) };
    assert_eq!(dead.name, "taskway-dead-7");
    assert_eq!(
        lane.attributes,
        texts([
            ("DelaySeconds", "7"),
            (
                "RedrivePolicy",
                r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:taskway-dead-7","maxReceiveCount":3}"#
            ),
        ])
    );
    let [worker] = template.functions.as_slice() else { panic!("one function, not {:?}", template.functions) };
    assert_eq!(worker.timeout_seconds, 20);
    assert_eq!(
        worker.environment,
        texts([
            ("TABLE", "taskway-Tasks"),
            ("SHARED", "own"),
            ("QUEUE", "http://127.0.0.1:9324/000000000000/taskway-Lane"),
            ("ARN", "arn:aws:dynamodb:us-east-1:000000000000:table/taskway-Tasks/index/${x}"),
        ])
    );
    assert_eq!(template.schedules, [Schedule { function: "Worker".into(), every_seconds: 300 }]);
    assert_eq!(
        template.mappings,
        [Mapping {
            queue: "Lane".into(),
            function: "Worker".into(),
            batch_size: 10,
            maximum_concurrency: None,
            report_batch_item_failures: false,
        }]
    );
    assert_eq!(template.tables[0].ttl_attribute, None);
}

#[test]
fn all_spellings_of_a_function_mean_the_same() {
    let short = read(SMALL, &local()).unwrap();
    for (from, to) in [
        ("!Ref Seconds", "{ Ref: Seconds }"),
        ("!GetAtt Dead.Arn", "{ 'Fn::GetAtt': [Dead, Arn] }"),
        ("!GetAtt Dead.Arn", "{ 'Fn::GetAtt': Dead.Arn }"),
        ("!GetAtt Dead.Arn", "!GetAtt [Dead, Arn]"),
        ("!GetAtt Dead.Arn", "!Sub '${Dead.Arn}'"),
        ("!GetAtt Dead.Arn", "!Sub 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Dead.QueueName}'"),
        ("!Sub '${Tasks.Arn}/index/${!x}'", "{ 'Fn::Sub': '${Tasks.Arn}/index/${!x}' }"),
        ("!Sub '${Tasks.Arn}/index/${!x}'", "!Sub ['${T}/index/${!x}', { T: !GetAtt Tasks.Arn }]"),
        ("QUEUE: !Ref Lane", "QUEUE: !GetAtt Lane.QueueUrl"),
        ("FunctionName: !Ref Worker", "FunctionName: !GetAtt Worker.Arn"),
        ("maxReceiveCount: 3", "maxReceiveCount: '3'"),
    ] {
        assert_eq!(read(&with(from, to), &local()).unwrap(), short, "{to}");
    }
}

#[test]
fn resources_that_the_local_stack_does_not_run_are_skipped() {
    let more = format!(
        "{SMALL}
  Api: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ Name: !ImportValue x }} }}
  Key: {{ Type: AWS::KMS::Key, Properties: {{ KeyPolicy: {{}} }} }}
Rules:
  One: {{ Assertions: [{{ Assert: !Equals [!Ref nothing, 1] }}] }}
Outputs:
  Url: {{ Value: !GetAtt Api.ApiEndpoint }}
"
    );
    assert_eq!(read(&more, &local()).unwrap(), read(SMALL, &local()).unwrap());
}

#[test]
fn of_a_bucket_only_its_name_is_read() {
    let more =
        format!("{SMALL}\n  Large: {{ Type: AWS::S3::Bucket, Properties: {{ BucketEncryption: !If [a, b, c] }} }}\n");
    let bucket = Bucket { logical_id: "Large".to_owned(), name: "taskway-large".to_owned() };
    assert_eq!(read(&more, &local()).unwrap().buckets, [bucket]);
}

#[test]
fn an_error_names_the_place_and_the_problem() {
    for (from, to, error) in [
        (
            "BillingMode: PAY_PER_REQUEST",
            "BillingMode: PROVISIONED",
            r#"Tasks, BillingMode: expected PAY_PER_REQUEST, found "PROVISIONED""#,
        ),
        ("      BillingMode: PAY_PER_REQUEST\n", "", "Tasks, BillingMode: expected PAY_PER_REQUEST, but it is missing"),
        ("KeyType: HASH", "KeyType: FIRST", r#"Tasks, KeySchema[0].KeyType: expected HASH or RANGE, found "FIRST""#),
        (
            "      KeySchema:",
            "      LocalSecondaryIndexes: []\n      KeySchema:",
            "Tasks, LocalSecondaryIndexes: this property is not supported by the local stack",
        ),
        (
            "      KeySchema:",
            "      TimeToLiveSpecification: { AttributeName: ttl }\n      KeySchema:",
            "Tasks, TimeToLiveSpecification.Enabled: expected true or false, but it is missing",
        ),
        (
            "maxReceiveCount: 3",
            "maxReceiveCount: 0",
            "Lane, RedrivePolicy.maxReceiveCount: expected a whole number from 1 to 1000, found 0",
        ),
        (
            "maxReceiveCount: 3",
            "maxRecieveCount: 3",
            "Lane, RedrivePolicy.maxRecieveCount: this property is not supported by the local stack",
        ),
        (
            "!GetAtt Dead.Arn",
            "!GetAtt Deaf.Arn",
            "Lane, RedrivePolicy: the template has no resource or parameter Deaf.Arn that the local stack supports",
        ),
        (
            "!GetAtt Dead.Arn",
            "!GetAtt Tasks.Arn",
            "Lane, RedrivePolicy.deadLetterTargetArn: expected the arn of a queue of this template, \
             found \"arn:aws:dynamodb:us-east-1:000000000000:table/taskway-Tasks\"",
        ),
        (
            "!GetAtt Dead.Arn",
            "!GetAtt Tasks.StreamArn",
            "Lane, RedrivePolicy: the attribute Tasks.StreamArn is not supported by the local stack",
        ),
        ("!Ref Seconds", "!Base64 x", "Lane, DelaySeconds: Fn::Base64 is not supported by the local stack"),
        ("!Ref Seconds", "!If [a, 1, 2]", "Lane, DelaySeconds: expected a condition of this template, found a"),
        (
            "!Ref Seconds",
            "!If [a, 1]",
            "Lane, DelaySeconds: expected [CONDITION, VALUE, VALUE] in Fn::If, found [\"a\",1]",
        ),
        ("!Ref Seconds", "901", "Lane, DelaySeconds: expected a whole number from 0 to 900, found 901"),
        (
            "{ Type: Number, Default: 7 }",
            "{ Type: Number }",
            "Parameters, Seconds.Default: expected a text, a number or a boolean, but it is missing",
        ),
        (
            "{ Type: Number, Default: 7 }",
            "{ Type: List<Number>, Default: 7 }",
            "Parameters, Seconds.Type: expected String or Number or CommaDelimitedList, found \"List<Number>\"",
        ),
        (
            "{ BuildProperties: { Binary: worker } }",
            "{}",
            "Worker, Metadata.BuildProperties.Binary: expected the name of a binary, but it is missing",
        ),
        ("Timeout: 20", "Timeuot: 20", "Globals, Function.Timeuot: this property is not supported by the local stack"),
        ("Timeout: 20", "Timeout: 901", "Globals, Function.Timeout: expected a whole number from 1 to 900, found 901"),
        (
            "Timeout: 20",
            "Timeout: 31",
            "Feed, EventSourceArn: expected a queue with a VisibilityTimeout of at least Worker's timeout, 31 s, \
             found Lane with 30 s",
        ),
        (
            "SHARED: own",
            "SHARED: [own]",
            "Worker, Environment.Variables.SHARED: expected a text, a number or a boolean, found [\"own\"]",
        ),
        (
            "${Tasks.Arn}/index",
            "${Tasks.Arn/index",
            "Worker, Environment.Variables.ARN: expected a name in ${}, found Tasks.Arn/index/${!x",
        ),
        (
            "Type: Schedule",
            "Type: SQS",
            "Worker, Events.Tick.Type: an event of type SQS is not supported by the local stack",
        ),
        (
            "rate(5 minutes)",
            "rate(1 minutes)",
            "Worker, Events.Tick.Properties.Schedule: expected a rate such as rate(1 minute) or rate(5 minutes), \
             found \"rate(1 minutes)\"",
        ),
        (
            "FunctionName: !Ref Worker",
            "FunctionName: other",
            "Feed, FunctionName: expected a function of this template, found \"other\"",
        ),
        (
            "FunctionName: !Ref Worker",
            "FunctionName: !Ref Worker\n      BatchSize: 100",
            "Feed, BatchSize: expected a whole number from 1 to 10, found 100",
        ),
        (
            "FunctionName: !Ref Worker",
            "FunctionName: !Ref Worker\n      MaximumBatchingWindowInSeconds: 301",
            "Feed, MaximumBatchingWindowInSeconds: expected a whole number from 0 to 300, found 301",
        ),
        (
            "FunctionName: !Ref Worker",
            "FunctionName: !Ref Worker\n      FilterCriteria: {}",
            "Feed, FilterCriteria: this property is not supported by the local stack",
        ),
        (
            "FunctionName: !Ref Worker",
            "FunctionName: !Ref Worker\n      Enabled: false",
            "Feed, Enabled: a mapping that is switched off is not supported by the local stack",
        ),
        (
            "Type: AWS::Lambda::EventSourceMapping",
            "Type: AWS::Events::Rule",
            "Feed, Type: AWS::Events::Rule is not supported by the local stack",
        ),
        (
            "Type: AWS::Lambda::EventSourceMapping",
            "Type: AWS::Lambda::EventSourceMapping\n    Condition: Prod",
            "Feed, Condition: expected a condition of this template, found Prod",
        ),
        (
            "    Type: AWS::Lambda::EventSourceMapping\n",
            "",
            "Feed, Type: expected the type of a resource, but it is missing",
        ),
        ("Resources:", "Ressources:", "template, Resources: expected a mapping of resources, but it is missing"),
    ] {
        assert_eq!(read(&with(from, to), &local()).unwrap_err().to_string(), error, "{from} -> {to}");
    }
}

#[test]
fn a_text_that_is_not_a_template_is_refused() {
    for (text, error) in [
        ("", "template: expected a mapping with Resources, but it is missing"),
        ("[1, 2]", "template: expected a mapping with Resources, found something else"),
        (
            "Resources: {}\n---\nResources: {}",
            "template: a text of several documents is not supported by the local stack",
        ),
        ("Resources: []", "Resources: expected a mapping of resources, found something else"),
        ("Resources: {A: {Type: 3}}", "A, Type: expected the type of a resource, found 3"),
        ("Resources: {A: 3}", "A: expected a mapping, found 3"),
        ("Resources: {A: {Type: AWS::SQS::Queue, Properties: 3}}", "A, Properties: expected a mapping, found 3"),
    ] {
        assert_eq!(read(text, &local()).unwrap_err().to_string(), error, "{text}");
    }
    for text in ["Resources: {", "Resources: {}\nResources: {}", "a: b: c"] {
        let error = read(text, &local()).unwrap_err();
        assert_eq!(error.to_string(), "the template is not valid yaml");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("line"), "{source}");
    }
}

/// Returns the small template with one part replaced.
fn with(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}
