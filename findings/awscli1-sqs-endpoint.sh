#!/usr/bin/env bash
# AWS CLI 1 with AWS_ENDPOINT_URL: where does `aws sqs list-queues` go?
# We expected the endpoint, as for `aws dynamodb list-tables` of the same CLI, and as for every command of AWS CLI 2. The sqs
# commands of AWS CLI 1 go to AWS instead, whether AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_SQS names the endpoint. Only
# --endpoint-url leads them there. A `send-message` to an emulator would so send its text to AWS.
# So docs/local.md asks for AWS CLI 2.
set -euo pipefail
version=1.45.11
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check "awscli==$version"

# Both the endpoint and, for what would leave this machine, the proxy.
cat >server.py <<'PY'
import http.server

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        print("the endpoint", file=log, flush=True)
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_CONNECT(self):
        print(self.path, file=log, flush=True)
        self.send_error(502)

    def log_message(self, *_):
        pass

log = open("requests", "a")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 server.py >port & server=$!
until [ -s port ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)
ask() {
    : >requests
    env HTTPS_PROXY="$url" NO_PROXY=127.0.0.1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_MAX_ATTEMPTS=1 \
        AWS_DEFAULT_REGION=us-east-1 HOME="$place" "$@" >/dev/null 2>&1 || true
    sort -u requests | head -1
}
tables=$(ask AWS_ENDPOINT_URL="$url" venv/bin/aws dynamodb list-tables)
queues=$(ask AWS_ENDPOINT_URL="$url" venv/bin/aws sqs list-queues)
named=$(ask AWS_ENDPOINT_URL_SQS="$url" venv/bin/aws sqs list-queues)
option=$(ask A=b venv/bin/aws sqs list-queues --endpoint-url "$url")
seen="dynamodb: $tables | sqs: $queues | sqs by AWS_ENDPOINT_URL_SQS: $named | sqs by --endpoint-url: $option"
echo "AWS CLI $version: $seen"
[ "$seen" = 'dynamodb: the endpoint | sqs: queue.amazonaws.com:443 | sqs by AWS_ENDPOINT_URL_SQS: queue.amazonaws.com:443 | sqs by --endpoint-url: the endpoint' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found'
