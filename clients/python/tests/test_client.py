"""What the table of cases does not say: what is Python's own."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import pickle
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Dict, List

import pydantic
import pytest
import standardwebhooks
from conftest import SECRET, Stack
from fault_proxy import FaultProxy

import taskway as package
from taskway import AsyncTaskway, Http, Lambda, NewTask, TaskOptions, Taskway, TooLarge, WaitTimeout, _json, webhooks
from taskway._batches import MOST_BYTES, body_of, cut
from taskway._calls import Calls


def test_a_task_runs(taskway: Taskway) -> None:
    task = taskway.submit("echo", {"hello": "world"})
    assert taskway.wait(task, timeout=10).result == {"hello": "world"}
    now = taskway.get(task.id)
    assert (now.state, now.ended, now.value) == ("succeeded", True, {"hello": "world"})
    assert now.created_at is not None
    assert now.created_at.utcoffset() == timedelta(0)


def test_both_clients_have_the_same_methods_with_help() -> None:
    names = {name for name in vars(Calls) if not name.startswith("_")} - {"sender", "decimals"}
    for client, iterator in ((Taskway, "Iterator"), (AsyncTaskway, "AsyncIterator")):
        assert names <= vars(client).keys()
        for name in names:
            method = getattr(client, name)
            assert method.__doc__
            assert method.__name__ == name
        assert str(inspect.signature(client.tasks)).endswith(f"-> '{iterator}[Task]'")
        assert inspect.signature(client.get).return_annotation == "Task"


def test_the_options_of_a_task_are_written_once_more_for_types_only() -> None:
    assert [one.name for one in fields(NewTask)] == ["target", "payload", *TaskOptions.__annotations__]


def test_unknown_options_are_refused(taskway: Taskway) -> None:
    with pytest.raises(TypeError, match="dely"):
        taskway.submit("echo", dely=3)  # type: ignore[call-arg]


class Order(pydantic.BaseModel):
    id: int = pydantic.Field(alias="orderId")
    total: Decimal


@dataclass
class Welcome:
    user: int
    since: datetime


TEN_O_CLOCK = datetime(2026, 11, 29, 12, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (Order(orderId=1, total=Decimal("1.10")), '{"orderId":1,"total":"1.10"}'),
        ([Welcome(1, TEN_O_CLOCK)], '[{"user":1,"since":"2026-11-29T10:00:00Z"}]'),
        ({"price": Decimal("1.10"), "all": [Decimal("1E+2"), Decimal(3)]}, '{"price":1.10,"all":[1E+2,3]}'),
        ({"ü": (1, None, True)}, '{"ü":[1,null,true]}'),
    ],
)  # fmt: skip
def test_payloads_of_python(payload: Any, text: str) -> None:
    assert _json.encode(payload).decode() == text
    json.loads(text)


@pytest.mark.parametrize("payload", [{1, 2}, object(), b"bytes", {"a": {3j}}, {(1, 2): 3}])
def test_what_has_no_json_is_refused(payload: Any, taskway: Taskway) -> None:
    with pytest.raises(TypeError):
        taskway.submit("echo", payload)


@pytest.mark.parametrize("payload", [float("inf"), Decimal("NaN"), "\ud800", datetime(2026, 1, 1)])
def test_values_that_json_does_not_have_are_refused(payload: Any, taskway: Taskway) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates|time zone"):
        taskway.submit("echo", payload)


def test_decimals_come_back_as_they_were_sent(stack: Stack) -> None:
    with Taskway(stack.url, decimals=True) as taskway:
        numbers = [Decimal("1.10"), Decimal("12345678901234567890.123456789"), 7]
        task = taskway.wait(taskway.submit("echo", numbers), timeout=10)
        assert task.result == numbers
        assert str(task.result) == str(numbers)


def test_targets_are_read_as_they_are_given(taskway: Taskway) -> None:
    later = timedelta(hours=1)
    assert taskway.submit("echo", delay=later).target == "echo"
    assert taskway.submit("https://example.com/a", delay=later).target == Http("https://example.com/a")
    assert NewTask(Lambda("f", "event", "t")).to_document() == {
        "target": {"lambda": {"function": "f", "invocation": "event", "tenant_id": "t"}}
    }


def test_a_task_is_not_waited_for_longer_than_asked(taskway: Taskway) -> None:
    task = taskway.submit("echo", delay=timedelta(hours=1))
    with pytest.raises(TimeoutError) as raised:
        taskway.wait(task, timeout=timedelta(milliseconds=200))
    assert isinstance(raised.value, WaitTimeout)
    assert raised.value.task.state == "scheduled"


def test_pages_are_read_when_the_iteration_comes_to_them(stack: Stack) -> None:
    with FaultProxy(stack.url, []) as proxy, Taskway(proxy.url) as taskway:
        taskway.submit_many([NewTask("echo", queue="lazy", delay=3600)] * 5)
        pages = taskway.tasks(queue="lazy", page_size=2)
        assert len(proxy.sent) == 1
        next(pages)
        next(pages)
        assert len(proxy.sent) == 2
        next(pages)
        assert len(proxy.sent) == 3


def test_one_of_many_that_was_refused_raises_when_it_is_used(taskway: Taskway) -> None:
    answers = taskway.submit_many([NewTask("echo"), NewTask("no/handler")])
    assert answers[0].task.queue == "default"
    with pytest.raises(package.Invalid, match=r"/target/handler"):
        _ = answers[1].task


def test_many_that_were_submitted_may_be_submitted_again(taskway: Taskway) -> None:
    tasks = [NewTask("echo", n, queue="again", idempotency_key=f"again-{n}") for n in range(3)]
    first, second = taskway.submit_many(tasks), taskway.submit_many(tasks)
    assert [one.task.id for one in first] == [one.task.id for one in second]
    assert [one.replayed for one in first + second] == [False] * 3 + [True] * 3


@pytest.mark.parametrize("fault", ["close_before", "close_after"])
def test_no_task_is_lost_or_made_twice_when_the_network_comes_back(stack: Stack, fault: str) -> None:
    queue = f"back-{fault}"
    tasks = [NewTask("echo", n, queue=queue, delay=3600) for n in range(601)]
    faults: List[Dict[str, Any]] = [{"fault": "pass"}, {"fault": fault, "and_so_on": True}]
    with FaultProxy(stack.url, faults) as proxy, Taskway(proxy.url, timeout=4) as taskway:
        answers = taskway.submit_many(tasks)
    assert [answer.accepted is not None for answer in answers] == [True] * 500 + [False] * 101
    lost = [replace(task, idempotency_key=one.idempotency_key) for task, one in zip(tasks, answers) if one.accepted is None]
    with Taskway(stack.url) as taskway:
        again = taskway.submit_many(lost)
        ids = {answer.task.id for answer in answers[:500] + again}
        assert len(ids) == 601
        assert ids == {task.id for task in taskway.tasks(queue=queue, page_size=500)}
        # Those whose batch arrived were there already.
        assert sum(answer.replayed for answer in again) == (0 if fault == "close_before" else 101)


def test_an_error_of_python_is_raised_before_anything_is_sent(stack: Stack) -> None:
    with FaultProxy(stack.url, []) as proxy, Taskway(proxy.url) as taskway:
        with pytest.raises(TypeError):
            taskway.submit_many([NewTask("echo")] * 600 + [NewTask("echo", object())])
        assert not proxy.sent


@pytest.mark.parametrize("text", [b"x" * 400, b'"' * 400, b"\\" * 400])
def test_batches_fit_aws(text: bytes) -> None:
    texts = [b'"' + text * 100 + b'"'] * 1000
    batches = list(cut(texts))
    assert [one for batch in batches for one in batch] == texts
    for batch in batches:
        body = body_of(batch)
        assert len(batch) <= 500
        assert len(body) + body.count(b'"') + body.count(b"\\") <= MOST_BYTES


def test_one_task_beyond_a_batch_is_refused_alone(taskway: Taskway) -> None:
    answers = taskway.submit_many([NewTask("echo", 1), NewTask("echo", "x" * 6 * 1024 * 1024), NewTask("echo", 2)])
    assert [one.accepted is not None for one in answers] == [True, False, True]
    assert isinstance(answers[1].error, TooLarge)


def test_the_asynchronous_client_makes_calls_at_the_same_time(stack: Stack) -> None:
    async def main() -> List[Any]:
        async with AsyncTaskway(stack.url) as taskway:
            tasks = [taskway.submit("sleep", {"seconds": 0.5}, wait=5) for _ in range(5)]
            start = asyncio.get_running_loop().time()
            ended = await asyncio.gather(*tasks)
            assert asyncio.get_running_loop().time() - start < 2
            return [task.state for task in ended]

    assert asyncio.run(main()) == ["succeeded"] * 5


def test_a_cancelled_call_leaves_the_client_usable(stack: Stack) -> None:
    async def main() -> None:
        async with AsyncTaskway(stack.url) as taskway:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(taskway.submit("sleep", {"seconds": 5}, wait=5), 0.2)
            assert (await taskway.stats()).unreadable.number == 0

    asyncio.run(main())


def test_statistics(taskway: Taskway) -> None:
    stats = taskway.stats()
    assert stats.lanes.keys() == {"high", "normal", "low"}
    assert stats.lanes["low"].waiting >= 0
    assert stats.promotion_lag >= timedelta(0)
    [program] = [program for program in stats.programs if "echo" in program.handlers]
    assert program.running
    assert program.first_seen_at <= program.last_seen_at
    # The worker tells every 15 seconds what has ended.
    deadline = time.monotonic() + 30
    while not (ended := taskway.stats().ended):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert ended[-1].at.second == 0
    assert sum((minute.succeeded + minute.failed + minute.cancelled + minute.expired) for minute in ended) >= 1


def test_queues_and_schedules_are_listed(taskway: Taskway) -> None:
    taskway.set_queue("listed", concurrency=2)
    taskway.put_schedule("listed", NewTask("echo"), every=timedelta(days=1), start_at=datetime(2030, 1, 1, tzinfo=timezone.utc))
    queues = {queue.name: queue for queue in taskway.queues(page_size=1)}
    assert (queues["listed"].concurrency, queues["listed"].held) == (2, None)
    schedules = {schedule.name: schedule for schedule in taskway.schedules(page_size=1)}
    assert schedules["listed"].every == timedelta(days=1)
    assert schedules["listed"].start_at == schedules["listed"].next_runs[0] == datetime(2030, 1, 1, tzinfo=timezone.utc)
    taskway.delete_schedule("listed")


@pytest.mark.parametrize(
    ("url", "options", "says"),
    [
        ("localhost:8080", {}, "must begin with https"),
        ("ftp://example.com", {}, "must begin with https"),
        ("http://example.com", {"token": "t"}, "not sent over plain http"),
        ("https://example.com", {"token": "a\nb"}, "^the token has characters that no header can carry$"),
        ("https://example.com", {"token": "ä"}, "^the token has characters that no header can carry$"),
    ],
)
def test_urls_that_cannot_be_meant(url: str, options: Dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Taskway(url, **options)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda client: client.submit("echo", retry={"max_attempts": 3}), "^retry must be a RetryPolicy, not dict$"),
        (lambda client: client.submit("echo", on_failure="alert"), "^on_failure must be a Callback, not str$"),
        (lambda client: client.submit(None), "^a target must be the name of a handler, a URL, Http or Lambda, not None$"),
        (
            lambda client: client.submit("echo", run_at="2030-01-01"),
            "^a time must be a datetime with a time zone, not '2030-01-01'$",
        ),
        (lambda client: client.submit("echo", delay="3"), "^a duration must be a timedelta or a number of seconds, not '3'$"),
        (lambda client: client.submit_many(["echo"]), "^each task of submit_many must be a NewTask, not str$"),
        (lambda client: client.put_schedule("n", "echo", every=5), "^task must be a NewTask, not str$"),
        (lambda client: client.set_queue("q", rate="10/s"), "^rate must be a Rate, not str$"),
        (lambda client: client.get(5), "is expected, not 5$"),
        (lambda client: client.wait(None), "is expected, not None$"),
    ],
)
def test_an_argument_of_a_wrong_kind_is_named(call: Any, says: str) -> None:
    with Taskway("http://127.0.0.1:1") as client, pytest.raises(TypeError, match=says):
        call(client)


def test_the_value_of_an_answer_that_is_not_json() -> None:
    document = {"id": "t1", "state": "succeeded", "target": {"http": {"url": "https://example.com"}}, "result": {"body": "ok"}}
    with pytest.raises(ValueError, match=r"^the answer of task t1 is not JSON: its text is in result\['body'\]$"):
        package.Task.from_document(document).value  # noqa: B018


def test_tokens_and_urls_come_from_the_environment(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultProxy(stack.url, []) as proxy:
        monkeypatch.setenv("TASKWAY_URL", proxy.url + "/")
        # As a file has it.
        monkeypatch.setenv("TASKWAY_TOKEN", "t0ken\n")
        with Taskway() as taskway:
            taskway.stats()
    assert (proxy.sent[0].path, proxy.sent[0].headers["authorization"]) == ("/v1/stats", "Bearer t0ken")


def test_a_user_in_the_url_is_sent_and_not_shown(stack: Stack) -> None:
    with FaultProxy(stack.url, []) as proxy, Taskway(proxy.url.replace("//", "//ada:s3cret@")) as taskway:
        with pytest.raises(package.NotFound) as refused:
            taskway.get("none")
        assert proxy.sent[0].headers["authorization"] == "Basic " + base64.b64encode(b"ada:s3cret").decode()
        assert "s3cret" not in str(refused.value)


def test_no_proxy_is_asked_for_this_machine(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Taskway(stack.url, timeout=5) as taskway:
        taskway.stats()


def test_errors_can_be_pickled(taskway: Taskway) -> None:
    with pytest.raises(package.Invalid) as refused:
        taskway.submit("echo", timeout=0)
    copy = pickle.loads(pickle.dumps(refused.value))
    assert (type(copy), str(copy), copy.errors) == (package.Invalid, str(refused.value), refused.value.errors)
    task = taskway.submit("echo")
    assert pickle.loads(pickle.dumps(WaitTimeout(task))).task == task


def test_threads_share_a_client(taskway: Taskway) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda n: taskway.submit("echo", n).id, range(40)))
    assert len(set(ids)) == 40


def test_a_closed_client_opens_again(stack: Stack) -> None:
    taskway = Taskway(stack.url)
    taskway.stats()
    taskway.close()
    taskway.stats()
    taskway.close()


def test_signatures_agree_with_the_published_library() -> None:
    body = '{"user": "ü"}'
    ours = webhooks.sign(body.encode(), SECRET, id="t1")
    assert standardwebhooks.Webhook(SECRET).verify(body, ours) == {"user": "ü"}
    now = datetime.now(timezone.utc)
    theirs = standardwebhooks.Webhook(SECRET).sign("t1", now, body)
    headers = {"webhook-id": "t1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": theirs}
    assert webhooks.verify(body.encode(), headers, SECRET).id == "t1"


@pytest.mark.parametrize("secrets", ["", [], "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%%"])
def test_secrets_that_are_none(secrets: Any) -> None:
    with pytest.raises(ValueError, match="secret"):
        webhooks.verify(b"", {}, secrets)


def test_a_text_is_no_body() -> None:
    with pytest.raises(TypeError, match="bytes"):
        webhooks.verify("{}", {}, SECRET)  # type: ignore[arg-type]


def test_the_package_imports_nothing_but_the_standard_library() -> None:
    program = "import sys, taskway; print(sorted({'httpx', 'anyio', 'pydantic', 'botocore', 'asyncio'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_every_public_name_is_there() -> None:
    assert all(hasattr(package, name) for name in package.__all__)
    assert sorted(package.__all__) == package.__all__
