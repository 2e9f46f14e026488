#!/usr/bin/env bash
# openapi-python-client: a `oneOf` of a card and a bank account. Which of them does the generated client make of a bank account?
# We expected the account, since the card is closed (`additionalProperties: false`) and has no `iban`, so only one of the two
# fits. It takes the first whose required properties are there. A card has none, so everything is a card, and the `iban` is
# lost. With a `discriminator` that names the account it makes a card too. It makes an account where a `const` tells the two
# apart, or where the account is named first. datamodel-code-generator, with Pydantic, finds the account each time.
# Whoever makes a client in Python of Taskway's document (docs/openapi.json): its alternatives have a `const`, or a required
# property that the others lack, so the first that can be read is the right one.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check openapi-python-client==0.29.1 ruff==0.17.6 datamodel-code-generator==0.89.0

cat >document.py <<'PY'
import json

def closed(name, required, **properties):
    return name, {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

def one_of(*names, **more):
    return {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names], **more}

text = {"type": "string"}
schemas = dict([
    closed("Card", [], holder=text),
    closed("Account", ["iban"], iban=text),
    closed("KindCard", ["kind"], kind=text, holder=text),
    closed("KindAccount", ["kind"], kind=text, iban=text),
    closed("ConstCard", ["kind"], kind={"const": "card"}, holder=text),
    closed("ConstAccount", ["kind"], kind={"const": "bank"}, iban=text),
])
targets = {kind: f"#/components/schemas/{name}" for kind, name in [("card", "KindCard"), ("bank", "KindAccount")]}
schemas["Payment"] = {"type": "object", "properties": {
    "closed": one_of("Card", "Account"),
    "discriminator": one_of("KindCard", "KindAccount", discriminator={"propertyName": "kind", "mapping": targets}),
    "const": one_of("ConstCard", "ConstAccount"),
    "turned": one_of("Account", "Card"),
}}
info = {"title": "Payments", "version": "1"}
print(json.dumps({"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}))
PY
cat >read.py <<'PY'
from client.models import Payment
from pydantic_models import Payment as Other
bank = {"kind": "bank", "iban": "DE02"}
payment = {"closed": {"iban": "DE02"}, "discriminator": bank, "const": bank, "turned": {"iban": "DE02"}}
read, other = Payment.from_dict(payment), Other.model_validate(payment)
again = read.to_dict()
for name in payment:
    kinds = [type(getattr(made, name, None) or getattr(made, f"{name}_", None)).__name__ for made in (other, read)]
    print(f"{name}: datamodel-code-generator {kinds[0]} | openapi-python-client {kinds[1]}, {again[name]}")
PY
venv/bin/python document.py >document.json
PATH=$PWD/venv/bin:$PATH venv/bin/openapi-python-client generate --path document.json --output-path client --meta none >log 2>&1
venv/bin/datamodel-codegen --input document.json --input-file-type openapi --output-model-type pydantic_v2.BaseModel \
    --output pydantic_models.py 2>>log || { cat log; exit 1; }
version() { venv/bin/pip show "$1" | sed -n 's/^Version: //p'; }
seen=$(venv/bin/python read.py)
echo "openapi-python-client $(version openapi-python-client), datamodel-code-generator $(version datamodel-code-generator);" \
    'expected: an account, which keeps its iban'
echo "$seen"
[ "$seen" = "closed: datamodel-code-generator Account | openapi-python-client Card, {}
discriminator: datamodel-code-generator KindAccount | openapi-python-client KindCard, {'kind': 'bank'}
const: datamodel-code-generator ConstAccount | openapi-python-client ConstAccount, {'kind': 'bank', 'iban': 'DE02'}
turned: datamodel-code-generator Account | openapi-python-client Account, {'iban': 'DE02'}" ] ||
    { echo 'this has changed' >&2; exit 1; }
echo 'as found: a card, without the iban'
