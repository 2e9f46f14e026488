#!/usr/bin/env bash
# openapi-python-client: two filters in the query, `created[after]=…` and `ended[after]=…`, which OpenAPI calls deepObject. What is sent?
# We expected both, or a warning that this style is not known. The generated client sends `after=…`, once: it drops the parameter's name, so the
# two are one, and the second value replaces the first. Nothing is printed. A list with `explode: false`, `state=a,b`, it sends as
# `state=a&state=b`. An exploded form, which is the default of OpenAPI, it sends right.
# Whoever makes a client in Python of Taskway's document (docs/openapi.json): its one object in a query, `labels`, is an exploded form, and
# no parameter is a list.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check openapi-python-client==0.29.1

cat >api.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "tasks", "version": "1"}, "paths": {"/tasks": {"get": {
  "operationId": "list_tasks",
  "parameters": [
    {"name": "created", "in": "query", "style": "deepObject", "explode": true, "schema": {"$ref": "#/components/schemas/Span"}},
    {"name": "ended", "in": "query", "style": "deepObject", "explode": true, "schema": {"$ref": "#/components/schemas/Span"}},
    {"name": "state", "in": "query", "style": "form", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}}
  ],
  "responses": {"204": {"description": "none"}}}}},
  "components": {"schemas": {"Span": {"type": "object", "properties": {"after": {"type": "integer"}}}}}}
JSON
printf 'post_hooks: []\n' >settings.yaml
venv/bin/openapi-python-client generate --path api.json --meta none --output-path tasks --config settings.yaml >log 2>&1 || { cat log; exit 1; }
warned=$(grep -ci warning log || true)
cat >ask.py <<'PY'
import httpx
from tasks import Client
from tasks.api.default import list_tasks
from tasks.models import Span
def show(request):
    print(request.url.query.decode())
    return httpx.Response(204)
client = Client(base_url="http://tasks", httpx_args={"transport": httpx.MockTransport(show)})
list_tasks.sync_detailed(client=client, created=Span(after=1), ended=Span(after=2), state=["queued", "running"])
PY
seen=$(venv/bin/python ask.py)
echo "openapi-python-client $(venv/bin/pip show openapi-python-client | sed -n 's/^Version: //p')"
echo 'expected: created[after]=1&ended[after]=2&state=queued,running'
echo "seen: $seen, with $warned warnings"
[ "$seen, $warned" = 'after=2&state=queued&state=running, 0' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: one filter is lost'
