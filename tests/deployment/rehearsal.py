"""Deploys the stack to an emulated account on this machine, with a user that may call the API, and stays up."""

import signal
import sys

from account import user
from emulator import emulator
from stack import Stack, build


def main(ministack):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with emulator(ministack) as account:
        print("building the functions; the first time takes some minutes", flush=True)
        build(account)
        print("deploying", flush=True)
        stack = Stack(account, "taskway")
        outputs = stack.deploy()
        key, secret = user(stack, "client", outputs["InvokeArn"])
        print(f"""
Taskway is deployed on an emulated AWS, as `sam deploy` would on the real one.

another shell, as the account's root user, for the AWS CLI and SDKs:
  export AWS_ENDPOINT_URL={account.url} AWS_CA_BUNDLE={account.certificate} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test

another shell, as a user who may call the API and nothing else:
  export TASKWAY_URL={outputs["ApiUrl"]} SSL_CERT_FILE={account.certificate} AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret}
  target/debug/taskway submit fail '{{"times": 1}}' --watch
  curl -s --cacert $SSL_CERT_FILE $TASKWAY_URL/healthz
  curl -s --cacert $SSL_CERT_FILE $TASKWAY_URL/v1/tasks/x     # refused: not signed
  curl -s --cacert $SSL_CERT_FILE $TASKWAY_URL/v1/tasks --aws-sigv4 aws:amz:us-east-1:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H 'content-type: application/json' -H 'prefer: wait=20' -d '{{"target": {{"handler": "echo"}}, "payload": "hello"}}'

Ctrl-C ends the account and leaves nothing behind""", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


main(sys.argv[1])
