//! Given parameters and conditions.

use super::{super::*, local, texts};

const TEMPLATE: &str = "
Parameters:
  Stage: { Type: String, Default: test, AllowedValues: [test, live] }
  Key: { Type: String, Default: '' }
  Names: { Type: CommaDelimitedList, Default: 'one, two' }
  Window: { Type: Number, Default: 0 }
Conditions:
  Live: !Equals [!Ref Stage, live]
  Test: !Not [!Condition Live]
  Keyed: !And [!Condition Live, !Not [!Equals [!Ref Key, '']]]
  Either: { 'Fn::Or': [{ Condition: Live }, { 'Fn::Equals': [!Ref 'AWS::StackName', other] }] }
Resources:
  Dead: { Type: AWS::SQS::Queue, Condition: Live }
  Lane:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !If [Live, 60, 30]
      DelaySeconds: !If [Either, 5, !Ref AWS::NoValue]
      SqsManagedSseEnabled: !If [Keyed, !Ref AWS::NoValue, true]
      RedrivePolicy: !If [Live, { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }, !Ref AWS::NoValue]
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: worker } }
    Properties:
      Environment:
        Variables:
          NAMES: !Join ['+', !Ref Names]
          SECOND: !Select [1, !Split ['/', 'a/b/c']]
          GONE: !If [Live, here, !Ref AWS::NoValue]
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Condition: Live
    Properties:
      EventSourceArn: !GetAtt Lane.Arn
      FunctionName: !Ref Worker
      MaximumBatchingWindowInSeconds: !Ref Window
      BatchSize: !If [Keyed, 100, 10]
";

fn given<const N: usize>(parameters: [(&str, &str); N]) -> Result<Template, TemplateError> {
    read(TEMPLATE, &LocalEndpoints { parameters: texts(parameters), ..local() })
}

#[test]
fn a_resource_whose_condition_does_not_hold_is_removed() {
    let template = given([]).unwrap();
    let [lane] = template.queues.as_slice() else { panic!("one queue, not {:?}", template.queues) };
    assert_eq!(lane.attributes, texts([("VisibilityTimeout", "30"), ("SqsManagedSseEnabled", "true")]));
    assert_eq!(template.functions[0].environment, texts([("NAMES", "one+two"), ("SECOND", "b")]));
    assert!(template.mappings.is_empty());
}

#[test]
fn given_parameters_override_the_defaults() {
    let template = given([("Stage", "live"), ("Key", "k"), ("Names", "three"), ("Window", "1")]).unwrap();
    let [_, lane] = template.queues.as_slice() else { panic!("two queues, not {:?}", template.queues) };
    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:taskway-Dead","maxReceiveCount":3}"#;
    let attributes = [("VisibilityTimeout", "60"), ("DelaySeconds", "5"), ("RedrivePolicy", redrive)];
    assert_eq!(lane.attributes, texts(attributes));
    let environment = texts([("NAMES", "three"), ("SECOND", "b"), ("GONE", "here")]);
    assert_eq!(template.functions[0].environment, environment);
    assert_eq!(template.mappings[0].batch_size, 100);
    assert_eq!(given([("Names", "")]).unwrap().functions[0].environment["NAMES"], "");
}

#[test]
fn an_unknown_parameter_or_value_is_refused() {
    for (parameter, error) in [
        (("Stag", "live"), "Parameters, Stag: expected a parameter of this template, found none of this name"),
        (("Stage", "live "), "Parameters, Stage: expected test or live, found live "),
    ] {
        assert_eq!(given([parameter]).unwrap_err().to_string(), error);
    }
    let error = given([("Stage", "live"), ("Key", "k")]).unwrap_err().to_string();
    assert_eq!(
        error, "Feed, BatchSize: expected a whole number from 1 to 10, found 100",
        "a larger batch needs a window"
    );
}

#[test]
fn an_error_in_a_condition_names_the_place_and_the_problem() {
    for (from, to, error) in [
        (
            "!Not [!Condition Live]",
            "!Not [!Condition Test]",
            "Conditions, Test: expected a condition that does not depend on itself, found Test",
        ),
        (
            "!Not [!Condition Live]",
            "!Not [!Condition Life]",
            "Conditions, Test: expected a condition of this template, found Life",
        ),
        (
            "!Equals [!Ref Stage, live]",
            "!Equals [!Ref Stage]",
            "Conditions, Live: expected Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition, \
             found {\"Fn::Equals\":[{\"Ref\":\"Stage\"}]}",
        ),
        (
            "!Equals [!Ref Stage, live]",
            "!Equals [!Ref Lane, live]",
            "Conditions, Live: the template has no resource or parameter Lane that the local stack supports",
        ),
        (
            "!Select [1,",
            "!Select [3,",
            "Worker, Environment.Variables.SECOND: expected a whole number from 0 to 2, found 3",
        ),
        // A removed resource cannot be referred to.
        (
            "VisibilityTimeout: !If [Live, 60, 30]",
            "VisibilityTimeout: !GetAtt Dead.Arn",
            "Lane, VisibilityTimeout: the template has no resource or parameter Dead.Arn that the local stack supports",
        ),
    ] {
        assert!(TEMPLATE.contains(from), "{from}");
        let text = TEMPLATE.replacen(from, to, 1);
        assert_eq!(read(&text, &local()).unwrap_err().to_string(), error, "{from} -> {to}");
    }
}
