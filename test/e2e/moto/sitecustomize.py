"""Makes moto's server answer a request in half of the processor time. Python imports this file when it starts."""

import functools
import io
import logging
import threading
import traceback

import yaml
from moto import backends
from moto.core import responses
from werkzeug.exceptions import InternalServerError
from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app

# libyaml reads a template in a tenth of the time.
if yaml.__with_libyaml__:
    yaml.Loader = yaml.loader.Loader = yaml.CLoader

# The server lists the folders of moto for every request, and they stay the same.
MODULES = tuple(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: MODULES

# moto lists the methods of a class of answers for every request as well.
responses.method_names_from_class = functools.cache(responses.method_names_from_class)

# The server logs a line for every request, and nobody reads it.
logging.disable(logging.INFO)

# Threads that compute at once only take turns in Python, and each of them loads what it finds missing.
ONE_AT_A_TIME = threading.Lock()


def answer(self: WSGIRequestHandler) -> None:
    """Answers one request in one piece, and keeps the connection. werkzeug itself closes it after each answer."""
    if self.headers.get("Expect", "").lower() == "100-continue":
        self.send_response_only(100)
        self.end_headers()
    environ = self.make_environ()
    # The whole body is read, so that the next request starts behind it whether or not moto reads it.
    is_chunked = "wsgi.input_terminated" in environ
    length = -1 if is_chunked else int(environ.get("CONTENT_LENGTH") or 0)
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
    with ONE_AT_A_TIME:
        try:
            chunks, status, headers = run_wsgi_app(
                self.server.app, environ, buffered=True
            )
        except Exception:  # noqa: BLE001 - as werkzeug does, the client gets every failure as an answer.
            failure = InternalServerError(traceback.format_exc())
            chunks, status, headers = run_wsgi_app(failure, environ, buffered=True)
        body = b"".join(chunks)
    code, _, reason = status.partition(" ")
    self.send_response(int(code), reason)
    for name, value in headers.items():
        self.send_header(name, value)
    if "content-length" not in headers:
        self.send_header("Content-Length", str(len(body)))
    self._headers_buffer.append(b"\r\n" + body)
    self.flush_headers()


WSGIRequestHandler.protocol_version = "HTTP/1.1"
WSGIRequestHandler.run_wsgi = answer
