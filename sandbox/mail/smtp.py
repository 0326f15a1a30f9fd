"""The SMTP server, in a thread with an event loop of its own."""

import asyncio
import threading

from aiosmtpd.smtp import SMTP, Envelope, Session

from .mailbox import Mailbox


class MailServer:
    """Accepts everything from everyone. `port` 0 takes a free one; after `start` it is known."""

    def __init__(self, mailbox: Mailbox, host: str, port: int) -> None:
        self._mailbox = mailbox
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._server: asyncio.Server | None = None
        self.port = port

    def start(self) -> None:
        """Raises OSError when the port is taken."""
        self._thread.start()
        # In its own thread, because the caller's may be running a loop already.
        starting = asyncio.run_coroutine_threadsafe(self._open(), self._loop)
        self._server = starting.result(timeout=5)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=5)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
        self._loop.close()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # the name aiosmtpd looks for
        content = envelope.original_content or b""
        self._mailbox.deliver(envelope.mail_from or "", envelope.rcpt_tos, content)
        return "250 Delivered to the sandbox"

    def _session(self) -> SMTP:
        return SMTP(self, enable_SMTPUTF8=True, hostname="sandbox", loop=self._loop)

    async def _open(self) -> asyncio.Server:
        return await self._loop.create_server(self._session, self._host, self.port)

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        # Not `wait_closed`: a client that stays connected would keep us waiting.
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
