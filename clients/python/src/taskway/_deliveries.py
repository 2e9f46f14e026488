"""Deliveries that came twice or too late, told by their fences.

A fence grows with every attempt of a task. Two requests with one fence are one attempt, which something on the way has sent
twice: its handler runs once, and both get its answer. A request with a smaller fence than the latest is of an attempt that
has lost its claim: its handler does not run.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Awaitable, Callable, Optional

from .handlers import Context, Outcome, refused

# How many tasks are remembered, each with its latest answer.
REMEMBERED = 1000


@dataclass
class _Seen:
    context: Context
    run: asyncio.Task[Outcome]
    # How many requests wait for it.
    waiting: int = 0

    def stop(self) -> None:
        self.context._stopped.set()
        self.run.cancel()


class Deliveries:
    def __init__(self) -> None:
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    async def outcome(
        self, context: Context, start: Callable[[], Awaitable[Outcome]], gone: Callable[[], Awaitable[None]]
    ) -> Optional[Outcome]:
        """What comes of an attempt, or None if `gone` says first that nobody waits for it."""
        seen = self._seen.get(context.id)
        if seen is not None and context.fence < seen.context.fence:
            return refused(409, f"a later attempt was here already: its fence is {seen.context.fence}")
        if seen is None or context.fence > seen.context.fence or seen.context.cancelled:
            if seen is not None and not seen.run.done():
                seen.stop()
            seen = self._seen[context.id] = _Seen(context, asyncio.ensure_future(_of(start)))
            self._forget()
        self._seen.move_to_end(context.id)
        if not seen.run.done():
            await _first(seen, gone)
        return seen.run.result() if seen.run.done() and not seen.run.cancelled() else None

    def _forget(self) -> None:
        while len(self._seen) > REMEMBERED:
            oldest = next(iter(self._seen))
            if not self._seen[oldest].run.done():
                return
            del self._seen[oldest]


async def _of(start: Callable[[], Awaitable[Outcome]]) -> Outcome:
    return await start()


async def _first(seen: _Seen, gone: Callable[[], Awaitable[None]]) -> None:
    """Waits until the attempt has ended or its caller is gone. Stops an attempt that nobody waits for."""
    seen.waiting += 1
    leaving = asyncio.ensure_future(gone())
    try:
        await asyncio.wait({seen.run, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        seen.waiting -= 1
        if not seen.run.done() and seen.waiting == 0:
            seen.stop()
