#!/usr/bin/env bash
# The AWS SDK for Rust with AWS_NEW_RETRIES_2026=true and AWS_MAX_ATTEMPTS=2: how often does it try a call that fails?
# We expected two tries of every service. SQS gets two, DynamoDB four: with the new retries DynamoDB's client replaces a
# number of attempts that came from the environment or from a profile by its own default, and keeps only one that the program's
# code set on the client. Without AWS_NEW_RETRIES_2026 both get two.
# So Taskway reads AWS_MAX_ATTEMPTS itself, and not AWS_NEW_RETRIES_2026 (shared/cloud/src/aws/settings.rs).
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"

mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "tries"
version = "0.0.0"
edition = "2024"
[dependencies]
aws-config = { version = "=1.13.0", default-features = false, features = ["rt-tokio"] }
aws-sdk-dynamodb = { version = "=1.136.0", default-features = false, features = ["rt-tokio"] }
aws-sdk-sqs = { version = "=1.119.0", default-features = false, features = ["rt-tokio"] }
aws-smithy-http-client = { version = "=1.5.2", default-features = false, features = ["default-client"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
TOML
cat >src/main.rs <<'RUST'
use aws_config::BehaviorVersion;

#[tokio::main]
async fn main() {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http).load().await;
    // Both calls fail: the server answers 500 to everything.
    let _ = aws_sdk_dynamodb::Client::new(&config).get_item().table_name("t").set_key(Some([].into())).send().await;
    let _ = aws_sdk_sqs::Client::new(&config).receive_message().queue_url("http://127.0.0.1/1/q").send().await;
}
RUST
cat >server.py <<'PY'
import http.server
import sys

class Broken(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        print(self.headers["x-amz-target"].split(".")[1], file=log, flush=True)
        self.send_response(500)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass

log = open("requests", "a")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
echo 'building the SDK, some minutes' >&2
cargo build -q
python3 server.py >port & server=$!
until [ -s port ]; do sleep 0.1; done
seen=
for new in false true; do
    : >requests
    env AWS_ENDPOINT_URL="http://127.0.0.1:$(cat port)" AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test \
        AWS_MAX_ATTEMPTS=2 AWS_NEW_RETRIES_2026=$new target/debug/tries
    seen+="AWS_NEW_RETRIES_2026=$new: DynamoDB $(grep -c GetItem requests), SQS $(grep -c ReceiveMessage requests); "
done
echo "aws-sdk-dynamodb 1.136.0 and aws-sdk-sqs 1.119.0 with AWS_MAX_ATTEMPTS=2, tries of one call: $seen"
[ "$seen" = 'AWS_NEW_RETRIES_2026=false: DynamoDB 2, SQS 2; AWS_NEW_RETRIES_2026=true: DynamoDB 4, SQS 2; ' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found'
