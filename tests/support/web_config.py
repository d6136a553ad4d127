"""Web configurations (--web.config.file) for tests."""

import base64
import ctypes
import json
import os

_CHEAPEST = 4  # 2^4 rounds
_libcrypt = ctypes.CDLL("libcrypt.so.1")
_libcrypt.crypt_gensalt.restype = _libcrypt.crypt.restype = ctypes.c_char_p


def bcrypt(password, cost=_CHEAPEST):
    salt = _libcrypt.crypt_gensalt(b"$2y$", ctypes.c_ulong(cost), None, 0)
    return _libcrypt.crypt(password.encode(), salt).decode()


def basic(user, password):
    """The header of a request."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def write(path, **content):
    """Puts a configuration in place at once; JSON is YAML."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content))
    os.replace(new, path)
    return path


def tls(certificate, key, **more):
    """The section tls_server_config."""
    return {"cert_file": str(certificate), "key_file": str(key), **more}
