#!/usr/bin/env bash
# cfn-lint and the expressions of schedules: does it find `rate(1 minutes)`, which AWS refuses because one is singular?
# We expected that it checks AWS::Scheduler::Schedule as it checks AWS::Events::Rule, where E3027 finds this and two more mistakes. In a
# Schedule it finds none of them, and not that a FLEXIBLE window lacks its length. The stack fails when it is deployed.
# Taskway's template is checked with cfn-lint and starts its scheduler by a rule. To move it to a Schedule would lose that check.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check cfn-lint==1.58.0

cat >templates.py <<'PY'
import json
rule = lambda text: {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": text}}
target = {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/r"}
schedule = lambda text: {"Type": "AWS::Scheduler::Schedule", "Properties": {
    "ScheduleExpression": text, "FlexibleTimeWindow": {"Mode": "FLEXIBLE"}, "Target": target}}
wrong = {"Singular": "rate(1 minutes)", "BothDays": "cron(0 0 * * * *)", "Zero": "rate(0 hours)"}
for name, made in (("rules", rule), ("schedules", schedule)):
    with open(f"{name}.json", "w") as file:
        json.dump({"Resources": {key: made(text) for key, text in wrong.items()}}, file)
PY
python3 templates.py
found() {
    venv/bin/cfn-lint --format json "$1.json" |
        python3 -c 'import json, sys; print(*sorted({x["Location"]["Path"][1] for x in json.load(sys.stdin)}) or ["none"])'
}
seen="rules: $(found rules) | schedules: $(found schedules)"
echo 'expected: the same three in both'
echo "$(venv/bin/cfn-lint --version), found wrong: $seen"
[ "$seen" = 'rules: BothDays Singular Zero | schedules: none' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: only rules are checked'
