#!/usr/bin/env bash
# AWS SAM: a function's `Schedule` event with `Enabled: !Ref On` or `Enabled: !If [IsProduction, true, false]`, to have the schedule on in
# production alone. We expected that the rule follows the parameter or the condition, or that SAM refuses it, as it refuses a text there.
# SAM takes any such value for true: the rule is ENABLED in every stack. An `SQS` event of the same function passes the condition on.
# `State`, beside `Enabled`, does so too.
# Whoever builds a stack around Taskway's template (docs/deploying.md) and turns schedules or mappings off by a parameter needs `State`.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check aws-sam-translator==1.115.0

cat >transform.py <<'PY'
import json
from types import SimpleNamespace
from samtranslator.translator.transform import transform

def show(parameter, kind, **event):
    """What SAM makes of an event of this kind: whether it is enabled."""
    event |= {"Schedule": "rate(1 hour)"} if kind == "Schedule" else {"Queue": "arn:aws:sqs:us-east-1:123456789012:mails"}
    function = {"Handler": "a.b", "Runtime": "python3.13", "InlineCode": "x", "Events": {"Mail": {"Type": kind, "Properties": event}}}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"On": {"Type": "String"}},
        "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "On"}, "true"]}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": function}},
    }
    made = transform(template, {"On": parameter}, SimpleNamespace(load=dict))["Resources"]["FMail"]["Properties"]
    return json.dumps(made.get("State", made.get("Enabled")))

condition = {"Fn::If": ["IsOn", True, False]}
print("Enabled false:", show("false", "Schedule", Enabled=False))
print("Enabled !Ref On, which is false:", show("false", "Schedule", Enabled={"Ref": "On"}))
print("Enabled !If:", show("false", "Schedule", Enabled=condition))
print("Enabled !If of an SQS event:", show("false", "SQS", Enabled=condition))
print("State !If:", show("false", "Schedule", State={"Fn::If": ["IsOn", "ENABLED", "DISABLED"]}))
PY
seen=$(AWS_DEFAULT_REGION=us-east-1 venv/bin/python transform.py 2>/dev/null)
echo "aws-sam-translator $(venv/bin/pip show aws-sam-translator | sed -n 's/^Version: //p'); expected: DISABLED, or the condition"
echo "$seen"
[ "$seen" = 'Enabled false: "DISABLED"
Enabled !Ref On, which is false: "ENABLED"
Enabled !If: "ENABLED"
Enabled !If of an SQS event: {"Fn::If": ["IsOn", true, false]}
State !If: {"Fn::If": ["IsOn", "ENABLED", "DISABLED"]}' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: always enabled'
