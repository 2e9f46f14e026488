"""A TCP proxy that can be cut, to simulate an outage of the endpoint behind it."""

import contextlib
import socket
import socketserver
import threading
import urllib.parse


class Way(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, url):
        self.target = urllib.parse.urlsplit(url)
        self.open = set()
        self.is_cut = False
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Passage)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    @contextlib.contextmanager
    def cut(self):
        with self.lock:
            self.is_cut = True
            for one in self.open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        try:
            yield
        finally:
            with self.lock:
                self.is_cut = False


class Passage(socketserver.BaseRequestHandler):
    def handle(self):
        there = socket.create_connection((self.server.target.hostname, self.server.target.port))
        both = {self.request, there}
        with self.server.lock:
            if self.server.is_cut:
                there.close()
                return
            self.server.open |= both
        back = threading.Thread(target=pump, args=(there, self.request), daemon=True)
        back.start()
        pump(self.request, there)
        back.join()
        with self.server.lock:
            self.server.open -= both
        there.close()


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def way_to(url):
    with Way(url) as way:
        threading.Thread(target=way.serve_forever, daemon=True).start()
        yield way
        way.shutdown()
