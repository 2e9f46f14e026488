"""Who gets in: callers of the API, the dashboard's readers, and those who invoke the functions."""

import gzip
import json
import subprocess

from account import user
from api import Caller
from seen import seen
from stack import TASKWAY


def routes(stack):
    """The authorization type of each route of the API."""
    apis = stack.client("apigatewayv2")
    (api,) = [api["ApiId"] for api in apis.get_apis()["Items"] if api["Name"] == stack.name]
    return {route["RouteKey"]: route["AuthorizationType"] for route in apis.get_routes(ApiId=api)["Items"]}


def guarded(by):
    """The routes that the API must have. None is for OPTIONS: API Gateway itself answers a browser's preflight."""
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    return {"GET /healthz": "NONE", **{method + " /{proxy+}": by for method in methods}}


def preflight(caller):
    """Checks that a browser's question does not reach the function, whose answers all have a request id."""
    status, headers, body = caller.call("OPTIONS", "/v1/tasks", headers={"origin": "https://evil.example.com", "access-control-request-method": "POST"})
    assert status in (403, 404) and "x-request-id" not in {name.lower() for name in headers}, (status, headers, body)


def dashboard(stranger, path):
    """Checks that the API serves the page to everybody, and nothing else with it."""
    status, headers, _ = stranger.call("GET", path)
    assert (status, path) == (302, "/dashboard"), (status, path)
    index = "/" + {name.lower(): value for name, value in headers.items()}["location"]
    status, headers, page = stranger.call("GET", index)
    assert status == 200 and "data-sign-in" in page and "content-security-policy" in {name.lower() for name in headers}, (status, page)
    for file, holds in ("first.js", "v1"), ("app.js", "first.js"), ("style.css", "{"), ("icon.svg", "<svg"), ("licences.txt", "MIT"):
        status, _, text = stranger.call("GET", index.removesuffix("index.html") + file)
        assert status == 200 and holds in text, (file, status, text[:200])
    status, _, packed = stranger.call("GET", index.replace("index.html", "app.js"), headers={"accept-encoding": "gzip"}, parse=gzip.decompress)
    assert status == 200 and b"first.js" in packed
    for path in "/", "/app.js", "/dashboard/../v1/stats", "/dashboard/x/app.js", "/v1/stats":
        assert stranger.call("GET", path)[0] in (401, 403, 404), path
    seen("with ServeDashboard=on, the API serves the dashboard to everybody, and nothing else")


def doors(stack):
    """Checks which callers the API admits."""
    url, account = stack.outputs["ApiUrl"], stack.account
    guards = routes(stack)
    assert guards == guarded("AWS_IAM"), guards

    status, headers, body = Caller(url, account).call("GET", "/healthz")
    assert (status, body) == (200, {"status": "ok"}), body
    assert not any("access-control" in name.lower() for name in headers) and "x-request-id" in {name.lower() for name in headers}, headers
    for odd in "x y", "://", "https://e/v1/tasks?":
        assert Caller(url, account).call("GET", "/healthz", headers={"x-forwarded-proto": odd})[0] == 200, odd
    nobody, stranger = Caller(url, account), Caller(url, account, keys=user(stack, "stranger"))
    forger = Caller(url, account, keys=(stranger.credentials.access_key, "another secret"))
    for caller in nobody, stranger, forger:
        for method, path in [("POST", "/v1/tasks"), ("GET", "/v1/tasks/x"), ("GET", "/nowhere"), ("POST", "/healthz")]:
            status, _, body = caller.call(method, path, {} if method == "POST" else None)
            assert status in (401, 403), (method, path, status, body)
        preflight(caller)
    seen("nobody gets in without a signature, with a wrong one, or without execute-api:Invoke; /healthz answers")

    # An event without an authorizer, as if the API had let an unproven caller in, or somebody had invoked the function.
    event = {"version": "2.0", "routeKey": "GET /{proxy+}", "rawPath": "/v1/tasks/x", "rawQueryString": "", "headers": {},
             "requestContext": {"accountId": "1", "apiId": "x", "domainName": "x", "domainPrefix": "x", "requestId": "x",
                                "routeKey": "GET /{proxy+}", "stage": "$default", "time": "x", "timeEpoch": 1,
                                "http": {"method": "GET", "path": "/v1/tasks/x", "protocol": "HTTP/1.1",
                                         "sourceIp": "1.2.3.4", "userAgent": "x"}},
             "isBase64Encoded": False}
    functions = stack.client("lambda")
    invoked = functions.invoke(FunctionName=stack.outputs["SubmitName"], Payload=json.dumps(event).encode())
    answer = json.loads(invoked["Payload"].read())
    assert answer.get("statusCode") in (401, 403), answer
    seen("the submit function refuses a request that no authorizer passed")
    keys = user(stack, "client", stack.outputs["InvokeArn"])
    command_line(stack, keys)
    canceller = Caller(url, account, keys=user(stack, "canceller", stack.outputs["InvokeArn"].replace("/*", "/$default/POST/v1/tasks/*/cancel")))
    for path in "/v1/tasks", "/v1/tasks/../tasks%3F/cancel", "/v1/tasks/x/../../tasks%23/cancel", "/v1/tasks/%2e%2e/tasks%3F/cancel":
        status, _, body = canceller.call("POST", path, {"target": {"handler": "echo"}})
        assert status in (403, 404), (path, status, body)
    status, _, body = canceller.call("POST", "/v1/tasks/x/cancel", headers={"x-forwarded-proto": "https://e/v1/tasks?"})
    assert status == 404, body
    seen("a user who may only cancel can only cancel, however the path is written")
    return Caller(url, account, keys=keys)


def command_line(stack, keys):
    """Checks that the command line signs with the keys of its environment, and names a key that is refused."""
    def run(keys):
        environment = {**stack.account.environment, "TASKWAY_URL": stack.outputs["ApiUrl"],
                       "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
        command = [TASKWAY, "submit", "fail", '{"times": 1}', "--watch", "--json"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)

    done = run(keys)
    assert done.returncode == 0 and '"succeeded"' in done.stdout, done
    refused = run((keys[0], "wrong"))
    assert refused.returncode == 1 and keys[0] in refused.stderr, refused
    seen("the command line submits and watches a task, signed; with a wrong secret it says which key was refused")


def trust(stack):
    """Checks who may assume the functions' roles and who may invoke the functions."""
    iam, functions = stack.client("iam"), stack.client("lambda")
    lambdas = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    roles = [name for kind, name in stack.resources() if kind == "AWS::IAM::Role"]
    assert len(roles) == 3, roles
    for role in roles:
        assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"] == [lambdas], role
        assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], role
    def invokers(output):
        try:
            policy = functions.get_policy(FunctionName=stack.outputs[output])["Policy"]
        except functions.exceptions.ResourceNotFoundException:
            return []
        return json.loads(policy)["Statement"]

    assert not invokers("ExecutorName")
    api = stack.outputs["InvokeArn"].removesuffix("/*")
    for output, principal, source in [("SubmitName", "apigateway.amazonaws.com", api + "/"),
                                      ("SchedulerName", "events.amazonaws.com", "arn:aws:events:")]:
        (statement,) = invokers(output)
        assert statement["Principal"] == {"Service": principal}, statement
        assert statement["Condition"]["ArnLike"]["AWS:SourceArn"].startswith(source), statement
    seen("only Lambda may assume the roles; only this API and the rule may invoke submit and scheduler, and nobody the executor")
