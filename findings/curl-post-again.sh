#!/usr/bin/env bash
# libcurl: a second POST on a kept connection, of which the server reads all and then closes without an answer. How many arrive?
# We expected an error for the caller, as urllib3 has it: a POST may have been carried out. libcurl sends it again on a new connection, and
# the caller sees one call and one 200. (It does so when a connection was used before and no byte of the answer came.)
# So a client on libcurl, as in PHP or R, that POSTs a task without an idempotency key can submit it twice without a retry of its own:
# docs/api.md on keys.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pycurl==7.49.0 urllib3==2.8.0

cat >posts.py <<'PY'
import http.server, io, threading
import pycurl, urllib3

posts = []

class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        posts.append(self.rfile.read(int(self.headers["content-length"])).decode())
        if len(posts) == 2:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

def count(name, post):
    """Posts two bodies and shows what each call returned and what arrived."""
    posts.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    answers = []
    for body in ("first", "second"):
        try:
            answers.append(post(f"http://127.0.0.1:{server.server_address[1]}/", body))
        except Exception as error:
            answers.append(type(error).__name__)
    print(f"{name}: the calls gave {answers}, the server got {posts}")

curl, pool = pycurl.Curl(), urllib3.PoolManager()

def by_curl(url, body):
    options = {pycurl.URL: url, pycurl.POSTFIELDS: body, pycurl.WRITEDATA: io.BytesIO(), pycurl.NOPROXY: "*"}
    for option, value in options.items():
        curl.setopt(option, value)
    curl.perform()
    return curl.getinfo(pycurl.RESPONSE_CODE)

print(pycurl.version.split()[1])
count("libcurl", by_curl)
count("urllib3", lambda url, body: pool.request("POST", url, body=body).status)
PY
seen=$(venv/bin/python posts.py)
echo 'pycurl 7.49.0, urllib3 2.8.0; expected: an error for the second call'
echo "$seen"
[ "$(tail -n +2 <<<"$seen")" = "libcurl: the calls gave [200, 200], the server got ['first', 'second', 'second']
urllib3: the calls gave [200, 'ProtocolError'], the server got ['first', 'second']" ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: libcurl sent the second twice'
