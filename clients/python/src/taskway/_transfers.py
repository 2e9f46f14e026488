"""Uploads and downloads: what a client sends to the bucket of large payloads and results, and not to the API.

The API signs the URL of such a request. So the request has no token and no signature of the client's own, and whoever has the
URL can make it.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import BinaryIO, Callable, ContextManager, Iterator, Mapping, Optional, Union

from .errors import TaskwayError

CHUNK_BYTES = 256 * 1024

# A str is a path, as in `open`.
Uploadable = Union[bytes, bytearray, memoryview, str, "os.PathLike[str]", BinaryIO]
Writable = Union[str, "os.PathLike[str]", BinaryIO]


@dataclass(frozen=True)
class Source:
    """Bytes that are read from their beginning by each try, and never held as a whole if they are a file's."""

    opened: Callable[[], ContextManager[BinaryIO]]

    def chunks(self) -> Iterator[bytes]:
        with self.opened() as file:
            while True:
                chunk = file.read(CHUNK_BYTES)
                if not chunk:
                    return
                yield chunk

    def measured(self) -> Measured:
        size, digest = 0, hashlib.sha256()
        for chunk in self.chunks():
            size += len(chunk)
            digest.update(chunk)
        return Measured(self, size, digest.hexdigest())


@dataclass(frozen=True)
class Measured:
    """A source with its length and its SHA-256, by which the API knows it."""

    source: Source
    size: int
    sha256: str

    def chunks(self) -> Iterator[bytes]:
        """Raises TaskwayError if there are more or fewer bytes than were measured. The bucket looks at the digest."""
        left = self.size
        for chunk in self.source.chunks():
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
        if left != 0:
            raise TaskwayError("the file was changed while it was uploaded: upload it again")


@dataclass
class Sink:
    """Where a download goes. Each try writes it from `start`. A pipe has no start, so it can be written once."""

    file: BinaryIO
    start: Optional[int]
    size: int = 0

    def begin(self) -> None:
        """Raises TaskwayError if the bytes of a broken try cannot be taken back."""
        if self.size == 0:
            return
        if self.start is None:
            raise TaskwayError("the download broke off, and what was written of it cannot be taken back")
        self.file.seek(self.start)
        self.file.truncate()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        rest = memoryview(chunk)
        while rest:
            # A file without a buffer may take a part only. Some files do not say how much they took, and took all.
            taken = self.file.write(rest)
            rest = rest[len(rest) if taken is None else taken :]


@dataclass(frozen=True)
class Transfer:
    """A request to the bucket, with the headers that its URL is signed with and no others."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Optional[Measured] = None
    # Gets the body of an answer that is not a refusal.
    sink: Optional[Sink] = None
    # The bucket has one object for the same bytes, however often they are uploaded.
    repeatable = True

    @property
    def path(self) -> str:
        """What an error may show: the query has the signature."""
        return self.url.partition("?")[0]

    def within(self, _left: float) -> Transfer:
        """A large body may take longer than a call. Its connection may not be silent for longer than one."""
        return self


def source_of(data: Uploadable) -> Source:
    """Raises TypeError for what has no bytes, and ValueError for a file that cannot be read twice."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        # A copy of what could change while it is uploaded.
        return Source(partial(BytesIO, bytes(data)))
    if isinstance(data, (str, os.PathLike)):
        path = data
        return Source(lambda: open(path, "rb"))
    if not hasattr(data, "read"):
        raise TypeError(f"a {type(data).__name__} cannot be uploaded: give bytes, a path or a binary file")
    if isinstance(data.read(0), str):
        raise TypeError("the file is open as text: open it with mode 'rb'")
    if not data.seekable():
        raise ValueError("the file cannot be read twice, once for its digest and once to upload it: give its bytes or a path")
    return Source(partial(_rewound, data, data.tell()))


@contextmanager
def _rewound(file: BinaryIO, start: int) -> Iterator[BinaryIO]:
    file.seek(start)
    yield file


@contextmanager
def sink_of(to: Writable) -> Iterator[Sink]:
    """A file at a path gets its name when it is whole. An open file is written from where it is."""
    if not isinstance(to, (str, os.PathLike)):
        yield Sink(to, to.tell() if to.seekable() else None)
        return
    path = os.path.realpath(to)
    if os.path.exists(path) and not os.path.isfile(path):
        # A device or a pipe: there is nothing to replace.
        with open(path, "wb") as file:
            yield Sink(file, None)
        return
    unfinished = f"{path}.{os.urandom(4).hex()}.part"
    try:
        with open(unfinished, "xb") as file:
            yield Sink(file, 0)
        os.replace(unfinished, path)
    except BaseException:
        if os.path.exists(unfinished):
            os.remove(unfinished)
        raise
