"""Whom do the visitors of a fake trust? A certificate authority of the tests, made once for each run of them."""

import ssl
import tempfile
from functools import cache
from pathlib import Path

from tests.servers.certificates import certify, serving


class Authority:
    """`ca` is the file that a visitor trusts (`verify=`); `context` is what a server speaks."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="auld-ca-")
        self.ca, chain = certify(Path(self._folder.name))
        self.context: ssl.SSLContext = serving(chain)

    @classmethod
    @cache
    def shared(cls) -> "Authority":
        return cls()
