"""A connection that is kept ends when the other side likes, also under a question of ours."""

import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bindings.providers import azure_http
from bindings.providers.azure_http import AzureHttp
from bindings.providers.base import NoAnswer, Verdict
from tests.tokens import make_token

RESET = struct.pack("ii", 1, 0)  # as SO_LINGER: what is closed is reset


class Server(ThreadingHTTPServer):
    """Keeps connections, and resets them under those requests whose numbers it is given."""

    daemon_threads = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.resets, self.heard, self.connections = (), [], []
        self.url = f"http://127.0.0.1:{self.server_port}/contoso/_apis/connectionData"

    def get_request(self):
        connection, address = super().get_request()
        self.connections.append(connection)
        return connection, address

    def shutdown_request(self, request):
        """A reset, and not first a polite end."""
        self.close_request(request)

    def stop(self):
        self.shutdown()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802
        connection = self.server.connections.index(self.connection) + 1
        self.server.heard.append((self.command, connection))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if len(self.server.heard) in self.server.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_connection = True
        else:
            self.answer(b"{}")

    do_POST = do_GET  # noqa: N815

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.stop()
    thread.join()


@pytest.fixture
def azure():
    """Whoever can come back later: what is asked again here is so for the connection's sake."""
    return AzureHttp("contoso", make_token(), patient=False)


def test_a_question_is_asked_anew_where_a_kept_connection_is_reset_under_it(azure, server):
    server.resets = [2]

    assert (azure.get(server.url), azure.get(server.url)) == ({}, {})

    assert server.heard == [("GET", 1), ("GET", 1), ("GET", 2)]


def test_a_question_is_asked_anew_once(azure, server):
    server.resets = [1, 2]

    with pytest.raises(NoAnswer) as silence:
        azure.get(server.url)

    assert silence.value.verdict == Verdict.UNAVAILABLE
    assert server.heard == [("GET", 1), ("GET", 2)]


def test_what_is_posted_is_never_sent_anew(azure, server):
    server.resets = [2]
    azure.get(server.url)

    with pytest.raises(NoAnswer):
        azure.send("POST", server.url, json=[])

    assert server.heard == [("GET", 1), ("POST", 1)]


def test_threads_that_are_the_first_at_the_same_moment_share_one_client(monkeypatch):
    """Otherwise all but one of them are forgotten, with connections that nobody closes."""
    afresh = lru_cache(maxsize=1)(azure_http._client.__wrapped__)
    monkeypatch.setattr(azure_http, "_client", afresh)
    together = threading.Barrier(8)

    def ask(_):
        together.wait()
        return azure_http.shared_client()

    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(ask, range(8)))

    assert len({id(client) for client in clients}) == 1
