//! Roles and policies.

use super::{super::*, local};

const TEMPLATE: &str = "
Conditions:
  Never: !Equals [1, 2]
Resources:
  Lane: { Type: AWS::SQS::Queue }
  Tasks:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: PK, AttributeType: S }]
      KeySchema: [{ AttributeName: PK, KeyType: HASH }]
  Large: { Type: AWS::S3::Bucket }
  Logs: { Type: AWS::Logs::LogGroup }
  One:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: one } }
    Properties: { Role: !GetAtt Shared.Arn }
  Two:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: two } }
    Properties: { Role: !GetAtt Shared.Arn }
  Shared:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: { Statement: [] }
      Policies:
        - PolicyName: first
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Sid: Index, Effect: Allow, Action: dynamodb:Query, Resource: !Sub '${Tasks.Arn}/index/agenda' }
              - !If [Never, { Effect: Allow, Action: s3:GetObject, Resource: '*' }, !Ref AWS::NoValue]
        - PolicyName: second
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Effect: Allow, Action: [logs:PutLogEvents], Resource: [!GetAtt Logs.Arn] }
  Alone:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: only
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: !Sub '${Large.Arn}/*' }]
  More:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      Roles: [!Ref Alone, !Ref Shared]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Sid: Call, Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt One.Arn }]
  ByHand:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: [sqs:SendMessage, sqs:ReceiveMessage], Resource: !GetAtt Lane.Arn }]
  Plain:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Lane]
      PolicyDocument: { Statement: [{ Effect: Deny, Principal: '*', Action: 'sqs:*', Resource: !GetAtt Lane.Arn }] }
";

#[test]
fn a_queue_policy_for_several_queues_is_refused() {
    let several = TEMPLATE.replace("'sqs:*', Resource: !GetAtt Lane.Arn", "'sqs:*', Resource: [!GetAtt Lane.Arn]");
    let refused = read(&several, &local()).unwrap_err().to_string();
    assert!(refused.contains("Plain") && refused.contains("the arn of one queue"), "{refused}");
}

#[test]
fn each_action_on_each_resource_is_a_grant() {
    let grants = read(TEMPLATE, &local()).unwrap().grants;
    let grants: Vec<String> =
        grants.iter().map(|grant| [&*grant.who, &grant.action, &grant.resource, &grant.sid].join(" ")).collect();
    assert_eq!(
        grants,
        [
            "One dynamodb:Query arn:aws:dynamodb:us-east-1:000000000000:table/taskway-Tasks/index/agenda Index",
            "Two dynamodb:Query arn:aws:dynamodb:us-east-1:000000000000:table/taskway-Tasks/index/agenda Index",
            "One logs:PutLogEvents arn:aws:logs:us-east-1:000000000000:log-group:taskway-Logs:* ",
            "Two logs:PutLogEvents arn:aws:logs:us-east-1:000000000000:log-group:taskway-Logs:* ",
            // A role without a function appears under its own name.
            "Alone s3:GetObject arn:aws:s3:::taskway-large/* ",
            "Alone lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:taskway-One Call",
            "One lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:taskway-One Call",
            "Two lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:taskway-One Call",
            "ByHand sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:taskway-Lane ",
            "ByHand sqs:ReceiveMessage arn:aws:sqs:us-east-1:000000000000:taskway-Lane ",
        ]
    );
}

#[test]
fn unsupported_permissions_are_refused() {
    let unsupported = "this property is not supported by the local stack";
    let statement = "PolicyDocument.Statement[0]";
    for (from, to, error) in [
        (
            "[sqs:SendMessage, sqs:ReceiveMessage]",
            "[sqs:SendMessage, 'sqs:*']",
            format!("ByHand, {statement}.Action[1]: an action with a wildcard is not supported by the local stack"),
        ),
        (
            "[sqs:SendMessage, sqs:ReceiveMessage]",
            "[]",
            format!("ByHand, {statement}.Action: expected an action or a list of them, found []"),
        ),
        (
            "[sqs:SendMessage, sqs:ReceiveMessage]",
            "{}",
            format!("ByHand, {statement}.Action: expected an action or a list of them, found {{}}"),
        ),
        (
            "Effect: Allow, Action: [sqs",
            "Effect: Deny, Action: [sqs",
            format!("ByHand, {statement}.Effect: expected Allow, found \"Deny\""),
        ),
        ("Action: [sqs", "NotAction: [sqs", format!("ByHand, {statement}.NotAction: {unsupported}")),
        (
            "Resource: !GetAtt Lane.Arn }]\n",
            "NotResource: x }]\n",
            format!("ByHand, {statement}.NotResource: {unsupported}"),
        ),
        (
            "Resource: !GetAtt Lane.Arn }]\n",
            "Resource: x, Condition: {} }]\n",
            format!("ByHand, {statement}.Condition: {unsupported}"),
        ),
        (
            "Resource: !GetAtt Lane.Arn }]\n",
            "Resource: !GetAtt Line.Arn }]\n",
            "ByHand, PolicyDocument: the template has no resource or parameter Line.Arn that the local stack supports"
                .to_owned(),
        ),
        (
            "AssumeRolePolicyDocument: { Statement: [] }",
            "ManagedPolicyArns: [x]",
            format!("Shared, ManagedPolicyArns: {unsupported}"),
        ),
        (
            "Type: AWS::IAM::ManagedPolicy\n    Properties:",
            "Type: AWS::IAM::ManagedPolicy\n    Properties:\n      Roles: [x]",
            format!("ByHand, Roles: {unsupported}"),
        ),
        (
            "Type: AWS::IAM::ManagedPolicy",
            "Type: AWS::IAM::UserPolicy",
            "ByHand, Type: AWS::IAM::UserPolicy is not supported by the local stack".to_owned(),
        ),
        ("PolicyName: more", "Groups: [x]", format!("More, Groups: {unsupported}")),
        (
            "Roles: [!Ref Alone, !Ref Shared]",
            "Roles: [!Ref Alone, elsewhere]",
            "More, Roles[1]: expected the name of a role of this template, found \"elsewhere\"".to_owned(),
        ),
        (
            "Roles: [!Ref Alone, !Ref Shared]",
            "Roles: elsewhere",
            "More, Roles: expected a list of roles, found \"elsewhere\"".to_owned(),
        ),
        (
            "Properties: { Role: !GetAtt Shared.Arn }",
            "Properties: { Policies: [AWSLambda_FullAccess] }",
            format!("One, Policies: {unsupported}"),
        ),
        (
            "Properties: { Role: !GetAtt Shared.Arn }",
            "Properties: { Role: 'arn:aws:iam::1:role/other' }",
            "One, Role: expected the arn of a role of this template, found \"arn:aws:iam::1:role/other\"".to_owned(),
        ),
        ("[{ Effect: Deny", "[{ Effect: Allow", format!("Plain, {statement}.Effect: expected Deny, found \"Allow\"")),
    ] {
        assert!(TEMPLATE.contains(from), "{from}");
        let refused = read(&TEMPLATE.replacen(from, to, 1), &local()).unwrap_err();
        assert_eq!(refused.to_string(), error, "{from} -> {to}");
    }
}
