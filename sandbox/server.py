"""The sandbox as a whole, and the web server that runs it."""

import socket
import struct
import threading
from pathlib import Path
from typing import Any

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import WSGITask

from .app import create_app
from .azure.archive_faults import BREAK_OFF
from .azure.world import World
from .mail.mailbox import Mailbox
from .mail.smtp import MailServer
from .stripe.desk import Desk
from .traffic import DROP_CONNECTION, Traffic

_THREADS = 32
# Longer than any slow body; a client that went away frees its thread at the next write.
_LOOP_SECONDS = 1.0
_A_YEAR = 365 * 24 * 3600


class Sandbox:
    """Organizations, mail and traffic, served over HTTP and SMTP.

    Ports are TCP ports; 0 takes a free one, and `port` and `smtp_port` tell which.
    """

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, smtp_port: int = 0, data: Path | None = None
    ) -> None:
        self.world = World(data)
        self.mailbox = Mailbox()
        self.desk = Desk(data / "stripe.json" if data else None)
        app = create_app(self.world, self.mailbox, self.desk)
        self.traffic = Traffic(app.wsgi_app)
        app.extensions["traffic"] = self.traffic
        self._mail_server = MailServer(self.mailbox, host, smtp_port)
        self._server = _create_server(self.traffic, host, port)
        self._stopping = threading.Event()
        self.host = host
        self.port = int(self._server.effective_port)

    @property
    def smtp_port(self) -> int:
        return self._mail_server.port

    def start_mail(self) -> None:
        self._mail_server.start()

    def serve(self) -> None:
        """Serve until `stop` is called from another thread."""
        server = self._server
        while not self._stopping.is_set():
            server.asyncore.loop(timeout=_LOOP_SECONDS, map=server._map, use_poll=True, count=1)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=0.2)
        server.close()
        for dispatcher in list(server._map.values()):
            dispatcher.close()

    def stop(self) -> None:
        self._stopping.set()
        self._server.pull_trigger()
        self._mail_server.stop()
        self.save()

    def save(self) -> None:
        """What was not written yet."""
        self.desk.store.save()


class _Task(WSGITask):
    """Lets an application break the connection, which WSGI has no word for."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[DROP_CONNECTION] = self._drop_connection
        environ[BREAK_OFF] = self._break_off
        return environ

    def _break_off(self) -> None:
        # What was sent so far arrives, and the last chunk never does.
        raise ClientDisconnected

    def _drop_connection(self) -> None:
        # Lingering for no time turns the close into a reset.
        linger = struct.pack("ii", 1, 0)
        self.channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        raise ClientDisconnected


class _Channel(HTTPChannel):
    task_class = _Task


def _create_server(application: Traffic, host: str, port: int) -> TcpWSGIServer:
    server = create_server(
        application,
        host=host,
        port=port,
        threads=_THREADS,
        ident=None,
        connection_limit=1000,
        # Tests travel by days, and a connection that is kept must not look idle for as long.
        channel_timeout=_A_YEAR,
        clear_untrusted_proxy_headers=True,
        _start=True,
    )
    server.channel_class = _Channel
    return server
