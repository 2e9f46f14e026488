"""Runs schemathesis against the embedded stack: test_answers.py [SEED...]"""

import pathlib
import subprocess
import sys

from stack import stack

HERE = pathlib.Path(__file__).parent
SEED = "1"

for seed in sys.argv[1:] or [SEED]:
    # A stack of its own, so that a seed makes the same requests of the same stack.
    with stack("--allow-http", "127.0.0.0/8") as running:
        print(f"== schemathesis, seed {seed}", flush=True)
        command = [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml"]
        command += ["run", HERE / "../../docs/openapi.json", "--url", running.url, "--seed", seed]
        code = subprocess.call(command)
        if code:
            sys.exit(code)
