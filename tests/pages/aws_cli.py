"""Stands in for the AWS CLI: reads a command by AWS's own description of its services, and calls nothing.

It fails if there is no such service, operation or option, if a required option is missing, or if a value is not JSON
where it must be. botocore, which the AWS CLI is built on, has the descriptions.
"""

from __future__ import annotations

import json
import sys

import jmespath
from botocore import xform_name
from botocore.model import Shape
from botocore.session import get_session

GLOBAL = {"query", "output", "region", "profile", "cli-input-json", "endpoint-url"}


def main(service: str, command: str, *words: str) -> None:
    model = get_session().get_service_model(service)
    (name,) = [one for one in model.operation_names if xform_name(one, "-") == command]
    shape = model.operation_model(name).input_shape
    members = {xform_name(member, "-"): (member, value) for member, value in shape.members.items()}
    rest, given = list(words), set()
    while rest:
        option = rest.pop(0).removeprefix("--")
        if option in GLOBAL:
            value = rest.pop(0)
            if option == "query":
                jmespath.compile(value)
            given.add(option)
            continue
        flag = option.removeprefix("no-")
        member, described = members[flag if flag in members else option]
        given.add(member)
        if described.type_name != "boolean":
            check(option, described, rest.pop(0))
    missing = set(shape.required_members) - given
    assert not missing or "cli-input-json" in given, f"{command} needs {missing}"


def check(option: str, shape: Shape, value: str) -> None:
    if shape.type_name not in {"structure", "map", "list"}:
        return
    if value.startswith(("{", "[")):
        value = json.loads(value)
        if shape.type_name == "structure":
            assert set(value) <= set(shape.members), f"--{option} takes {set(shape.members)}"
    elif shape.type_name == "structure":
        assert value.partition("=")[0] in shape.members, f"--{option} takes {set(shape.members)}"


main(*sys.argv[1:])
