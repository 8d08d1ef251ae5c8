"""Makes moto's server answer a request in half of the processor time. Python imports this file when it starts."""

import logging

import yaml
from moto import backends
from werkzeug.serving import WSGIRequestHandler

# libyaml reads a template in a tenth of the time.
if yaml.__with_libyaml__:
    yaml.Loader = yaml.loader.Loader = yaml.CLoader

# The server lists the folders of moto for every request, and they stay the same.
MODULES = tuple(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: MODULES

# The server logs a line for every request, and nobody reads it.
logging.disable(logging.INFO)

# A connection serves more than one request.
WSGIRequestHandler.protocol_version = "HTTP/1.1"
