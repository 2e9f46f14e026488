"""A proxy before the API and its bucket that makes the faults of `cases.json`, and remembers the requests."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Dict, List, Tuple, Type
from urllib.parse import urlsplit

SIGNED = b"X-Amz-Signature"
# The bucket in a signed URL.
BUCKET = re.compile(rb'http://([^/"]+)(?=/[^"]*' + SIGNED + b")")


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    headers: Dict[str, str]
    body: bytes


class FaultProxy:
    """Passes requests on to `url`. The first request gets the first of `faults`, and so on. Later ones pass.

    Signed URLs in answers lead here, too, and from here to the bucket.
    """

    def __init__(self, url: str, faults: List[Dict[str, Any]]) -> None:
        self._faults = list(faults)
        self._lock = threading.Lock()
        self.sent: List[Sent] = []
        self.api = self.bucket = urlsplit(url).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _passage(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def next_fault(self, sent: Sent) -> Dict[str, Any]:
        with self._lock:
            self.sent.append(sent)
            if not self._faults:
                return {"fault": "pass"}
            return self._faults[0] if self._faults[0].get("and_so_on") else self._faults.pop(0)

    def pass_on(self, sent: Sent) -> Tuple[int, Dict[str, str], bytes]:
        is_signed = SIGNED.decode() in sent.path
        status, headers, content = passed_on(sent, self.bucket if is_signed else self.api)
        found = None if is_signed else BUCKET.search(content)
        if found is not None:
            self.bucket = found.group(1).decode()
            content = BUCKET.sub(self.url.encode(), content)
        return status, headers, content

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, kind: Type[BaseException], error: BaseException, trace: TracebackType) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _passage(proxy: FaultProxy) -> Type[BaseHTTPRequestHandler]:
    class Passage(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sent = Sent(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            fault = proxy.next_fault(sent)
            kind = fault["fault"]
            if kind == "close_before":
                return self.close()
            if kind == "answer":
                return self.answer_as(fault)
            status, headers, content = proxy.pass_on(sent)
            if kind == "answer_after":
                return self.answer_as(fault)
            if kind == "close_after":
                return self.close()
            if kind == "close_within":
                self.answer(status, headers, content, content[: len(content) // 2])
                return self.close()
            assert kind == "pass", kind
            return self.answer(status, headers, content, content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

        def answer_as(self, fault: Dict[str, Any]) -> None:
            body = fault["body"]
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            headers = {"content-type": "application/json", **fault.get("headers", {})}
            self.answer(fault["status"], headers, content, content)

        def answer(self, status: int, headers: Dict[str, str], content: bytes, part: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(part)

        def close(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Passage


def passed_on(sent: Sent, address: str) -> Tuple[int, Dict[str, str], bytes]:
    api = http.client.HTTPConnection(address, timeout=40)
    try:
        kept = {name: value for name, value in sent.headers.items() if name not in ("host", "connection")}
        api.request(sent.method, sent.path, sent.body, kept)
        answer = api.getresponse()
        content = answer.read()
        hop = ("content-length", "connection", "transfer-encoding", "date")
        return answer.status, {name: value for name, value in answer.getheaders() if name.lower() not in hop}, content
    finally:
        api.close()
