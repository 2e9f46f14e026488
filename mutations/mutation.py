"""What a mutation is: one rule, condition, order or detail of the protocol, broken in one place or a few."""

from dataclasses import dataclass
from typing import Tuple

DOMAIN = "shared/src/domain"
DYNAMO = "shared/src/dynamo"
SQS = "shared/src/sqs"
SUBMIT = "functions/submit/src"
EXECUTOR = "functions/executor/src"
SCHEDULER = "functions/scheduler/src"


@dataclass(frozen=True)
class Edit:
    """One expression of one file and what stands there instead.

    `find` must occur exactly once, spaces and line breaks apart. Where it has a part in «…», that part alone is
    replaced and the rest is there to tell the place. `$0` in `replace` is what was found.
    """

    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Mutation:
    """All edits of a mutation are switched on together, by its name."""

    name: str
    breaks: str
    edits: Tuple[Edit, ...]


def mutation(name, breaks, file, find, replace):
    """A mutation of one edit."""
    return Mutation(name, breaks, (Edit(file, find, replace),))


def without_expect(name, breaks, step, expect):
    """A step that does not look at something, in both interpreters: they read the same data."""
    return mutation(
        name,
        breaks,
        f"{DOMAIN}/transition.rs",
        "expects.extend(«self.step.expects()»)",
        f"$0.into_iter().filter(|one| !(matches!(self.step, {step}) && matches!(one, {expect}))).collect::<Vec<_>>()",
    )


def without_birth(name, breaks, step):
    """A step that takes another life under the same key for its own."""
    return mutation(
        name,
        breaks,
        f"{DOMAIN}/transition.rs",
        "let mut expects = «vec![Expect::Born(self.born)]»",
        f"if matches!(self.step, {step}) {{ vec![] }} else {{ $0 }}",
    )


def other_expect(name, breaks, step, arm, instead):
    """A step that expects something else, in both interpreters: `arm` is a match arm over its expectations."""
    return mutation(
        name,
        breaks,
        f"{DOMAIN}/transition.rs",
        "expects.extend(«self.step.expects()»)",
        f"if matches!(self.step, {step}) "
        f"{{ $0.into_iter().map(|one| match one {{ {arm} => {instead}, one => one }}).collect::<Vec<_>>() }} "
        "else { $0 }",
    )


def without_set(name, breaks, step, found):
    """A step that leaves something as it was."""
    return mutation(
        name,
        breaks,
        f"{DOMAIN}/transition.rs",
        "«self.step.sets()»",
        f"$0.into_iter().filter(|one| !(matches!(self.step, {step}) && matches!(one, {found}))).collect::<Vec<_>>()",
    )


def added_set(name, breaks, step, added):
    """A step that sets one thing more."""
    return mutation(
        name,
        breaks,
        f"{DOMAIN}/transition.rs",
        "«self.step.sets()»",
        f"{{ let mut sets = $0; if matches!(self.step, {step}) {{ sets.push({added}); }} sets }}",
    )
