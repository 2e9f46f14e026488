"""Builds and deploys the unmodified template as an operator does, in an account that checks permissions.

Run by `scripts/test-deployment`. Each printed line names something that the test has seen.
"""

import signal
import sys

import called
import payloads
from doors import doors, trust
from emulator import emulator
from queues import limited, paused, purged
from schedules import schedules_fired, schedules_put
from seen import seen
from stack import EXECUTOR_TIMEOUT, Stack, build
from stages import gone, other_stage
from tasks import billed, changes_of_many, functions_called, lists, tasks_run
from troubles import killed_in_a_batch, more_than_a_tick_does, poison, promoted_by_the_rule, restored, updated_in_flight


def main(ministack):
    # The test stops the emulator even if it gets a signal to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with emulator(ministack) as account:
        try:
            build(account)
            seen("sam build")
            stack = Stack(account, "taskway")
            stack.deploy(ExecutorTimeout=EXECUTOR_TIMEOUT, AllowedFunctions=called.ALLOWED)
            seen("sam deploy of the unmodified template, permissions checked")
            trust(stack)
            api = doors(stack)
            long = tasks_run(api)
            payloads.carried(api)
            seen("a payload is uploaded to the bucket, and a result as large is read from it; what nobody has uploaded is refused")
            called.create(stack)
            functions_called(stack, api)
            called.delete(stack)
            often = schedules_put(api)
            lists(api)
            changes_of_many(api)
            paused(api)
            limited(api)
            purged(api)
            promoted_by_the_rule(stack, api)
            poison(stack, api)
            schedules_fired(api, often)
            killed_in_a_batch(stack, api)
            updated_in_flight(stack, api)
            api.succeeded(long)
            seen("a task of 40 s kept its lease by heartbeats meanwhile")
            billed(api)
            restored(stack, api)
            more_than_a_tick_does(stack, api)
            kept = payloads.emptied(stack)
            assert len([key for key in kept if key.startswith("tasks/")]) == 1, kept
            gone(stack)
            other_stage(account)
        except BaseException:
            lines = [line for line in account.log.read_text().splitlines() if "DEBUG" not in line]
            print("\n".join(lines[-40:]), file=sys.stderr)
            raise


main(sys.argv[1])
