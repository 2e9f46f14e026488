"""Checks that docs/openapi.json is OpenAPI 3.1, and that its examples are what its schemas say."""

import json
import pathlib

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

DOCUMENT = json.loads((pathlib.Path(__file__).parent / "../../docs/openapi.json").read_text())


def examples(node, at=""):
    """Every schema that has examples beside it, with the examples and where they are."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from examples(item, f"{at}/{index}")
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            named = node.get("examples", {})
            found = [named[name]["value"] for name in named] + [node[name] for name in ["example"] if name in node]
            yield at, node["schema"], found + node["schema"].get("examples", [])
        for name, member in node.items():
            yield from examples(member, f"{at}/{name}")


validate(DOCUMENT)
count = 0
for at, schema, found in examples({name: DOCUMENT[name] for name in ("paths", "components")}):
    validator = Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    for example in found:
        errors = [error.message for error in validator.iter_errors(example)]
        assert not errors, f"{at}: {json.dumps(example)}: {errors}"
        count += 1
assert count > 50, count
print(f"docs/openapi.json is valid, with its {count} examples")
