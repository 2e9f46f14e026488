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


@dataclass(frozen=True)
class Steps:
    """Breaks steps where their data stands, which both interpreters read: by their names, one or a few."""

    names: Tuple[str, ...]

    @property
    def these(self):
        return f"matches!(self.step, {' | '.join(f'Step::{name} {{ .. }}' for name in self.names)})"

    def of_any_life(self, name, breaks):
        """They take another life under the same key for their own."""
        birth = "let mut expects = «vec![Expect::Born(self.born)]»"
        return mutation(name, breaks, TRANSITION, birth, f"if {self.these} {{ vec![] }} else {{ $0 }}")

    def blind_to(self, name, breaks, expect):
        """They do not look at something."""
        return mutation(name, breaks, TRANSITION, EXPECTS, self.kept(f"Expect::{expect}"))

    def expecting(self, name, breaks, expect, instead):
        """They expect something else."""
        changed = f"match one {{ Expect::{expect} => Expect::{instead}, one => one }}"
        changed = f"$0.into_iter().map(|one| {changed}).collect::<Vec<_>>()"
        return mutation(name, breaks, TRANSITION, EXPECTS, f"if {self.these} {{ {changed} }} else {{ $0 }}")

    def in_any_state(self, name, breaks):
        """They do not look at the state."""
        return self.expecting(name, breaks, "State(_)", "State(&StateName::ALL)")

    def not_setting(self, name, breaks, found):
        """They leave something as it was."""
        return mutation(name, breaks, TRANSITION, SETS, self.kept(f"Set::{found}"))

    def setting(self, name, breaks, added):
        """They set one thing more."""
        more = f"{{ let mut sets = $0; if {self.these} {{ sets.push(Set::{added}); }} sets }}"
        return mutation(name, breaks, TRANSITION, SETS, more)

    def kept(self, dropped):
        return f"$0.into_iter().filter(|one| !({self.these} && matches!(one, {dropped}))).collect::<Vec<_>>()"


def steps(*names):
    """The steps of those names."""
    return Steps(names)


TRANSITION = f"{DOMAIN}/transition.rs"
EXPECTS = "expects.extend(«self.step.expects()»)"
SETS = "«self.step.sets()»"
