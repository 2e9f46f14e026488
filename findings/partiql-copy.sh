#!/usr/bin/env bash
# PartiQL for DynamoDB: what is `q` in `UPDATE "t" SET a=q …`, an attribute or a text?
# We expected the attribute, as in the sum `SET n=n+?`, where both engines below read the attribute `n`. MiniStack copies the
# attribute. dynoxide writes the text "q" and reports success. With the name in quotes, `SET a="q"`, dynoxide refuses the
# statement, and MiniStack copies the attribute again.
# So Taskway's batches of writes never copy an attribute (shared/cloud/src/dynamo/statement.rs).
set -euo pipefail
place=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"

mkdir -p engine/src
cat >engine/Cargo.toml <<'TOML'
[package]
name = "engine"
version = "0.0.0"
edition = "2024"
[dependencies]
dynoxide-rs = { version = "=3.2.0", default-features = false, features = ["native-sqlite", "http-server"] }
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
TOML
cat >engine/src/main.rs <<'RUST'
#[tokio::main]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let _ = dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()).await;
}
RUST
echo 'building dynoxide-rs 3.2.0, some minutes' >&2
(cd engine && cargo build -q)
python3 -m venv venv
python3 -m venv server
venv/bin/pip install -q --disable-pip-version-check boto3==1.43.108
server/bin/pip install -q --disable-pip-version-check 'ministack[full]==1.5.33'

cat >ask.py <<'PY'
import sys
import boto3
from botocore.config import Config

table = boto3.client("dynamodb", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="test",
                     aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}))
key = {"AttributeName": "PK", "KeyType": "HASH"}
table.create_table(TableName="copies", KeySchema=[key], BillingMode="PAY_PER_REQUEST",
                   AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}])
seen = []
for change in ["n=n+1", "a=q", 'a="q"']:
    table.put_item(TableName="copies", Item={"PK": {"S": "x"}, "q": {"S": "emails"}, "n": {"N": "4"}})
    try:
        items = table.execute_statement(Statement=f"UPDATE \"copies\" SET {change} WHERE \"PK\"='x' RETURNING ALL NEW *")["Items"]
        seen.append(f"{change} gives {list(items[0].get('n' if change[0] == 'n' else 'a').values())[0]}")
    except Exception as error:
        seen.append(f"{change} is refused: {error.response['Error']['Code']}")
print(" | ".join(seen))
PY
engine/target/debug/engine >address & server=$!
until [ -s address ]; do sleep 0.1; done
embedded=$(venv/bin/python ask.py "$(cat address)")
kill "$server"; server=
port=$((20000 + RANDOM % 12000))
BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 server/bin/ministack >log 2>&1 & server=$!
for _ in $(seq 100); do (: </dev/tcp/127.0.0.1/$port) 2>/dev/null && break; sleep 0.3; done
mini=$(venv/bin/python ask.py "http://127.0.0.1:$port")
echo "dynoxide-rs 3.2.0: $embedded"
echo "MiniStack $(server/bin/pip show ministack | sed -n 's/^Version: //p'): $mini"
[ "$embedded" = 'n=n+1 gives 5 | a=q gives q | a="q" is refused: ValidationException' ] &&
    [ "$mini" = 'n=n+1 gives 5 | a=q gives emails | a="q" gives emails' ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: they disagree'
