"""Signatures of requests, checked by code of their own as AWS does."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sys
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar, Dict, Iterator, List
from urllib.parse import quote, urlsplit

import pytest

from taskway import AsyncTaskway, Taskway
from taskway.aws import NoCredentials, Signer

SECRETS = {"KEY-ENV": "secret/env", "KEY-PROFILE": "secret/profile", "KEY-PROCESS": "secret/process"}


class Api(BaseHTTPRequestHandler):
    """Answers every request with an empty list, and notes whether its signature is right."""

    requests: ClassVar[List[Dict[str, Any]]] = []

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.requests.append({"signature": verdict(self.command, self.path, headers, body), **headers})
        answer = b'{"tasks": [], "id": "t1", "state": "queued", "next_cursor": null}'
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = serve

    def log_message(self, format: str, *args: Any) -> None:
        pass


def verdict(method: str, path: str, headers: Dict[str, str], body: bytes) -> str:
    """Who signed the request, by the rules of Signature Version 4."""
    scheme, *parts = headers["authorization"].replace(",", "").split()
    assert scheme == "AWS4-HMAC-SHA256"
    given = dict(part.split("=", 1) for part in parts)
    key, date, region, service, end = given["Credential"].split("/")
    url = urlsplit(path)
    names = given["SignedHeaders"].split(";")
    canonical = [
        method,
        # Every service but S3 encodes the path once more.
        quote(url.path, safe="/-_.~"),
        "&".join(sorted(url.query.split("&"))),
        *(f"{name}:{' '.join(headers[name].split())}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(body).hexdigest(),
    ]
    request = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], f"{date}/{region}/{service}/{end}", request])
    signing = f"AWS4{SECRETS[key]}".encode()
    for part in (date, region, service, end):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    right = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    assert {"host", "content-type"} & headers.keys() <= set(names), "headers that matter are signed"
    return f"{key} {region} {service}" if hmac.compare_digest(right, given["Signature"]) else "wrong"


@pytest.fixture
def api() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    Api.requests.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}/stage"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY-ENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["KEY-ENV"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")


def test_requests_are_signed(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch)
    with Taskway(api, signer=Signer(region="eu-west-1")) as taskway:
        taskway.submit("echo", {"a": "ü"}, wait=1)
        assert list(taskway.tasks(labels={"a&b/ü": "1 + 1~*"})) == []
        taskway.get("a/b c")
    assert [one["signature"] for one in Api.requests] == ["KEY-ENV eu-west-1 execute-api"] * 3
    assert {one["x-amz-security-token"] for one in Api.requests} == {"token"}


def test_the_asynchronous_client_signs_too(api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch)

    async def main() -> None:
        async with AsyncTaskway(api, signer=Signer(region="eu-west-1")) as taskway:
            await taskway.submit("echo")

    asyncio.run(main())
    assert [one["signature"] for one in Api.requests] == ["KEY-ENV eu-west-1 execute-api"]


def test_a_profile_is_chosen(api: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = ap-southeast-4\n")
    (tmp_path / "credentials").write_text(
        f"[work]\naws_access_key_id = KEY-PROFILE\naws_secret_access_key = {SECRETS['KEY-PROFILE']}\n"
    )
    with Taskway(api, signer=Signer(profile="work")) as taskway:
        taskway.get("t1")
    assert [one["signature"] for one in Api.requests] == ["KEY-PROFILE ap-southeast-4 execute-api"]


def test_credentials_are_renewed_before_they_end(api: str, tmp_path: Path) -> None:
    """A program gives credentials that end soon, as SSO does. They are asked for again, and not for every request."""
    count = tmp_path / "count"
    program = tmp_path / "give.py"
    program.write_text(
        "import json, datetime\n"
        f"count = open({str(count)!r}, 'a'); count.write('x')\n"
        "soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)\n"
        f"print(json.dumps(dict(Version=1, AccessKeyId='KEY-PROCESS', SecretAccessKey={SECRETS['KEY-PROCESS']!r},\n"
        "    SessionToken='t', Expiration=soon.isoformat())))\n"
    )
    (tmp_path / "config").write_text(f"[profile sso]\nregion = eu-west-1\ncredential_process = {sys.executable} {program}\n")
    signer = Signer(profile="sso")
    with Taskway(api, signer=signer) as taskway:
        taskway.get("t1")
        taskway.get("t1")
        assert count.read_text() == "x"
        signer._found[0]._expiry_time = datetime.now(timezone.utc)
        taskway.get("t1")
        assert count.read_text() == "xx"
    assert [one["signature"] for one in Api.requests] == ["KEY-PROCESS eu-west-1 execute-api"] * 3


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("a1b2c3.execute-api.eu-west-1.amazonaws.com", "eu-west-1"),
        ("a1b2c3-vpce-0a1b.execute-api.us-gov-east-1.amazonaws.com", "us-gov-east-1"),
        ("a1b2c3.execute-api.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("tasks.example.com", "us-west-2"),
        ("a1b2c3.execute-api.localhost", "us-west-2"),
    ],
)
def test_the_region_is_the_hosts_if_it_names_one(host: str, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    signed = Signer().sign("GET", f"https://{host}/v1/stats", {}, b"")
    assert f"/{region}/execute-api/" in signed["Authorization"]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://tasks.example.com/v1/stats"
    with pytest.raises(NoCredentials, match="there are no AWS credentials"):
        Signer().sign("GET", url, {}, b"")
    with pytest.raises(NoCredentials, match="none-such"):
        Signer(profile="none-such").sign("GET", url, {}, b"")
    in_environment(monkeypatch)
    with pytest.raises(NoCredentials, match="no region"):
        Signer().sign("GET", url, {}, b"")
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(NoCredentials, match="install the extra `aws`"):
        Signer().sign("GET", url, {}, b"")
