#!/usr/bin/env bash
# A request with `?since=12:00:00Z`, signed for AWS (Signature Version 4) by libraries of two languages: do they sign one text?
# We expected so: AWS documents that each value of the query is encoded for the signature, `12%3A00%3A00Z`, whatever the URL
# has. aws4 and aws4fetch for JavaScript do that, and so does requests-aws4auth for Python. botocore's SigV4Auth signs the query
# as it stands in the URL, with its colons, though it encodes them in a path.
# A colon need not be encoded in a URL, so the request is a valid one, and whoever checks it by the rule finds another
# signature. Taskway's client for Python signs by botocore too, and encodes each value first. Who calls an API behind IAM
# without the client, as docs/deploying.md has it, should do so as well.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check botocore==1.44.8 requests-aws4auth==1.4.0
npm install --silent --no-audit --no-fund aws4@1.13.2 aws4fetch@1.0.20 >/dev/null

cat >sign.py <<'PY'
import sys
from hashlib import sha256
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests_aws4auth import AWS4Auth

request = AWSRequest("GET", sys.argv[1])
request.context["timestamp"] = "20261201T130000Z"
signer = SigV4Auth(Credentials("AKID", "secret"), "execute-api", "us-east-1")
print("botocore:", signer.canonical_request(request).split("\n")[2])
request = requests.Request("GET", sys.argv[1], {"x-amz-content-sha256": sha256().hexdigest()}).prepare()
auth = AWS4Auth("AKID", "secret", "us-east-1", "execute-api")
print("requests-aws4auth:", auth.get_canonical_request(request, "", "").split("\n")[2])
PY
cat >sign.mjs <<'JS'
import aws4 from "aws4";
import { AwsV4Signer } from "aws4fetch";
const url = new URL(process.argv[2]);
const [accessKeyId, secretAccessKey, service, region] = ["AKID", "secret", "execute-api", "us-east-1"];
const request = { host: url.host, path: url.pathname + url.search, service, region };
const signer = new aws4.RequestSigner(request, { accessKeyId, secretAccessKey });
signer.prepareRequest();
console.log("aws4:", signer.canonicalString().split("\n")[2]);
const text = await new AwsV4Signer({ url: url.href, accessKeyId, secretAccessKey, service, region }).canonicalString();
console.log("aws4fetch:", text.split("\n")[2]);
JS
try() { echo "$1"; venv/bin/python sign.py "$1"; node sign.mjs "$1"; }
seen=$(try 'https://api.example.com/jobs?since=12%3A00%3A00Z'; try 'https://api.example.com/jobs?since=12:00:00Z')
version() { venv/bin/pip show "$1" | sed -n 's/^Version: //p'; }
echo "botocore $(version botocore), requests-aws4auth $(version requests-aws4auth)," \
    "aws4 $(node -p 'require("aws4/package.json").version'), aws4fetch" \
    "$(node -p 'require("./node_modules/aws4fetch/package.json").version'); expected in each signature: since=12%3A00%3A00Z"
echo "$seen"
[ "$seen" = 'https://api.example.com/jobs?since=12%3A00%3A00Z
botocore: since=12%3A00%3A00Z
requests-aws4auth: since=12%3A00%3A00Z
aws4: since=12%3A00%3A00Z
aws4fetch: since=12%3A00%3A00Z
https://api.example.com/jobs?since=12:00:00Z
botocore: since=12:00:00Z
requests-aws4auth: since=12%3A00%3A00Z
aws4: since=12%3A00%3A00Z
aws4fetch: since=12%3A00%3A00Z' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: botocore signs the colon as it stands'
