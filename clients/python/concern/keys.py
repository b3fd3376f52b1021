"""keys.py - CURVE keys in files, as CZMQ writes them and `concernctl keys make` makes them."""
from __future__ import annotations

import os
import re
import stat
from typing import Optional, Union

Path = Union[str, "os.PathLike[str]"]
Z85 = r"[0-9A-Za-z.:+=^!/*?&<>()\[\]{}@%$#-]{40}"
FILE_MOST = 16384


def read_key(path: Path) -> tuple[bytes, Optional[bytes]]:
    """The public key and, if the file has it, the secret one, of a file of `concernctl keys make`.

    Forty letters of Z85 may stand in place of a path.  A file whose secret others can read is
    refused: the secret is none.
    """
    text = os.fspath(path)
    if re.fullmatch(Z85, text) and not os.path.exists(text):
        return text.encode(), None
    with open(text, encoding="utf-8") as file:
        mode, lines = os.fstat(file.fileno()).st_mode, file.read(FILE_MOST)
    found = dict(re.findall(r'^[ \t]*((?:public|secret)-key)[ \t]*=[ \t]*"([^"\n]{40})"', lines,
                            re.M))
    if "public-key" not in found:
        raise ValueError(f"{text}: no public-key of 40 letters (a file of 'concernctl keys make')")
    if "secret-key" in found and mode & (stat.S_IWGRP | stat.S_IRWXO):
        raise ValueError(f"{text}: others can read or write this secret (chmod 600)")
    secret = found.get("secret-key")
    return found["public-key"].encode(), secret.encode() if secret else None
