"""A client of the deployed API. It signs requests as an IAM user, sends a token, or does neither."""

import http.client
import json
import ssl
import time
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class Caller:
    def __init__(self, url, account, keys=None, token=None):
        """`url` is the stack's ApiUrl. `keys` are an access key and its secret."""
        self.url, self.account, self.token = url, account, token
        self.credentials = Credentials(*keys) if keys else None

    def call(self, method, path, body=None, headers=None, query=None, parse=None):
        """Status, headers and the body, parsed by `parse`, or else if it is JSON."""
        if query:
            # The signature covers a space as %20, so the request must contain it as %20 too.
            path += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        address = urllib.parse.urlsplit(self.url)
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "host": address.netloc, **(headers or {})}
        if self.credentials:
            request = AWSRequest(method, self.url + path, headers=headers, data=data)
            SigV4Auth(self.credentials, "execute-api", "us-east-1").add_auth(request)
            headers = dict(request.headers)
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        context = ssl.create_default_context(cafile=self.account.certificate)
        # Every request goes to this machine. The emulator selects the API by the host header.
        connection = http.client.HTTPSConnection("127.0.0.1", self.account.port, timeout=60, context=context)
        try:
            connection.request(method, path, body=data, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            if parse:
                return answer.status, dict(answer.getheaders()), parse(text)
            is_json = "json" in answer.getheader("content-type", "json")
            return answer.status, dict(answer.getheaders()), json.loads(text) if text and is_json else text.decode() or None
        finally:
            connection.close()

    def submit(self, handler, payload=None, **fields):
        return self.submit_task({"target": {"handler": handler}, "payload": payload, **fields})

    def submit_task(self, task):
        status, _, task = self.call("POST", "/v1/tasks", task)
        assert status == 202, (status, task)
        return task["id"]

    def submit_surely(self, handler, payload, key):
        """Submits with a key, and repeats the request until it gets an answer. A stack update may break a request off."""
        body = {"target": {"handler": handler}, "payload": payload, "idempotency_key": key}
        answered = until(lambda: self.call("POST", "/v1/tasks", body), lambda answer: answer[0] < 500, 30, "no answer")
        assert answered[0] in (200, 202), answered
        return answered[2]["id"]

    def submit_batch(self, tasks):
        status, _, body = self.call("POST", "/v1/tasks/batch", {"tasks": tasks})
        assert status == 200 and all(one["status"] == 202 for one in body["results"]), (status, body)
        return [one["task"]["id"] for one in body["results"]]

    def pages(self, path, **query):
        """Yields all pages of a list."""
        while True:
            status, _, page = self.call("GET", path, query=query)
            assert status == 200, (status, page)
            yield page["tasks"]
            if not page["next_cursor"]:
                return
            query["cursor"] = page["next_cursor"]

    def listed(self, **query):
        return [task for page in self.pages("/v1/tasks", **query) for task in page]

    def get(self, task_id):
        status, _, task = self.call("GET", f"/v1/tasks/{task_id}")
        assert status == 200, (status, task)
        return task

    def ended(self, task_id, within=60):
        """Waits for the task's end and returns the task."""
        return until(lambda: self.get(task_id), lambda task: task["finished_at"], within, f"{task_id} has not ended")

    def succeeded(self, task_id, attempts=1, within=60):
        task = self.ended(task_id, within)
        assert (task["state"], task["attempt"]) == ("succeeded", attempts), task
        return task


def until(look, is_so, within, otherwise):
    """Calls `look` until `is_so` holds for its result, and returns the result. `otherwise` says what is missing."""
    end = time.monotonic() + within
    while True:
        seen = look()
        if is_so(seen):
            return seen
        assert time.monotonic() < end, f"{otherwise}: {seen}"
        time.sleep(0.25)
