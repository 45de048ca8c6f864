"""Execute cells in a kernel over the Jupyter protocol, one thread, no waiting in steps.

nbclient does the same for any kernel, but its polls and tasks cost more than a trivial notebook takes.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import select
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from jupyter_client.session import Session
from nbformat import NotebookNode

from autograder._engine.wire import Closed
from autograder._engine.zmtp import Peer
from autograder._outputs import Outputs

LATE_SECONDS = 2.0  # for the outputs of a cell that has replied
_DELIMITER = b"<IDS|MSG>"


class KernelClient:
    """The shell and the outputs of one kernel.

    Args:
        address: Path of its sockets without `-1` and `-2`.
        key: Signs the messages.
    """

    def __init__(self, address: str, key: bytes) -> None:
        self._session = Session(key=key)
        self._shell = Peer(f"{address}-1", "DEALER")
        self._iopub = Peer(f"{address}-2", "SUB")
        self._poller = select.poll()
        self._peers = {peer.fileno(): peer for peer in (self._shell, self._iopub)}
        for number in self._peers:
            self._poller.register(number, select.POLLIN)

    def close(self) -> None:
        """Forget the kernel."""
        self._shell.close()
        self._iopub.close()

    def wait_until_ready(self, tick: Callable[[], None]) -> None:
        """Wait until the kernel sends its outputs here."""
        while True:
            for peer, message in self._messages(tick):
                if peer is self._iopub and message["msg_type"] in ("iopub_welcome", "status"):
                    return

    def execute(
        self, cell: NotebookNode, code: str, outputs: Outputs, tick: Callable[[], None], *, keep: bool
    ) -> None:
        """Execute a cell; its outputs are in the cell when this returns.

        Args:
            cell: Gets outputs and execution count.
            code: What is executed, usually the cell's source.
            outputs: Collects what arrives.
            tick: Called at least ten times a second while the cell runs; it may raise.
            keep: Whether the kernel remembers the code in its history.

        Raises:
            Closed: If the process closed its connections, but goes on.
        """
        outputs.begin(cell)
        content = {
            "code": code,
            "silent": False,
            "store_history": keep,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        request = self._session.msg("execute_request", content)
        number = request["header"]["msg_id"]
        self._send(request, tick)
        replied, idle = 0.0, False
        while not (replied and (idle or time.monotonic() - replied > LATE_SECONDS)):
            for peer, message in self._messages(tick):
                if message["parent_header"].get("msg_id") != number:
                    continue
                kind, said = message["msg_type"], message["content"]
                if peer is self._shell:
                    replied = time.monotonic() if kind == "execute_reply" else replied
                elif kind == "status":
                    idle = idle or said.get("execution_state") == "idle"
                elif kind == "execute_input":
                    count = said.get("execution_count")
                    cell.execution_count = count if isinstance(count, int) else None
                else:
                    outputs.take(kind, said)

    def _send(self, request: dict[str, Any], tick: Callable[[], None]) -> None:
        parts = [bytes(part) for part in self._session.serialize(request)]
        try:
            self._shell.send(parts)
        except Closed:
            self._gone(tick)

    def _messages(self, tick: Callable[[], None]) -> Iterator[tuple[Peer, dict[str, Any]]]:
        """What has come within a tenth of a second; then a look at the process."""
        for number, _ in self._poller.poll(100):
            peer = self._peers[number]
            try:
                found = peer.receive()
            except Closed:
                self._gone(tick)
            for parts in found:
                message = self._read(parts)
                if message is not None:
                    yield peer, message
        tick()

    def _gone(self, tick: Callable[[], None]) -> NoReturn:
        """A connection is closed: the process is about to end, or has closed it itself."""
        deadline = time.monotonic() + LATE_SECONDS
        while time.monotonic() < deadline:
            tick()
            time.sleep(0.05)
        raise Closed("the notebook's process closed its connection")

    def _read(self, parts: list[bytes]) -> dict[str, Any] | None:
        """A message of the right form, None for anything else: the kernel's process may send what it likes."""
        with contextlib.suppress(Exception):
            start = parts.index(_DELIMITER) + 1
            signature, *signed = parts[start : start + 5]
            if hmac.compare_digest(self._session.sign(signed), signature):
                header, parent, _, content = map(json.loads, signed)
                message = {"msg_type": header["msg_type"], "parent_header": parent, "content": content}
                whole = isinstance(content, dict) and isinstance(parent, dict)
                return message if whole and isinstance(header["msg_type"], str) else None
        return None
