"""Runs schemathesis against the embedded stack: test_answers.py [SEED...]"""

import pathlib
import subprocess
import sys

from stack import stack

HERE = pathlib.Path(__file__).parent
PROGRAM = pathlib.Path(sys.executable).with_name("schemathesis")

for seed in sys.argv[1:] or ["1"]:
    print(f"== schemathesis, seed {seed}", flush=True)
    # Each seed has a stack of its own, so that it does not depend on those before it.
    with stack("--allow-http", "127.0.0.0/8") as running:
        options = ["--url", running.url, "--checks", "all", "--seed", seed]
        configured = ["--config-file", HERE / "schemathesis.toml"]
        code = subprocess.call([PROGRAM, *configured, "run", HERE / "../../docs/openapi.json", *options])
    if code:
        sys.exit(f"the API does not answer as docs/openapi.json says: scripts/test-openapi python3 {seed}")
