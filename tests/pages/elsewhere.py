"""Pages whose blocks another test runs: page, language (`*` is every one), that test, and what runs the test."""

ELSEWHERE = [
    ("clients/python/README.md", "*", "clients/python/tests/test_readme.py", "make test"),
    ("clients/typescript/README.md", "*", "clients/typescript/tests/readme.test.ts", "make test"),
    # These are the crate's doc-tests.
    ("clients/rust/README.md", "*", "clients/rust/src/lib.rs", "make test"),
    # It downloads the published libraries for four languages.
    ("docs/receivers.md", "*", "tests/foreign/test_receivers.py", "make test-all"),
    ("docs/architecture.md", "mermaid", "shared/protocol/tests/diagram.rs", "make test"),
    # It compares them with those of README.md.
    ("README.zh-CN.md", "*", "tests/pages/test_translation.py", "make test"),
]
