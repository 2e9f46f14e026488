"""A web page in a real browser at the stack's ports: nothing that it tries comes through. Skipped without Chromium."""

import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

from stack import stack

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

# Sends what a page can send, from three origins, and lists what was answered legibly.
PAGE = """<!doctype html><title>a page</title><pre id=out>waiting</pre><script>
const ports = %s;
const tries = [];
for (const host of ["127.0.0.1", "localhost", location.hostname]) for (const port of ports) {
  const url = `http://${host}:${port}/`;
  const target = "DynamoDB_20120810.ListTables";
  tries.push(
    [`GET ${url}`, fetch(url)],
    [`POST ${url} json`, fetch(url + "v1/tasks", {method: "POST", headers: {"content-type": "application/json"},
      body: '{"target":{"handler":"echo"},"queue":"page"}'})],
    [`POST ${url} simple`, fetch(url + "v1/tasks/cancel?all=true", {method: "POST", mode: "no-cors"})],
    [`POST ${url} text`, fetch(url + "v1/tasks", {method: "POST", mode: "no-cors",
      body: '{"target":{"handler":"echo"},"queue":"page"}'})],
    [`POST ${url} signed`, fetch(url, {method: "POST", body: "{}", headers: {"x-amz-target": target,
      "content-type": "application/x-amz-json-1.0", "x-amz-date": "20260101T000000Z",
      "authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0"}})],
    [`DELETE ${url}`, fetch(url + "v1/schedules/kept", {method: "DELETE"})]);
}
Promise.allSettled(tries.map(([, answer]) => answer)).then(all => {
  const legible = all.flatMap((one, i) => one.status === "fulfilled" && one.value.ok ? [tries[i][0]] : []);
  document.getElementById("out").textContent = JSON.stringify({tried: all.length, legible});
});
</script>"""


def main():
    if not CHROMIUM:
        print("skipped: no Chromium here; CHROMIUM names one")
        return
    with stack() as running:
        kept = running.submit("echo", delay_seconds=3600)
        urls = [running.url, running.environment["AWS_ENDPOINT_URL_DYNAMODB"], running.environment["AWS_ENDPOINT_URL_SQS"]]
        page = (PAGE % json.dumps([urllib.parse.urlsplit(url).port for url in urls])).encode()

        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_):
                pass

        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        # The name of the attacker's site resolves to this machine, as after DNS rebinding.
        for host in ["evil.example", "localhost"]:
            seen = json.loads(visit(f"http://{host}:{site.server_port}/"))
            assert seen["tried"] == 54 and not seen["legible"], seen
        assert running.call("GET", f"/v1/tasks/{kept}")[1]["state"] == "scheduled"
        assert running.call("GET", "/v1/tasks?queue=page")[1]["tasks"] == []
        print("no page of another origin reads or changes anything")


def visit(url):
    """The text that the page shows in the end."""
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}",
                   "--host-resolver-rules=MAP evil.example 127.0.0.1", "--virtual-time-budget=20000", "--dump-dom"]
        dom = subprocess.run([CHROMIUM, *options, url], capture_output=True, text=True, timeout=120, check=True).stdout
    return dom.split("<pre id=\"out\">")[1].split("</pre>")[0].replace("&quot;", '"')


main()
