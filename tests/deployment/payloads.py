"""A payload that is uploaded, and a result that is as large."""

import hashlib
import json
import ssl
import urllib.request


def uploaded(api, text):
    """Uploads a payload by the request that the API answers with, and returns its `payload_ref`."""
    data = text.encode()
    asked = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    status, _, told = api.call("POST", "/v1/payloads", asked)
    assert status == 201, (status, told)
    upload = told["upload"]
    fetched(api, urllib.request.Request(upload["url"], data, upload["headers"], method=upload["method"]))
    return told["payload_ref"]


def fetched(api, request):
    context = ssl.create_default_context(cafile=api.account.certificate)
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        return answer.read()


def carried(api):
    """A task whose payload and result are in the bucket."""
    text = json.dumps("x" * 300_000)
    body = {"target": {"handler": "echo"}, "payload_ref": uploaded(api, text)}
    status, _, task = api.call("POST", "/v1/tasks", body)
    assert status == 202, (status, task)
    task = api.succeeded(task["id"])
    assert task["result"] is None, task
    for url in task["payload_url"], task["result_url"]:
        assert fetched(api, url) == text.encode()
    missing = {**body, "payload_ref": f"{'0' * 64}-5"}
    status, _, problem = api.call("POST", "/v1/tasks", missing)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/payload_ref"), (status, problem)


def emptied(stack):
    """Empties the bucket, as an operator does before the stack is deleted: CloudFormation refuses to delete a full one."""
    storage, bucket = stack.client("s3"), stack.outputs["PayloadsBucket"]
    kept = [found["Key"] for found in storage.list_objects_v2(Bucket=bucket).get("Contents", [])]
    for key in kept:
        storage.delete_object(Bucket=bucket, Key=key)
    return kept
