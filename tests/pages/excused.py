"""Blocks that the tests of the pages do not run, each by its page and its first line, and why. They are parsed nevertheless.

A test fails if an entry matches no block, so a block that is gone or can be run now leaves this list.
"""

DEPLOYED = "needs a deployed stack and its credentials"
LAMBDA = "needs cargo-lambda, some hundred megabytes: scripts/test-lambda tests this"
EMULATED = "deploys to an emulated AWS: scripts/test-deployment tests this"
MINUTES = "takes many minutes: `make bench` is measured by hand"

EXCUSED = {
    "benchmarks/README.md": {
        "cargo build --release -p taskway-cli -p taskway-benchmarks": MINUTES,
        "npm pack @octokit/webhooks-examples@7.6.1 && tar xzf octokit-webhooks-examples-7.6.1.tgz": "downloads a package",
    },
    "dashboard/README.md": {
        "TASKWAY_BIN=../target/release/taskway npm run measure          # some 13 minutes; --quick: one": "takes many minutes"
    },
    "docs/README.md": {
        "python3 -m venv hello-python": "downloads httpx: scripts/test-python installs the client",
        "npm ci --prefix clients/typescript": "downloads packages: package.test.ts of the client installs it",
    },
    "docs/configuration.md": {
        "export TASKWAY_URL=https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com AWS_PROFILE=team": DEPLOYED
    },
    "docs/dashboard.md": {
        "taskway dev                                        # the dashboard is at http://127.0.0.1:8080/": "both stay up: "
        "scripts/test-dashboard and cli/tests/ui.rs start them"
    },
    "docs/deploying.md": {
        "export TASKWAY_URL=https://….execute-api.eu-central-1.amazonaws.com": DEPLOYED,
        'curl -s "$TASKWAY_URL/v1/tasks" --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" \\': DEPLOYED,
        "scripts/restore taskway-restored TABLE": EMULATED,
        '.venv/aws/bin/sam delete --stack-name taskway --region "$AWS_REGION"': EMULATED,
    },
    "docs/local.md": {
        "taskway dev --bind 0.0.0.0 --allow-host taskway": "listens on all addresses: cli/tests/doors.rs starts it",
        "scripts/tools python3 aws        # installs cargo-lambda and SAM into .venv/aws": LAMBDA,
        "export PATH=$PWD/.venv/aws/bin:$PATH": LAMBDA,
        "scripts/tools python3 aws ministack": EMULATED,
    },
    "docs/performance.md": {
        "make bench                                       # all benchmarks, some minutes after the builds": MINUTES
    },
    "docs/targets.md": {"cargo lambda watch --invoke-address 127.0.0.1 --invoke-port 9000": LAMBDA},
    "events/README.md": {
        "id=$(cargo lambda invoke --invoke-address 127.0.0.1 --data-file events/api-submit.json taskway-submit "
        "| grep -o '/v1/tasks/[A-Za-z0-9_-]*' | cut -d/ -f4)": LAMBDA
    },
    "findings/README.md": {"bash findings/NAME.sh": "downloads packages; NAME stands for any of them"},
}
