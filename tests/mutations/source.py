"""The mutated copy of the workspace: every mutation is in it, and each sleeps until its name is in the environment.

The copy lives below `target`. Nothing of it is ever part of the workspace, so no mutation can reach a release.
"""

import re
import subprocess
from pathlib import Path

SWITCH = "TASKWAY_MUTATION"

# The copy's own module: which mutation is on, and what some of them need to do their harm.
MODULE = '''//! Which mutation is on.

use std::{collections::HashMap, sync::{Mutex, OnceLock}};

/// Whether it is this one.
pub fn on(name: &str) -> bool {
    static ON: OnceLock<String> = OnceLock::new();
    ON.get_or_init(|| std::env::var("TASKWAY_MUTATION").unwrap_or_default()) == name
}

/// The right to delete any message.
#[cfg(any(feature = "aws", test))]
pub fn ack() -> crate::domain::Ack {
    crate::domain::Ack::successor_placed()
}

static LATER: Mutex<Option<HashMap<String, String>>> = Mutex::new(None);

/// Keeps a text in memory that should have been written.
pub fn later(name: String, text: &str) {
    LATER.lock().unwrap().get_or_insert_default().insert(name, text.to_owned());
}

/// The text that was kept under that name.
pub fn kept(name: &str) -> Option<String> {
    LATER.lock().unwrap().as_ref().and_then(|texts| texts.get(name).cloned())
}
'''


class Drift(Exception):
    """A definition that does not fit the source any more."""


def copy(workspace, target, mutations):
    """Writes the mutated copy, leaving untouched what is as it should be: the next build is short."""
    files = mutated(tracked(workspace), mutations)
    for path in [path for path in target.rglob("*") if path.is_file()]:
        if str(path.relative_to(target)) not in files:
            path.unlink()
    for name, (content, mode) in files.items():
        path = target / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        path.chmod(mode)


def tracked(workspace):
    """What belongs to the working tree, with what is not committed yet: name to content and mode."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=workspace, check=True, capture_output=True).stdout.decode().split("\0")
    paths = {name: workspace / name for name in names if name}
    return {
        name: (path.read_bytes(), path.stat().st_mode & 0o777) for name, path in paths.items() if path.is_file()
    }


def mutated(files, mutations):
    """The same files with every mutation in them."""
    files = dict(files)
    by_file = {}
    for mutation in mutations:
        for edit in mutation.edits:
            by_file.setdefault(edit.file, []).append((mutation.name, edit))
    drifts = []
    for name, edits in by_file.items():
        if name not in files:
            drifts.append(f"{name} is not there; {', '.join(sorted({one for one, _ in edits}))} would change it")
            continue
        content, mode = files[name]
        text, wrong = rewritten(content.decode(), edits, "crate" if name.startswith("shared/") else "taskway")
        drifts += [f"{name}: {one}" for one in wrong]
        files[name] = (text.encode(), mode)
    if drifts:
        raise Drift("\n".join(drifts))
    add(files, "shared/src/mutation.rs", lambda _: MODULE)
    add(files, "shared/src/lib.rs", lambda text: text.replace("pub mod domain;", "pub mod domain;\npub mod mutation;"))
    # What is written for a machine need not please a reader.
    add(files, "Cargo.toml", lambda text: re.sub(
        r"\[workspace\.lints\.rust\][^\[]*\[workspace\.lints\.clippy\][^\[]*",
        '[workspace.lints.rust]\nwarnings = "allow"\n\n', text))
    return files


def add(files, name, change):
    content, mode = files.get(name, (b"", 0o644))
    files[name] = (change(content.decode()).encode(), mode)


def rewritten(text, edits, krate):
    """The text with all edits as switches, and what does not fit."""
    spans, wrong = {}, []
    for name, edit in edits:
        found = list(pattern(edit.find).finditer(text))
        if len(found) != 1:
            wrong.append(f"{name}: occurs {len(found)} times, not once: {edit.find}")
            continue
        spans.setdefault(found[0].span("part"), []).append((name, edit.replace))
    wrong += crossings(list(spans))
    return (text if wrong else rendered(text, 0, len(text), spans, krate)), wrong


def pattern(find):
    """A pattern that takes any space between two words or signs, or none: how a line is broken does not matter."""
    before, part, after = re.fullmatch(r"(.*?)«(.*)»(.*)|(.*)", find, re.S).group(1, 2, 3)
    if part is None:
        before, part, after = "", find, ""
    loose = lambda text: r"\s*".join(re.escape(one) for one in re.findall(r"\w+|\S", text))
    before, part, after = loose(before), loose(part), loose(after)
    return re.compile(rf"{before}\s*(?P<part>{part})\s*{after}")


def crossings(spans):
    """Two expressions may be one within the other, but not overlap."""
    return [
        f"two mutations overlap at {second}"
        for first in spans
        for second in spans
        if first[0] < second[0] < first[1] < second[1]
    ]


def rendered(text, start, end, spans, krate):
    """text[start:end], with the switches of the outermost spans, and those within them in what was found."""
    inside = [span for span in spans if start <= span[0] and span[1] <= end and span != (start, end)]
    outermost = [
        span for span in inside
        if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in inside)
    ]
    out, at = [], start
    for span in sorted(outermost):
        out.append(text[at:span[0]])
        found = rendered(text, *span, spans, krate)
        switch = "".join(
            f'if {krate}::mutation::on("{name}") {{ {replace.replace("$0", text[slice(*span)])} }} else '
            for name, replace in spans[span]
        )
        out.append(f"({switch}{{ {found} }})")
        at = span[1]
    return "".join(out + [text[at:end]])
