"""Pages whose blocks another test runs: page, language (`*` is every one), and that test."""

ELSEWHERE = [
    ("clients/python/README.md", "*", "clients/python/tests/test_readme.py"),
    ("clients/typescript/README.md", "*", "clients/typescript/tests/readme.test.ts"),
    ("docs/receivers.md", "*", "tests/foreign/test_receivers.py"),
    ("docs/architecture.md", "mermaid", "shared/protocol/tests/diagram.rs"),
    # test_translation.py compares them with those of README.md.
    ("README.zh-CN.md", "*", "tests/pages/test_translation.py"),
]
