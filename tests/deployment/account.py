"""Users in the account."""

import json


def user(stack, name, *allowed):
    """Makes a user that may call these API ARNs, or no API. Returns the access key and its secret."""
    iam = stack.client("iam")
    iam.create_user(UserName=name)
    if allowed:
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": list(allowed)}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
