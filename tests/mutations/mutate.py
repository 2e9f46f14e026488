"""Breaks the protocol in one place after another, and sees that each break is found.

One build of a mutated copy, then a run of the hunters for each mutation until one finds it. Fails when any survives.
"""

import argparse
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import details
import orders
import schedules
import transitions
import upkeep
from hunters import HUNTERS, BuildFailed, build, can_see, hunt
from source import Drift, copy, mutated, tracked

WORKSPACE = Path(__file__).resolve().parent.parent
MUTATIONS = transitions.MUTATIONS + orders.MUTATIONS + details.MUTATIONS + upkeep.MUTATIONS + schedules.MUTATIONS


def main():
    asked = arguments()
    chosen = choose(asked.names)
    if asked.list:
        for one in chosen:
            print(f"{one.name:42} {one.breaks}")
        return 0
    if asked.check:
        mutated(tracked(WORKSPACE), MUTATIONS)
        print(f"{len(MUTATIONS)} mutations fit the source")
        return 0
    hunters = [hunter for hunter in HUNTERS if not asked.by or hunter.name in asked.by]
    if not hunters:
        raise Drift(f"no such hunter; there are {', '.join(hunter.name for hunter in HUNTERS)}")

    target = Path(os.environ.get("CARGO_TARGET_DIR") or WORKSPACE / "target").resolve()
    place = target / "mutations" / "source"
    copy(WORKSPACE, place, MUTATIONS)
    print(f"building a copy with {len(MUTATIONS)} mutations in {place}", flush=True)
    built = build(hunters, place, target)
    if not sound(built):
        return 1

    began = time.monotonic()
    say = Progress(len(chosen))
    with ThreadPoolExecutor(asked.jobs) as pool:
        found = list(pool.map(lambda one: say.after(one, found_by(built, one)), chosen))
    return report(chosen, found, time.monotonic() - began)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutations, like claim*; all when none is named")
    parser.add_argument("--by", action="append", metavar="HUNTER", help="only this hunter; may be said again")
    parser.add_argument("--jobs", type=int, default=1, help="so many mutations at once")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument("--check", action="store_true", help="only see that every mutation still fits the source")
    return parser.parse_args()


def choose(names):
    twice = {one.name for one in MUTATIONS if [other.name for other in MUTATIONS].count(one.name) > 1}
    if twice:
        raise Drift(f"several mutations have one name: {', '.join(sorted(twice))}")
    unknown = [name for name in names if not any(Path(one.name).match(name) for one in MUTATIONS)]
    if unknown:
        raise Drift(f"no such mutation: {', '.join(unknown)}")
    return [one for one in MUTATIONS if not names or any(Path(one.name).match(name) for name in names)]


def sound(built):
    """Without a mutation no hunter may find anything."""
    for one in built:
        began = time.monotonic()
        find, once = hunt(one, None)
        if find:
            print(f"{one.hunter.name} finds something with no mutation on: {find.what}")
            return False
        noise = f", though {once.what} failed once" if once else ""
        print(f"{one.hunter.name}: quiet with no mutation on, {time.monotonic() - began:.1f} s{noise}", flush=True)
    return True


def found_by(built, mutation):
    """The first find, and the finds that did not come again."""
    noises = []
    for one in built:
        if not can_see(one.hunter, mutation):
            continue
        find, once = hunt(one, mutation.name)
        if once:
            noises.append(once)
        if find:
            return find, noises
    return None, noises


class Progress:
    """Tells of each mutation as it is done."""

    def __init__(self, count):
        self.count, self.done, self.lock = count, 0, threading.Lock()

    def after(self, mutation, found):
        find, noises = found
        told = f"{find.hunter}: {find.what} {find.why}".rstrip() if find else "SURVIVES"
        noise = "".join(f" (once {one.hunter}: {one.what})" for one in noises)
        with self.lock:
            self.done += 1
            print(f"[{self.done}/{self.count}] {mutation.name}: {told}{noise}", flush=True)
        return found


def report(mutations, found, seconds):
    print("\n| mutation | breaks | found by | which says |\n|---|---|---|---|")
    for mutation, (find, _) in zip(mutations, found):
        hunter, what = (find.hunter, f"`{find.what}` {find.why}".replace("|", "¦")) if find else ("**nothing**", "")
        print(f"| {mutation.name} | {mutation.breaks} | {hunter} | {what} |".replace("  ", " "))
    survivors = [mutation for mutation, (find, _) in zip(mutations, found) if not find]
    print(f"\ncaught {len(mutations) - len(survivors)} of {len(mutations)} in {seconds:.0f} s")
    for mutation in survivors:
        print(f"survives: {mutation.name}: {mutation.breaks}")
    return 1 if survivors else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Drift, BuildFailed) as error:
        sys.exit(str(error))
