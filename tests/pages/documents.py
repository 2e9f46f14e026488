"""JSON and TOML blocks. What is said to the API is sent to it. What it is said to answer is compared with what it answers."""

from __future__ import annotations

import json
import sys
from typing import Any

from pages import Block
from stack import Stack

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def toml(block: Block) -> None:
    tomllib.loads(block.text)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"a name stands twice: {names}"
    return dict(pairs)


def check_json(block: Block, stack: Stack, events: list[Any]) -> str:
    """Returns what was done with it."""
    document = json.loads(block.text, object_pairs_hook=once)
    names = set(document)
    if "target" in names:
        status, answer = stack.call("POST", "/v1/tasks", document)
        if "auth" in document["target"].get("http", {}):
            # `taskway dev` signs nothing. It finds no other fault.
            assert [error["pointer"] for error in answer["errors"]] == ["/target/http/auth"], answer
        else:
            assert status in {200, 202}, answer
    elif "next_runs" in names:
        schedule(document, stack)
    elif "lanes" in names:
        status, answer = stack.call("GET", "/v1/stats")
        assert (status, shape(answer)) == (200, shape(document))
    elif str(document.get("type")).startswith("/problems/"):
        body = {"target": {"handler": "echo"}, "retry": {"max_attempts": 0}}
        assert stack.call("POST", "/v1/tasks", body) == (document["status"], document)
    elif "ids" in names:
        document["ids"] = [stack.submit("echo", delay_seconds=3600)]
        status, answer = stack.call("POST", "/v1/tasks/cancel", document)
        assert status == 200, answer
    elif names == {"taskway", "payload"}:
        stack.ended(stack.submit("", document["payload"], target={"lambda": {"function": "report"}}))
        assert shape(events[-1]) == shape(document)
    elif names == {"task"}:
        task = document["task"]
        parent = stack.submit("echo", task["payload"], queue=task["queue"], on_success={"target": {"handler": "echo"}})
        stack.ended(parent)
        callback = stack.ended(stack.callback(parent))
        assert shape(callback["payload"]) == shape(document)
    elif "Statement" in names:
        return "parsed"
    else:
        raise AssertionError(f"say in {__file__} what to do with {names}")
    return "run"


def schedule(document: dict[str, Any], stack: Stack) -> None:
    definition = {name: document[name] for name in ["cron", "time_zone"]} | {"task": {"target": {"handler": "echo"}}}
    path = f"/v1/schedules/{document['name']}"
    status, answer = stack.call("PUT", path, definition)
    assert status in {200, 201}, answer
    assert answer["description"] == document["description"]
    assert set(document) <= set(answer)
    for note in document["notes"]:
        begins = note.partition("…")[0]
        assert any(one.startswith(begins) for one in answer["notes"]), answer["notes"]


def shape(value: Any) -> Any:
    """The names of an object and of those within it. Two texts, or two numbers, have one shape."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return "number" if type(value) in {int, float} else type(value).__name__
