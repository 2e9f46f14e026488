"""What schemathesis needs to know of Taskway's document, and checks beside its own."""

import collections
import datetime
import itertools
import json
import re

import schemathesis
from hypothesis import strategies as st
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.core.failures import AcceptedNegativeData

START = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def instants():
    """Times that a task may start at, in several spellings."""
    offsets = st.sampled_from(["Z", "+00:00", "+05:30", "-09:00"])

    def spelled(parts):
        seconds, offset = parts
        at = START + datetime.timedelta(seconds=seconds)
        if offset != "Z":
            hours, minutes = int(offset[:3]), int(offset[0] + offset[4:])
            at += datetime.timedelta(hours=hours, minutes=minutes)
        return at.strftime("%Y-%m-%dT%H:%M:%S") + offset

    return st.tuples(st.integers(3600, 360 * 86_400), offsets).map(spelled)


schemathesis.openapi.format("date-time", instants())
schemathesis.openapi.format("cron", st.sampled_from(["30 4 * * 1", "*/5 * * * *", "0 0 12 * * *", "@daily", "0 0 1-7 * mon"]))
schemathesis.openapi.format("time-zone", st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York"]))
# Tasks are delivered while the test runs, and this name is nobody's: RFC 2606.
schemathesis.openapi.format(
    "uri", st.from_regex(r"\Ahttps://([a-z]{1,9}\.)?taskway\.invalid(:[1-9][0-9]{0,3})?(/[a-z0-9._~-]{0,9}){0,2}(\?[a-z=&]{0,9})?\Z")
)
# What the API has answered itself; any other text is refused.
schemathesis.openapi.format("cursor", st.nothing())

# What a schema cannot say: the place and the detail of such a fault. A request that has no other may be refused.
UNSAID = [
    # Fields that are held against each other.
    r".*run_at must not be given together with delay_seconds",
    r".*deadline must be after the task's start, .*",
    r".*/m(in|ax)_backoff_seconds must be at (most|least) m(ax|in)_backoff_seconds, .*",
    r".*rate/(tasks|burst) must be 1 to \d+, got \d+",
    r"/time_zone is for cron: an interval is the same in every zone",
    r"/end_at must not be before .*",
    r"/name must be the name in the path, .*",
    r"/idempotency_key must be the same as the Idempotency-Key header when both are given",
    r"(/idempotency_key|Idempotency-Key) was used for another request",
    r"/\w+ is given as a parameter too",
    r"(/all|all) excludes every filter",
    r" must have queue, state, labels or ids; .*",
    # What this stack allows.
    r".*lambda/function .* is not .* TASKWAY_ALLOWED_FUNCTIONS.*",
]


def reconciled(task):
    """A task whose fields do not contradict each other, of one whose fields are sound."""
    if not isinstance(task, dict):
        return
    if task.get("run_at") is not None:
        task.pop("delay_seconds", None)
    if task.get("deadline") is not None:
        task.pop("run_at", None)
        task.pop("delay_seconds", None)
    retry = task.get("retry")
    if isinstance(retry, dict):
        retry.pop("max_backoff_seconds", None)
        retry.pop("min_backoff_seconds", None)
    target = task.get("target")
    if isinstance(target, dict) and "lambda" in target:
        # This stack allows no function.
        task["target"] = {"handler": "echo"}


def with_rates(settings):
    for limits in (settings, settings.get("per_key")):
        if isinstance(limits, dict) and isinstance(limits.get("rate"), dict):
            rate = limits["rate"]
            rate["per_seconds"] = max(rate.get("per_seconds", 1), 100)
            rate.pop("burst", None)


TURNS = itertools.count()
NAMES = ["a", "nightly", "Q-1._"]
# The ids of the latest tasks that were answered.
TASKS = collections.deque(maxlen=8)


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code in (200, 202) and case.operation.definition.raw["operationId"] in ("submitTask", "runSchedule"):
        TASKS.append(response.json()["id"])


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    for name in list(headers):
        if name.lower() == "prefer" and headers[name] == "wait=10":
            # Most tasks of this test do not end for as long.
            headers[name] = "wait=1"
        if name.lower() == "idempotency-key" and headers[name] == "welcome-42":
            # An example, which would come again and again with other tasks.
            headers[name] = f"welcome-{next(TURNS)}"


@schemathesis.hook
def map_case(context, case):
    """Mends what a schema cannot say, so that sound requests come further than to the API's reader."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    body = case.body
    if TASKS and "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = TASKS[next(TURNS) % len(TASKS)]
    if "name" in (case.path_parameters or {}):
        case.path_parameters["name"] = NAMES[next(TURNS) % len(NAMES)]
    if isinstance(body, dict):
        operation = case.operation.definition.raw["operationId"]
        if operation == "submitTask":
            reconciled(body)
            if any(name.lower() == "idempotency-key" for name in case.headers or {}):
                body.pop("idempotency_key", None)
        elif operation == "submitTasks":
            for task in body["tasks"]:
                reconciled(task)
        elif operation == "putSchedule":
            reconciled(body.get("task"))
            body.pop("name", None)
            body.pop("end_at", None)
            if body.get("every_seconds") is not None:
                body.pop("time_zone", None)
        elif operation in ("putQueue", "changeQueue"):
            with_rates(body)
        elif operation in ("cancelTasks", "redriveTasks"):
            for name in set(case.query or {}) & set(body):
                del body[name]
            if any(name.startswith("label.") for name in case.query or {}):
                body.pop("labels", None)
            if len({*body, *(case.query or {})} - {"limit", "cursor", "all"}):
                body.pop("all", None)
                (case.query or {}).pop("all", None)
            elif operation == "cancelTasks":
                body["all"] = True
    return case


EXCUSED = __import__("collections").Counter()
@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what is no fault."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == 422:
        errors = response.json()["errors"]
        faults = [f"{fault.get('pointer', fault.get('header', fault.get('parameter')))} {fault['detail']}" for fault in errors]
        ok = all(any(re.fullmatch(unsaid, fault, re.DOTALL) for unsaid in UNSAID) for fault in faults)
        if ok:
            EXCUSED.update((case.operation.label, re.sub(r"\d+","N",f)) for f in faults)
        return not ok
    if isinstance(failure, AcceptedNegativeData):
        keys = [value for name, value in (case.headers or {}).items() if name.lower() == "idempotency-key"]
        if keys and "," in keys[0] and len({key.strip() for key in keys[0].split(",")}) == 1:
            # The same key several times is one key.
            return False
        if case.operation.definition.raw["operationId"] == "submitTasks":
            # The batch is read, and each unsound task is refused by itself.
            return not any("problem" in result for result in response.json()["results"])
    return True
__import__("atexit").register(lambda: [print(n, *k) for k, n in EXCUSED.most_common(60)])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Closes the schemas of answers: clients take members that they do not know, but the API answers none."""
    for name, schema in raw_schema["components"]["schemas"].items():
        is_of_answers = not name.endswith("Request") and name not in ("Problem", "Document")
        if is_of_answers and schema.get("type") == "object":
            schema.pop("additionalProperties", None)
            schema["unevaluatedProperties"] = False


def problems(response):
    """The problems in an answer, each with the status that it is answered with."""
    body = json.loads(response.content) if response.content else None
    if response.headers.get("content-type") == ["application/problem+json"]:
        yield response.status_code, body
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        yield from ((result["status"], result["problem"]) for result in body["results"] if "problem" in result)


@schemathesis.check
def status_of_problems(ctx, response, case):
    """A problem says the status that it is answered with, alone and within a batch."""
    if case.method.upper() != "HEAD":
        for status, problem in problems(response):
            assert problem["status"] == status, f"answered with {status}: {problem}"
            assert 400 <= status <= 599, f"answered with {status}: {problem}"


@schemathesis.check
def problems_have_their_type(ctx, response, case):
    """An answer from 400 on is a problem document."""
    is_problem = response.headers.get("content-type") == ["application/problem+json"]
    assert is_problem == (response.status_code >= 400), f"{response.status_code}: {response.headers.get('content-type')}"
