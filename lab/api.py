"""A client of the lab's API server: just enough to see that the cluster is there and to make nodes."""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any

from lab.errors import NotRunning
from lab.layout import Layout
from lab.setting import Setting


@dataclass(frozen=True, slots=True)
class Api:
    """The API server of one lab, asked as its administrator."""

    host: str
    port: int
    context: ssl.SSLContext

    def ask(self, method: str, path: str, body: object = None, *, timeout: float = 2.0) -> tuple[int, bytes]:
        """Send a request; give status and body. Status 0: nobody answered."""
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=self.context)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether the API server says that it is ready."""
        return self.ask("GET", "/readyz") == (200, b"ok")

    def find(self, path: str) -> dict[str, Any] | None:
        """Give the object at a path; None if it is not there, or nobody answered."""
        status, body = self.ask("GET", path)
        found: dict[str, Any] | None = json.loads(body) if status == 200 else None
        return found


def connect(layout: Layout, setting: Setting) -> Api:
    """Give the client of a lab whose keys are made, or raise NotRunning."""
    try:
        context = ssl.create_default_context(cafile=str(layout.pki / "ca.crt"))
        context.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
    except OSError as error:
        raise NotRunning(f"the lab in {layout.directory} has no keys ({error}): end it with `down`") from None
    return Api(setting.addresses.api, setting.ports.api, context)
