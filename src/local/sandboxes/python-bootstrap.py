"""Runs Python functions in a sandbox of the local cloud.

It is a client of the Lambda Runtime API that loads the handler and behaves as Lambda's Python runtime does.
It uses only the standard library, from Python 3.9 on, and runs with `-S`.
"""

import decimal
import importlib
import json
import logging
import os
import re
import site
import socket
import sys
import time
import traceback

VERSION_PATH = "/2018-06-01/runtime"
RECEIVE_BYTES = 65536
# Joins the lines of one log event. The local cloud converts it back to line breaks.
LINE_JOINER = "\r"
NO_BREAK_SPACE = "\u00a0"
WARNING_UNHANDLED = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. "
    "However, in rare cases, a Lambda runtime update can cause unexpected function behavior. "
    "For functions using managed runtimes, runtime updates can be triggered by a function change, "
    "or can be applied automatically. To determine if the runtime has been updated, check the runtime version "
    "in the INIT_START log entry. If this error correlates with a change in the runtime version, "
    "you may be able to mitigate this error by temporarily rolling back to the previous runtime version. "
    "For more information, see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html"
)

current_request_id = ""


class Fault(Exception):
    """An error of the runtime about the function, with Lambda's name for it."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


class RuntimeClient:
    """The runtime's client of the Runtime API, with one connection and one request at a time."""

    def __init__(self, api):
        authority, _, path = api.partition("/")
        host, _, port = authority.rpartition(":")
        self.prefix = ("/" + path if path else "") + VERSION_PATH
        self.host_header = "Host: %s\r\n" % authority
        self.next_request = (
            "GET %s/invocation/next HTTP/1.1\r\n%s\r\n" % (self.prefix, self.host_header)
        ).encode("latin-1")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""

    def next(self):
        """Waits for the next event. Returns its headers, with names in lower case, and its body."""
        self.socket.sendall(self.next_request)
        return self._receive()

    def respond_and_next(self, request_id, body):
        """Posts a handler's result and asks for the next event in one write."""
        return self._post_and_next("/invocation/%s/response" % request_id, "", body)

    def fail_and_next(self, request_id, error_type, body):
        return self._post_and_next("/invocation/%s/error" % request_id, _error_header(error_type), body)

    def fail_init(self, error_type, body):
        self.socket.sendall(self._post("/init/error", _error_header(error_type), body))
        self._receive()

    def _post_and_next(self, path, headers, body):
        self.socket.sendall(self._post(path, headers, body) + self.next_request)
        self._receive()
        return self._receive()

    def _post(self, path, headers, body):
        head = "POST %s%s HTTP/1.1\r\n%sContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (
            self.prefix,
            path,
            self.host_header,
            headers,
            len(body),
        )
        return head.encode("latin-1") + body

    def _receive(self):
        data = self.unread
        while True:
            head_end = data.find(b"\r\n\r\n")
            if head_end != -1:
                break
            data += self._more()
        headers = {}
        for line in data[:head_end].decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        end = head_end + 4 + int(headers.get("content-length", "0"))
        chunks = [data]
        received = len(data)
        while received < end:
            chunk = self._more()
            chunks.append(chunk)
            received += len(chunk)
        if len(chunks) > 1:
            data = b"".join(chunks)
        self.unread = data[end:]
        return headers, data[head_end + 4 : end]

    def _more(self):
        chunk = self.socket.recv(RECEIVE_BYTES)
        if not chunk:
            # The local cloud has ended, so this sandbox ends too.
            os._exit(1)
        return chunk


def _error_header(error_type):
    printable = "".join(c if " " <= c <= "~" else "?" for c in error_type)
    return "Lambda-Runtime-Function-Error-Type: %s\r\n" % printable


class Context:
    """The context object of an invocation.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self, headers):
        environ = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = None
        self.client_context = client_context(headers.get("lambda-runtime-client-context"))
        self.identity = CognitoIdentity()
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return "LambdaContext([aws_request_id=%s,function_name=%s,function_version=%s])" % (
            self.aws_request_id,
            self.function_name,
            self.function_version,
        )


class ClientContext:
    """The client context that the caller sent: `custom`, `env` and `client`."""

    __slots__ = ["custom", "env", "client"]


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


def client_context(text):
    """An object with the members of the client context. Members that the caller left out are None."""
    if not text:
        return None
    context = _object_of(ClientContext, json.loads(text))
    context.client = _object_of(Client, context.client)
    return context


def _object_of(kind, members):
    if members is None:
        return None
    made = kind()
    for name in kind.__slots__:
        setattr(made, name, members.get(name))
    return made


class CognitoIdentity:
    """The Cognito identity, which is always empty here."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Unbuffered:
    """A stream that writes to the log immediately, so that nothing is lost in a crash."""

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        self._stream.write(text)
        self._stream.flush()

    def writelines(self, lines):
        self._stream.writelines(lines)
        self._stream.flush()


class RequestIdFilter(logging.Filter):
    def filter(self, record):
        record.aws_request_id = current_request_id
        return True


class LogHandler(logging.Handler):
    def emit(self, record):
        sys.stdout.write(self.format(record).replace("\n", LINE_JOINER) + "\n")


def set_up_logging():
    """Configures the root logger as Lambda does: level WARNING, and each record is one log event."""
    logging.Formatter.converter = time.gmtime
    handler = LogHandler()
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )
    )
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name,
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module '%s': %s" % (module_name, error),
            ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)],
        )
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)
        )


class Decimals:
    """The Decimals of one answer, which DynamoDB's resource API returns.

    The json module can't write a Decimal. So each is first written as a placeholder text, and then replaced.
    """

    def __init__(self):
        self._mark = "decimal-%s-" % os.urandom(8).hex()
        self._seen = []

    def default(self, value):
        if not isinstance(value, decimal.Decimal):
            raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)
        self._seen.append(value)
        return "%s%d" % (self._mark, len(self._seen) - 1)

    def restore(self, text):
        """Lambda's runtime writes a Decimal with all its digits."""
        if not self._seen:
            return text
        pattern = re.compile('"%s([0-9]+)"' % self._mark)
        return pattern.sub(lambda match: str(self._seen[int(match.group(1))]), text)


def writes_utf8():
    """Lambda's runtime writes non-ASCII characters as UTF-8 from Python 3.12 on, and as escapes before."""
    match = re.search(r"python3\.([0-9]+)$", os.environ.get("AWS_EXECUTION_ENV", ""))
    return match is not None and int(match.group(1)) >= 12


def encode(value):
    """Renders a handler's answer as JSON."""
    if isinstance(value, bytes):
        return value
    try:
        decimals = Decimals()
        text = json.dumps(value, default=decimals.default, ensure_ascii=ENSURE_ASCII)
        return decimals.restore(text).encode("utf-8")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


ENSURE_ASCII = not writes_utf8()


def decode(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def describe(error):
    """Converts an exception to the form of the Runtime API. Frames of this file are left out."""
    if isinstance(error, Fault):
        return _error_body(error.message, error.error_type, error.trace)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    while frames and frames[0].filename.startswith("<frozen importlib"):
        frames.pop(0)
    return _error_body(str(error), type(error).__name__, traceback.format_list(frames))


def _error_body(message, error_type, trace):
    return {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": current_request_id,
        "stackTrace": trace,
    }


def log_error(described):
    """Writes an error as one log event: type, message, traceback."""
    lines = ["[ERROR] %s: %s" % (described["errorType"], described["errorMessage"])]
    lines.append("Traceback (most recent call last):")
    for frame in described["stackTrace"]:
        for line in frame.splitlines():
            stripped = line.lstrip(" ")
            lines.append(NO_BREAK_SPACE * (len(line) - len(stripped)) + stripped)
    sys.stdout.write(LINE_JOINER.join(lines).replace("\n", LINE_JOINER) + "\n")


def add_site_packages():
    """Adds the folders of installed packages, without running their `.pth` files.

    Such a file may import whole packages at every start of this machine's Python. Lambda has none of them, and their time
    would count as the function's init. The rest of `site` works as usual, `sitecustomize` included.
    """
    site.addpackage = lambda *_: None
    site.main()


def main():
    global current_request_id
    environ = os.environ
    client = RuntimeClient(environ["AWS_LAMBDA_RUNTIME_API"])
    # Modules are imported from the function's code, not from this file's folder.
    del sys.path[0]
    add_site_packages()
    sys.path.insert(0, environ["LAMBDA_TASK_ROOT"])
    sys.stdout = Unbuffered(sys.stdout)
    sys.stderr = Unbuffered(sys.stderr)
    try:
        set_up_logging()
        handler = load_handler(environ["_HANDLER"])
    except Exception as error:
        described = describe(error)
        logging.warning(WARNING_UNHANDLED)
        log_error(described)
        client.fail_init(described["errorType"], json.dumps(described).encode("utf-8"))
        sys.exit(1)

    headers, body = client.next()
    while True:
        current_request_id = headers["lambda-runtime-aws-request-id"]
        environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        try:
            result = encode(handler(decode(body), Context(headers)))
        except Exception as error:
            described = describe(error)
            log_error(described)
            headers, body = client.fail_and_next(
                current_request_id, described["errorType"], json.dumps(described).encode("utf-8")
            )
        else:
            headers, body = client.respond_and_next(current_request_id, result)


if __name__ == "__main__":
    main()
