"""What schemathesis needs to know of Taskway, and checks beside its own. `schemathesis.toml` names this module."""

import collections
import datetime
import itertools
import re

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

START = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def written(after, offset):
    """The time so many seconds after the start, on the clock of an offset."""
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    return (START + datetime.timedelta(seconds=after)).astimezone(zone).isoformat()


# Times that a task may start at.
INSTANTS = st.builds(written, st.integers(3_600, 360 * 86_400), st.sampled_from([0, 330, -540]))
CRONS = st.sampled_from(["30 4 * * 1", "*/5 * * * *", "0 0 12 * * *", "@daily", "0 0 1-7 * mon"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
# The tasks of this test are delivered, and this name is nobody's (RFC 2606).
URLS = st.from_regex(r"\Ahttps://([a-z]{1,9}\.)?taskway\.invalid(:[1-9][0-9]{0,3})?(/[a-z0-9._~-]{0,9}){0,2}(\?[a-z=&]{0,9})?\Z")

schemathesis.openapi.format("date-time", INSTANTS)
schemathesis.openapi.format("cron", CRONS)
schemathesis.openapi.format("time-zone", ZONES)
schemathesis.openapi.format("uri", URLS)
# Only the API makes cursors.
schemathesis.openapi.format("cursor", st.nothing())

# What a schema cannot say: the place and the detail of such a fault. A sound request may be refused for nothing else.
UNSAID = [
    r"/(tasks/\d+/)?(run_at|deadline) must be within 366 days of now, .*",
    r"/start_at must be within the next 8 years",
    r"/(tasks/\d+/|task/)?run_at must not be given together with delay_seconds",
    r"/(tasks/\d+/|task/)?payload must be at most \d+ bytes together with .*",
    r"/(tasks/\d+/)?replace must be given together with idempotency_key, .*",
    r"/(tasks/\d+/)?payload_ref must not be given together with payload",
    r"/(tasks/\d+/)?payload_ref must name at most \d+ bytes for a Lambda target .*",
    r"/(tasks/\d+/)?payload_ref names no upload of yours: .*",
    r"/(task/)?deadline must be after the task's start, .*",
    r"/(task/)?retry/m(in|ax)_backoff_seconds must be at (most|least) m(ax|in)_backoff_seconds, .*",
    r"/(per_key/)?rate/(tasks|burst) must be 1 to \d+, got \d+",
    r"/time_zone is for cron: an interval is the same in every zone",
    r"/end_at must not be before .*",
    r"/name must be the name in the path, .*",
    r"/idempotency_key must be the same as the Idempotency-Key header when both are given",
    r"(/idempotency_key|Idempotency-Key) was used for another request: .*",
    r"/(queue|state|labels|all|limit|cursor) is given as a parameter too",
    r"/?all excludes every filter",
    r" must have queue, state, labels or ids; .*",
    r"/(tasks/\d+/|task/)?(on_(success|failure)/)?target/http/auth must be left out, because the stack's parameter AwsHosts .*",
    r"/(tasks/\d+/|task/)?(on_(success|failure)/)?target/http/(service|region) is (only for a request|required) with auth",
    r"/(tasks/\d+/|task/)?(on_(success|failure)/)?target/http/headers must have no authorization beside auth, .*",
    r"/(tasks/\d+/|task/)?(on_(success|failure)/)?target/http/keep/headers must not have .*, which carries credentials",
    r"/(tasks/\d+/|task/)?(on_(success|failure)/)?target/lambda/function must be a function that the stack's parameter AllowedFunctions .*",
]

# Where schemas say that the API makes an id or a name, requests use these: of tasks the latest ones.
TASKS = collections.deque(maxlen=8)
NAMES = ["a", "nightly", "Q-1._"]
TURNS = itertools.count()


def operation_of(case):
    return case.operation.definition.raw["operationId"]


@schemathesis.hook
def after_call(context, case, response):
    if operation_of(case) in ("submitTask", "runSchedule") and response.status_code in (200, 202):
        TASKS.append(response.json()["id"])


@schemathesis.hook
def before_call(context, case, kwargs):
    """Changes examples that are good for a reader and not for a test."""
    headers = case.headers or {}
    for name in list(headers):
        if name.lower() == "prefer" and headers[name] == "wait=10":
            headers[name] = "wait=1"
        if name.lower() == "idempotency-key" and headers[name] == "welcome-42":
            headers[name] = f"welcome-{next(TURNS)}"


@schemathesis.hook
def map_case(context, case):
    """Mends in sound requests what a schema cannot say, so that they come further than to the reader of requests."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    path = case.path_parameters or {}
    if "id" in path and TASKS:
        path["id"] = TASKS[next(TURNS) % len(TASKS)]
    if "name" in path:
        path["name"] = NAMES[next(TURNS) % len(NAMES)]
    if isinstance(case.body, dict):
        MENDERS.get(operation_of(case), lambda case: None)(case)
    return case


def mend_submit(case):
    mend_task(case.body)
    if any(name.lower() == "idempotency-key" for name in case.headers or {}):
        case.body.pop("idempotency_key", None)


def mend_batch(case):
    for task in case.body["tasks"]:
        mend_task(task)


def mend_task(task):
    given = {name for name, value in task.items() if value is not None}
    if "deadline" in given:
        task.pop("run_at", None)
    if given & {"run_at", "deadline"}:
        task.pop("delay_seconds", None)
    # Nothing was uploaded.
    task.pop("payload_ref", None)
    if isinstance(task.get("retry"), dict):
        task["retry"].pop("max_backoff_seconds", None)
        task["retry"].pop("min_backoff_seconds", None)
    if "lambda" in task["target"]:
        task["target"] = {"handler": "echo"}


def mend_schedule(case):
    mend_task(case.body["task"])
    for name in ("name", "end_at"):
        case.body.pop(name, None)
    if case.body.get("every_seconds") is not None:
        case.body.pop("time_zone", None)


def mend_queue(case):
    for limits in (case.body, case.body.get("per_key")):
        if isinstance(limits, dict) and isinstance(limits.get("rate"), dict):
            limits["rate"]["per_seconds"] = max(limits["rate"]["per_seconds"], 100)
            limits["rate"].pop("burst", None)


def mend_bulk(case):
    query, body = case.query or {}, case.body
    for name in set(query) & set(body):
        del body[name]
    if any(name.startswith("label.") for name in query):
        body.pop("labels", None)
    if {*query, *body} - {"all", "limit", "cursor"}:
        query.pop("all", None)
        body.pop("all", None)
    elif operation_of(case) == "cancelTasks":
        query.pop("all", None)
        body["all"] = True


MENDERS = {
    "submitTask": mend_submit,
    "submitTasks": mend_batch,
    "putSchedule": mend_schedule,
    "putQueue": mend_queue,
    "changeQueue": mend_queue,
    "cancelTasks": mend_bulk,
    "redriveTasks": mend_bulk,
    "purgeQueue": mend_bulk,
}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what is no fault."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == 422:
        return not all(is_unsaid(fault) for fault in response.json()["errors"])
    if isinstance(failure, AcceptedNegativeData):
        return not (repeats_its_key(case) or refuses_within_the_batch(case, response))
    return True


def is_unsaid(fault):
    place = fault.get("pointer", fault.get("header", fault.get("parameter")))
    return any(re.fullmatch(unsaid, f"{place} {fault['detail']}", re.DOTALL) for unsaid in UNSAID)


def repeats_its_key(case):
    """An array of equal keys is sent as `key,key`, which counts as one."""
    keys = next((value.split(",") for name, value in (case.headers or {}).items() if name.lower() == "idempotency-key"), [])
    return len(keys) > 1 and len(set(keys)) == 1


def refuses_within_the_batch(case, response):
    return operation_of(case) == "submitTasks" and any("problem" in result for result in response.json()["results"])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Closes the schemas of answers. Clients take members that they do not know, but the API must not answer any."""
    for name, schema in raw_schema["components"]["schemas"].items():
        if not name.endswith("Request") and name not in ("Problem", "Document") and schema.get("type") == "object":
            schema.pop("additionalProperties", None)
            schema["unevaluatedProperties"] = False


@schemathesis.check
def problems_say_their_status(ctx, response, case):
    """An answer from 400 on is a problem that says the same status, and so is each refusal within a batch."""
    is_problem = response.headers.get("content-type") == ["application/problem+json"]
    assert is_problem == (response.status_code >= 400), f"{response.status_code}: {response.headers.get('content-type')}"
    if is_problem:
        answered = [(response.status_code, response.json())]
    elif operation_of(case) == "submitTasks":
        answered = [(result["status"], result.get("problem")) for result in response.json()["results"]]
    else:
        answered = []
    for status, problem in answered:
        assert (problem is not None) == (status >= 400), f"answered with {status}: {problem}"
        assert problem is None or problem["status"] == status, f"answered with {status}: {problem}"
