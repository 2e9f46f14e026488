#!/usr/bin/env bash
# AWS SAM: Globals give each function a variable A. What has a function whose own `Environment` or `Variables` is an !If that adds B?
# We expected A and B in the one case, and A in the other, since SAM merges the two maps: with `B: !If …` inside the map A stays. If the !If stands
# in the place of a map, it replaces the global one, without a warning. So in production, say, the function has B alone, and where the !If
# gives AWS::NoValue it has no variable at all.
# Taskway's template has the names of its table, its bucket and its queues in Globals. Whoever adds a condition to the environment of one
# of its functions must put it at each variable.
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

def choose(value):
    return {"Fn::If": ["Production", value, {"Ref": "AWS::NoValue"}]}

def show(name, environment):
    function = {"Handler": "a.b", "Runtime": "python3.13", "InlineCode": "x", "Environment": environment}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Environment": {"Variables": {"A": "1"}}}},
        "Conditions": {"Production": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "production"]}},
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": function}},
    }
    made = transform(template, {}, SimpleNamespace(load=dict))["Resources"]["F"]["Properties"]["Environment"]
    print(f"{name}: A is", "there" if '"A"' in json.dumps(made) else "gone")

show("B: 2", {"Variables": {"B": "2"}})
show("B: !If", {"Variables": {"B": choose("2")}})
show("Variables: !If", {"Variables": choose({"B": "2"})})
show("Environment: !If", choose({"Variables": {"B": "2"}}))
PY
seen=$(AWS_DEFAULT_REGION=us-east-1 venv/bin/python transform.py 2>/dev/null)
echo "aws-sam-translator $(venv/bin/pip show aws-sam-translator | sed -n 's/^Version: //p'); expected: A is there"
echo "$seen"
[ "$seen" = 'B: 2: A is there
B: !If: A is there
Variables: !If: A is gone
Environment: !If: A is gone' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: a condition replaces the global variables'
