#!/usr/bin/env bash
# Google's client for Cloud Tasks in Python: a task with a `schedule_time` of 12:00, as a datetime without a zone. When is it due?
# We expected one answer of one library. By `FromDatetime` of a protobuf Timestamp it is 12:00 in UTC. The same datetime
# given to `Task(schedule_time=…)`, which takes one, is 12:00 on the clock of the machine: on one in New York it is due five hours later.
# So whoever drops the Timestamp to shorten a line moves all tasks, on a laptop and not on a server in UTC.
# People who come from Cloud Tasks: Taskway's client for Python refuses a time without a zone (clients/python/README.md).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check google-cloud-tasks==2.26.0 proto-plus==1.29.0 protobuf==7.36.2

cat >plan.py <<'PY'
from datetime import datetime
from google.cloud.tasks_v2 import Task
from google.protobuf.timestamp_pb2 import Timestamp
noon = datetime(2026, 12, 1, 12)
stamp = Timestamp()
stamp.FromDatetime(noon)
for way, value in [("by a Timestamp", stamp), ("by the datetime", noon)]:
    print(f"{way}: {Task.to_dict(Task(schedule_time=value))['schedule_time']}")
PY
seen=$(TZ=America/New_York venv/bin/python plan.py)
version() { venv/bin/pip show "$1" | sed -n 's/^Version: //p'; }
echo "google-cloud-tasks $(version google-cloud-tasks), proto-plus $(version proto-plus); expected: the same moment twice"
echo "$seen"
[ "$seen" = 'by a Timestamp: 2026-12-01T12:00:00Z
by the datetime: 2026-12-01T17:00:00Z' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: five hours apart'
