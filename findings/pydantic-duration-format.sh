#!/usr/bin/env bash
# Pydantic's JSON and Pydantic's own JSON Schema for it: does a timedelta of half a second, or of an hour and a second, fit the schema?
# We expected so. The schema says `"format": "duration"`, which is the grammar of RFC 3339, appendix A. That has no fractions, no sign, and no
# seconds right after hours. Pydantic writes `PT0.5S`, `-PT1S` and `PT1H1S`. jsonschema-rs, which Schemathesis 4 checks answers with, holds to
# the grammar. The Python library jsonschema takes all of them.
# A team that tests its service with Schemathesis, as Taskway's API may be, gets failures of correct answers. Taskway's OpenAPI document
# has seconds as integers and no durations: docs/api.md.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pydantic==2.13.5 jsonschema-rs==0.60.3 'jsonschema[format]==4.26.0'

cat >fits.py <<'PY'
from datetime import timedelta
import jsonschema, jsonschema_rs
from pydantic import TypeAdapter

adapter = TypeAdapter(timedelta)
schema = adapter.json_schema(mode="serialization")
print(schema)
for duration in (timedelta(hours=1), timedelta(seconds=0.5), timedelta(seconds=-1), timedelta(hours=1, seconds=1)):
    text = adapter.dump_python(duration, mode="json")
    rust = jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(text)
    python = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).is_valid(text)
    print(f"{text}: jsonschema-rs {rust}, jsonschema {python}")
PY
seen=$(venv/bin/python fits.py)
echo 'Pydantic 2.13.5, jsonschema-rs 0.60.3, jsonschema 4.26.0; expected: True throughout'
echo "$seen"
[ "$seen" = "{'format': 'duration', 'type': 'string'}
PT1H: jsonschema-rs True, jsonschema True
PT0.5S: jsonschema-rs False, jsonschema True
-PT1S: jsonschema-rs False, jsonschema True
PT1H1S: jsonschema-rs False, jsonschema True" ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
