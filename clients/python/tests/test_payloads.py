"""Large payloads and results: what the table of cases does not say."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import threading
import tracemalloc
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, List, cast

import pytest
from conftest import Stack
from fault_proxy import FaultProxy

from taskway import AsyncTaskway, BadRequest, Invalid, NotAnswered, NotFound, Problem, Task, Taskway, TaskwayError
from taskway._transfers import Uploadable
from taskway.aws import Signer

MIB = 1024 * 1024
LARGE = b'"' + b"x" * 400_000 + b'"'
REF = f"{sha256(LARGE).hexdigest()}-{len(LARGE)}"
PASS = {"fault": "pass"}
EXPIRED = {
    "fault": "answer",
    "status": 403,
    "body": "<Error><Code>AccessDenied</Code><Message>Too &lt;old&gt;</Message></Error>",
}


@pytest.fixture(scope="module")
def ended(stack: Stack) -> Task:
    """A task with a large payload and a large result."""
    with Taskway(stack.url) as taskway:
        return taskway.wait(taskway.submit("echo", payload_ref=taskway.upload(LARGE)), timeout=20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "large.json"
    path.write_bytes(LARGE)
    return path


def test_all_that_has_bytes_is_uploaded(taskway: Taskway, file: Path) -> None:
    with file.open("rb") as opened, tempfile.SpooledTemporaryFile() as spooled:
        spooled.write(b"before" + LARGE)
        spooled.seek(len(b"before"))
        open_files: List[Uploadable] = [opened, BytesIO(LARGE), cast(BinaryIO, spooled)]
        all_kinds: List[Uploadable] = [LARGE, bytearray(LARGE), memoryview(LARGE), file, str(file), *open_files]
        assert {taskway.upload(data) for data in all_kinds} == {REF}


def test_the_asynchronous_client_uploads_and_downloads(stack: Stack, ended: Task, file: Path) -> None:
    async def main() -> None:
        async with AsyncTaskway(stack.url) as taskway:
            with file.open("rb") as opened:
                kinds: List[Uploadable] = [LARGE, file, opened]
                assert {await taskway.upload(data) for data in kinds} == {REF}
            assert await taskway.download(ended) == LARGE
            assert await taskway.download(ended.id, "payload") == LARGE
            assert await taskway.download_to(ended, file.with_name("copy")) == len(LARGE)

    asyncio.run(main())
    assert file.with_name("copy").read_bytes() == LARGE


def test_an_asynchronous_upload_can_be_cancelled(stack: Stack, file: Path) -> None:
    async def main() -> None:
        with FaultProxy(stack.url, [PASS, {**EXPIRED, "status": 503, "and_so_on": True}]) as proxy:
            async with AsyncTaskway(proxy.url) as taskway:
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(taskway.upload(file), 0.5)
        async with AsyncTaskway(stack.url) as taskway:
            assert await taskway.upload(file) == REF

    asyncio.run(main())


@pytest.mark.parametrize("who", ["token", "signer"])
def test_the_bucket_gets_no_credentials(who: str, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    sender: Dict[str, Any] = {"token": "t0ken"} if who == "token" else {"signer": Signer(region="eu-west-1")}
    with FaultProxy(stack.url, []) as proxy, Taskway(proxy.url, **sender) as taskway:
        task = taskway.wait(taskway.submit("echo", payload_ref=taskway.upload(LARGE)), timeout=20)
        taskway.download(task)
    asked, put, *others, got = proxy.sent
    assert all("authorization" in one.headers for one in [asked, *others])
    assert (put.method, put.body, got.method) == ("PUT", LARGE, "GET")
    assert put.headers.keys() == {"host", "content-length", "x-amz-checksum-sha256"}
    assert got.headers.keys() == {"host"}


class Changing(BytesIO):
    """A file that has other bytes whenever it is read again."""

    def __init__(self, *versions: bytes) -> None:
        super().__init__()
        self._versions = iter(versions)

    def seek(self, to: int, whence: int = 0) -> int:
        super().seek(0)
        super().truncate()
        super().write(next(self._versions))
        return super().seek(to, whence)


def test_other_bytes_than_were_measured_are_refused(taskway: Taskway) -> None:
    with pytest.raises(BadRequest, match=r"did not match.*HTTP 400"):
        taskway.upload(Changing(b"[1]", b"[2]"))


@pytest.mark.parametrize("later", [b"[1, 2]", b"[", b""])
def test_a_file_that_grows_or_shrinks_is_not_sent_again(taskway: Taskway, later: bytes) -> None:
    with pytest.raises(TaskwayError, match="the file was changed"):
        taskway.upload(Changing(b"[1]", later))


def test_what_cannot_be_uploaded_is_refused(taskway: Taskway, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a dict cannot be uploaded"):
        taskway.upload({"a": 1})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="open as text"):
        taskway.upload(StringIO("text"))  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        taskway.upload(tmp_path / "none")
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe, pytest.raises(ValueError, match="cannot be read twice"):
        taskway.upload(pipe)
    with pytest.raises(Invalid, match="/bytes must be 1 to 104857600, got 0"):
        taskway.upload(b"")


def test_a_file_is_never_held_as_a_whole(taskway: Taskway, tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(24 * MIB)
    task = taskway.submit("echo", payload_ref=taskway.upload(path), delay=3600)
    tracemalloc.start()
    try:
        taskway.upload(path)
        taskway.download_to(task, tmp_path / "copy", "payload")
        assert tracemalloc.get_traced_memory()[1] < 4 * MIB
    finally:
        tracemalloc.stop()
    assert (tmp_path / "copy").stat().st_size == 24 * MIB


def test_a_download_that_broke_is_made_again(stack: Stack, ended: Task, tmp_path: Path) -> None:
    faults: List[Dict[str, Any]] = [PASS, {"fault": "close_within"}, {"fault": "close_before"}, PASS]
    with FaultProxy(stack.url, [*faults, *faults]) as proxy, Taskway(proxy.url) as taskway:
        assert taskway.download(ended.id) == LARGE
        (tmp_path / "before").write_bytes(b"before")
        with (tmp_path / "before").open("r+b") as file:
            file.seek(6)
            assert taskway.download_to(ended.id, file) == len(LARGE)
        assert (tmp_path / "before").read_bytes() == b"before" + LARGE
        assert len(proxy.sent) == 8


def test_an_expired_url_is_asked_for_again(stack: Stack, ended: Task) -> None:
    with FaultProxy(stack.url, [PASS, EXPIRED]) as proxy, Taskway(proxy.url) as taskway:
        now = taskway.get(ended.id)
        assert taskway.download(now) == LARGE
    assert [one.path.partition("?")[0].startswith("/v1/") for one in proxy.sent] == [True, False, True, False]


def test_a_new_url_that_is_refused_is_not_asked_for_again(stack: Stack, ended: Task) -> None:
    with FaultProxy(stack.url, [PASS, EXPIRED, PASS, EXPIRED]) as proxy, Taskway(proxy.url) as taskway:
        with pytest.raises(Problem) as raised:
            taskway.download(ended.id)
        assert (raised.value.title, str(raised.value)) == ("AccessDenied", "Too <old> (HTTP 403)")
        assert len(proxy.sent) == 4


def test_an_upload_that_halted_is_made_again(stack: Stack) -> None:
    halted = {"fault": "answer", "status": 400, "body": "<Error><Code>RequestTimeout</Code></Error>"}
    with FaultProxy(stack.url, [PASS, halted]) as proxy, Taskway(proxy.url) as taskway:
        assert taskway.upload(LARGE) == REF
        assert len(proxy.sent) == 3


def not_answered(call: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(NotAnswered) as raised:
        call(*arguments)
    return str(raised.value)


def test_an_error_does_not_show_the_signature(stack: Stack) -> None:
    broken = {"fault": "close_before", "and_so_on": True}
    with FaultProxy(stack.url, [PASS, broken]) as proxy, Taskway(proxy.url, timeout=0.5) as taskway:
        said = not_answered(taskway.upload, LARGE)
    assert re.match(r"PUT http://\S+/uploads/\S+ got no answer", said)
    assert "X-Amz" not in said


def test_a_file_is_replaced_when_all_is_there(stack: Stack, ended: Task, file: Path) -> None:
    file.write_bytes(b"old")
    broken = {"fault": "close_within", "and_so_on": True}
    with FaultProxy(stack.url, [PASS, broken]) as proxy, Taskway(proxy.url, timeout=0.5) as taskway:
        not_answered(taskway.download_to, ended.id, file)
    assert (os.listdir(file.parent), file.read_bytes()) == ([file.name], b"old")
    with Taskway(stack.url) as taskway:
        assert taskway.download_to(ended, file) == len(LARGE)
        assert taskway.download_to(ended, os.devnull) == len(LARGE)
    assert (os.listdir(file.parent), file.read_bytes()) == ([file.name], LARGE)
    assert not Path(os.devnull).is_file()


class Trickle(BytesIO):
    """A file that takes a part of what it is given, as one without a buffer may."""

    def write(self, data: Any) -> int:
        return super().write(data[:1000])


def test_a_file_may_take_less_than_it_is_given(taskway: Taskway, ended: Task) -> None:
    file = Trickle()
    assert taskway.download_to(ended, file) == len(LARGE)
    assert file.getvalue() == LARGE


def read_to_end(descriptor: int, into: List[bytes]) -> None:
    with os.fdopen(descriptor, "rb") as file:
        into.append(file.read())


def test_a_pipe_is_written_once(stack: Stack, ended: Task) -> None:
    for faults, raises in (([], False), ([PASS, {"fault": "close_within"}], True)):
        reading, writing = os.pipe()
        read: List[bytes] = []
        reader = threading.Thread(target=read_to_end, args=(reading, read))
        reader.start()
        with FaultProxy(stack.url, faults) as proxy, Taskway(proxy.url) as taskway, os.fdopen(writing, "wb") as pipe:
            if raises:
                with pytest.raises(TaskwayError, match="cannot be taken back"):
                    taskway.download_to(ended.id, pipe)
            else:
                assert taskway.download_to(ended.id, pipe) == len(LARGE)
        reader.join()
        assert (read[0] == LARGE) != raises


def test_a_large_result_is_not_none(taskway: Taskway, ended: Task) -> None:
    assert (ended.result, ended.payload, ended.payload_ref) == (None, None, REF)
    assert ended.payload_url is not None
    with pytest.raises(ValueError, match="too large for an answer: download it"):
        ended.value  # noqa: B018


def test_there_is_nothing_to_download(taskway: Taskway) -> None:
    with pytest.raises(ValueError, match="is succeeded and has no result_url"):
        taskway.download(taskway.submit("echo", 1, wait=10))
    with pytest.raises(ValueError, match="give 'result' or 'payload'"):
        taskway.download("t1", "error")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        taskway.download("none")


def test_one_task_downloads_many_times_at_once(stack: Stack, ended: Task) -> None:
    async def main() -> List[bytes]:
        async with AsyncTaskway(stack.url) as taskway:
            return await asyncio.gather(*(taskway.download(ended) for _ in range(5)))

    assert asyncio.run(main()) == [LARGE] * 5
