"""Runs `clients/cases.json`, by the blocking client and by the asynchronous one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import math
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from conftest import Stack
from fault_proxy import FaultProxy, Sent

from taskway import (
    Answer,
    AsyncTaskway,
    Callback,
    Http,
    Keep,
    KeyLimits,
    NewTask,
    NotAnswered,
    Problem,
    Rate,
    RetryPolicy,
    Taskway,
    WaitTimeout,
    webhooks,
)

CASES = json.loads((Path(__file__).parents[2] / "cases.json").read_text())
SECRETS = CASES["signatures"]["secrets"]


def names(cases: List[Dict[str, Any]]) -> List[str]:
    return [case["name"] for case in cases]


class Asynchronous:
    """The asynchronous client with the methods of the blocking one, so that one runner runs both."""

    def __init__(self, url: str, **options: Any) -> None:
        self._client = AsyncTaskway(url, **options)
        self._loop = asyncio.new_event_loop()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            given = method(*args, **kwargs)
            return self._all(given) if hasattr(given, "__aiter__") else self._loop.run_until_complete(given)

        return call

    def _all(self, given: Any) -> List[Any]:
        async def read() -> List[Any]:
            return [one async for one in given]

        return self._loop.run_until_complete(read())

    def __enter__(self) -> Asynchronous:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


def runs() -> List[Any]:
    """Each case with each client. Hundreds of tasks take a debug build seconds, so those only with the blocking one."""
    kinds = {"blocking": Taskway, "asynchronous": Asynchronous}
    return [
        pytest.param(case, client, id=f"{case['name']} ({name})")
        for case in CASES["cases"]
        for name, client in kinds.items()
        if name == "blocking" or not any("repeat" in step for step in case["steps"])
    ]


@pytest.mark.parametrize(("case", "kind"), runs())
def test_case(case: Dict[str, Any], kind: Any, stack: Stack) -> None:
    options = {"timeout": case.get("client", {}).get("timeout_seconds", 30)}
    with FaultProxy(stack.url, case.get("faults", [])) as proxy, kind(proxy.url, **options) as client:
        run = Run(client, {"$queue": f"q{uuid.uuid4().hex[:12]}"}, time.time())
        for step in case["steps"]:
            until = time.monotonic() + step.get("within_seconds", 0)
            while True:
                before = len(proxy.sent)
                start = time.monotonic()
                outcome = run.outcome(step)
                took = time.monotonic() - start
                try:
                    run.check(step.get("expect", {"answer": {}}), outcome, proxy.sent[before:], took)
                    break
                except AssertionError:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(0.05)
            if "as" in step:
                run.know(f"${step['as']}", outcome)


class Run:
    """A case that runs: what its names stand for, and when it began."""

    def __init__(self, client: Any, known: Dict[str, str], began: float) -> None:
        self.client = client
        self.known = known
        self.began = began

    def know(self, name: str, outcome: Any) -> None:
        if isinstance(outcome, str):
            self.known[name] = outcome
        else:
            self.known[f"{name}.id"] = outcome.id

    def outcome(self, step: Dict[str, Any]) -> Any:
        """What the step's call returns or raises."""
        arguments = self.real(step["with"])
        if "with_payload_json" in step:
            arguments["payload"] = json.loads(step["with_payload_json"])
        try:
            if "prefer_wait_seconds" in step:
                return self.client.submit(**task_arguments(arguments), wait=step["prefer_wait_seconds"])
            if "repeat" in step:
                arguments = [arguments] * step["repeat"]
            return CALLS[step["call"]](self.client, arguments)
        except Exception as error:
            return error

    def real(self, value: Any) -> Any:
        """A value of the table, with its names and stand-ins replaced."""
        if isinstance(value, str):
            for name, meant in self.known.items():
                value = value.replace(name, meant)
            return value
        if isinstance(value, list):
            return [self.real(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "in_seconds" in value:
            return self.time(value)
        if "repeat_text" in value:
            return value["repeat_text"] * value["times"]
        if "nested_arrays" in value:
            return json.loads("[" * value["nested_arrays"] + "]" * value["nested_arrays"])
        if "not_a_number" in value:
            return math.nan
        return {self.real(name): self.real(one) for name, one in value.items()}

    def time(self, value: Dict[str, Any]) -> datetime:
        moment = datetime.fromtimestamp(round(self.began, 3) + value["in_seconds"], timezone.utc)
        if "zone" in value:
            return moment.astimezone(ZoneInfo(value["zone"]))
        if value.get("offset", "+00:00") is None:
            return moment.replace(tzinfo=None)
        return moment.astimezone(datetime.strptime(value.get("offset", "+00:00"), "%z").tzinfo)

    def check(self, expect: Dict[str, Any], outcome: Any, sent: List[Sent], took: float) -> None:
        checked = {name: getattr(self, f"check_{name}") for name in expect if hasattr(self, f"check_{name}")}
        about_requests = {"took_seconds", "requests", "same_body", "has_key", "cursors"}
        assert checked.keys() | about_requests >= expect.keys(), expect
        if not {"problem", "error"} & expect.keys():
            assert not isinstance(outcome, Exception), repr(outcome)
        for name, check in checked.items():
            check(expect[name], outcome)
        if "took_seconds" in expect:
            assert expect["took_seconds"]["at_least"] <= took <= expect["took_seconds"]["at_most"]
        if "requests" in expect:
            assert len(sent) == expect["requests"], sent
        if "same_body" in expect:
            assert len({one.body for one in sent}) == 1
        if "has_key" in expect:
            bodies = [json.loads(one.body) for one in sent if one.method == "POST"]
            assert all(task["idempotency_key"] for body in bodies for task in body.get("tasks", [body]))
        if "cursors" in expect:
            assert [parse_qs(urlsplit(one.path).query).get("cursor", [None])[0] for one in sent] == expect["cursors"]

    def check_answer(self, members: Any, outcome: Any) -> None:
        if isinstance(members, str):
            assert outcome == self.real(members)
            return
        for name, wanted in self.real(members).items():
            assert worded(member(outcome, name), wanted) == wanted, name

    def check_downloaded(self, value: Any, outcome: Any) -> None:
        assert json.loads(outcome) == self.real(value)

    def check_result_json(self, text: str, outcome: Any) -> None:
        assert outcome.result == json.loads(text)
        assert json.dumps(outcome.result) == json.dumps(json.loads(text))

    def check_list(self, wanted: Dict[str, Any], outcome: Any) -> None:
        found = list(outcome)
        assert len(found) == wanted["count"]
        if "ids" in wanted:
            assert [task.id for task in found] == wanted["ids"]
        if wanted.get("newest_first"):
            times = [task.created_at for task in found]
            assert times == sorted(times, reverse=True)

    def check_answers(self, wanted: Dict[str, Any], outcome: List[Answer]) -> None:
        assert [sum(one.accepted is not None for one in outcome), sum(one.error is not None for one in outcome)] == [
            wanted["accepted"],
            wanted["refused"],
        ]
        assert len({one.idempotency_key for one in outcome}) == len(outcome)
        if "statuses" in wanted:
            assert [getattr(one.error, "status", 202) for one in outcome] == wanted["statuses"]

    def check_problem(self, wanted: Dict[str, Any], outcome: Any) -> None:
        assert isinstance(outcome, Problem), repr(outcome)
        for name, value in wanted.items():
            if name == "errors":
                found = [{"detail": one.detail, "pointer": one.pointer, "parameter": one.parameter} for one in outcome.errors]
                for error in value:
                    assert {"pointer": None, "parameter": None, **error} in found, found
                    assert error["detail"] in str(outcome)
            else:
                assert getattr(outcome, name, outcome.document.get(name)) == value, name

    def check_error(self, kind: str, outcome: Any) -> None:
        meant = {"not_answered": NotAnswered, "wait_timeout": WaitTimeout, "usage": ValueError}
        assert isinstance(outcome, meant[kind]), repr(outcome)

    def check_next_runs_local(self, wanted: Dict[str, Any], outcome: Any) -> None:
        assert len(outcome.next_runs_local) == wanted["count"]
        assert outcome.next_runs_local == outcome.next_runs
        for at in outcome.next_runs_local:
            assert at.strftime("%H:%M:%S") == wanted["clock"]
            assert at.utcoffset() == timedelta(seconds=wanted["offset_seconds"])


def http_target(keep: Optional[Dict[str, Any]] = None, **given: Any) -> Http:
    return Http(**given, keep=Keep(**(keep or {})))


def task_arguments(given: Dict[str, Any]) -> Dict[str, Any]:
    """The arguments of `submit`, from the API's words."""
    mine: Dict[str, Any] = {}
    for name, value in given.items():
        if name == "target":
            mine["target"] = value["handler"] if "handler" in value else http_target(**value["http"])
        elif name in ("on_success", "on_failure"):
            mine[name] = Callback(**task_arguments(value))
        elif name == "retry":
            mine["retry"] = policy(value)
        elif name == "expected_duration_ms":
            mine["expected_duration"] = timedelta(milliseconds=value)
        elif name.endswith("_seconds"):
            mine[name[: -len("_seconds")]] = timedelta(seconds=value)
        else:
            mine[name] = value
    return mine


def policy(given: Dict[str, Any]) -> RetryPolicy:
    return RetryPolicy(**{name.replace("_seconds", ""): value for name, value in given.items()})


def member(found: Any, name: str) -> Any:
    """A member of an answer by the API's word for it."""
    if name == "expected_duration_ms":
        return found.expected_duration / timedelta(milliseconds=1)
    if name in (
        "min_backoff_seconds",
        "max_backoff_seconds",
        "timeout_seconds",
        "retain_seconds",
        "jitter_seconds",
        "per_seconds",
    ):
        return getattr(found, name[: -len("_seconds")]).total_seconds()
    value = getattr(found, name)
    if isinstance(value, Http):
        return value.to_document()
    return value.number if name in ("failed", "held") and value is not None else value


def worded(found: Any, wanted: Any) -> Any:
    """What was found, with the API's words for the members that are wanted."""
    if not isinstance(wanted, dict) or isinstance(found, dict):
        return found
    return {part: worded(member(found, part), wanted[part]) for part in wanted}


def update(client: Any, given: Dict[str, Any]) -> Any:
    return client.update(given.pop("id"), **given)


def set_queue(client: Any, given: Dict[str, Any]) -> Any:
    change = limits(given)
    if change.get("per_key") is not None:
        change["per_key"] = KeyLimits(**limits(change["per_key"]))
    return client.set_queue(change.pop("name"), **change)


def limits(given: Dict[str, Any]) -> Dict[str, Any]:
    rate = given.get("rate")
    if rate is None:
        return given
    return {**given, "rate": Rate(rate["tasks"], timedelta(seconds=rate["per_seconds"]), rate.get("burst", 1))}


def put_schedule(client: Any, given: Dict[str, Any]) -> Any:
    task = NewTask(**task_arguments(given.pop("task")))
    timed = {name.replace("_seconds", ""): value for name, value in given.items() if name != "name"}
    return client.put_schedule(given["name"], task, **timed)


def listed(method: Any, given: Dict[str, Any]) -> List[Any]:
    # Pages are read when the iteration comes to them, so the list is made here, where its errors are caught.
    return list(method(**{("page_size" if name == "limit" else name): value for name, value in given.items()}))


CALLS: Dict[str, Any] = {
    "submit": lambda client, given: client.submit(**task_arguments(given)),
    "submit_many": lambda client, given: client.submit_many(NewTask(**task_arguments(one)) for one in given),
    "upload": lambda client, given: client.upload(json.dumps(given["payload"]).encode()),
    "download": lambda client, given: client.download(given["id"], given["part"]),
    "get": lambda client, given: client.get(given["id"]),
    "wait": lambda client, given: client.wait(given["id"], timeout=given["timeout_seconds"]),
    "list": lambda client, given: listed(client.tasks, given),
    "list_dead": lambda client, given: listed(client.dead, given),
    "update": update,
    "cancel": lambda client, given: client.cancel(given["id"]),
    "run": lambda client, given: client.run(given["id"]),
    "retry": lambda client, given: client.retry(given["id"]),
    "cancel_many": lambda client, given: client.cancel_many(**given),
    "redrive": lambda client, given: client.redrive(**given),
    "stats": lambda client, given: client.stats(),
    "get_queue": lambda client, given: client.get_queue(given["name"]),
    "set_queue": set_queue,
    "pause_queue": lambda client, given: client.pause_queue(given["name"]),
    "resume_queue": lambda client, given: client.resume_queue(given["name"]),
    "purge_queue": lambda client, given: client.purge_queue(given["name"]),
    "put_schedule": put_schedule,
    "get_schedule": lambda client, given: client.get_schedule(given["name"]),
    "run_schedule": lambda client, given: client.run_schedule(given["name"]),
    "delete_schedule": lambda client, given: client.delete_schedule(given["name"]),
}


@pytest.mark.parametrize("case", CASES["signatures"]["cases"], ids=names(CASES["signatures"]["cases"]))
def test_signature(case: Dict[str, Any]) -> None:
    body = base64.b64decode(case["body_base64"]) if "body_base64" in case else case["body"].encode()
    headers = {**signed(case, body), **case.get("headers", {})}
    if "signature_prefix" in case:
        headers["webhook-signature"] = case["signature_prefix"] + headers["webhook-signature"]
    headers.pop(case.get("without"), None)
    if case.get("header_case") == "upper":
        headers = {name.upper(): value for name, value in headers.items()}
    given = case.get("sent_body", case.get("body", "")).encode() or body
    secrets = [SECRETS[name] for name in case["secrets"]]
    tolerance = {"tolerance": case["tolerance_seconds"]} if "tolerance_seconds" in case else {}
    if case["valid"]:
        assert webhooks.verify(given, headers, secrets, **tolerance).id == {**headers, **lowered(headers)}["webhook-id"]
        assert webhooks.verify(given, headers, ", ".join(secrets), **tolerance)
    else:
        with pytest.raises(webhooks.InvalidSignature):
            webhooks.verify(given, headers, secrets, **tolerance)


def lowered(headers: Dict[str, str]) -> Dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def signed(case: Dict[str, Any], body: bytes) -> Dict[str, str]:
    """The headers of a delivery, made by other code than the client's."""
    if "signed_by" not in case:
        return {}
    sent = str(int(time.time()) - case.get("age_seconds", 0))
    keys = [base64.b64decode(SECRETS[name][len("whsec_") :]) for name in case["signed_by"]]
    digests = [hmac.new(key, b"t1." + sent.encode() + b"." + body, hashlib.sha256).digest() for key in keys]
    signature = " ".join("v1," + base64.b64encode(digest).decode() for digest in digests)
    return {"webhook-id": "t1", "webhook-timestamp": sent, "webhook-signature": signature}


def test_the_table_describes_what_it_uses() -> None:
    faults = {one["fault"] for case in CASES["cases"] for one in case.get("faults", [])}
    assert faults <= CASES["faults"].keys()
    expectations = {name for case in CASES["cases"] for step in case["steps"] for name in step.get("expect", {})}
    assert expectations - {"cursors"} <= CASES["expect"].keys()
    assert len(set(names(CASES["cases"]))) == len(CASES["cases"])
