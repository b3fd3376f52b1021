#!/usr/bin/python3
"""test_layers.py - which way things lean: every #include goes towards core, never back.

    clients -> protocol, policy, core      io -> policy, protocol, core
    policy  -> core                        protocol -> core
    core    -> itself and the C library's headers of values
    rehearsal -> everything of the daemon; only concernctl's simulate knows it

Outside libraries have their homes as well: core knows none, and only io knows sockets.
"""
import re
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
import tree  # noqa: E402

VALUES = {"assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h", "stdarg.h",
          "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h"}

# Where a file lives -> what it may include of ours, and which libraries of others.
LAYERS = {
    "daemon/core/": ({"core"}, set()),
    "protocol/": ({"core", "protocol"}, {"jansson.h", "openssl"}),
    "daemon/policy/": ({"core", "policy"}, {"libfyaml.h", "openssl"}),
    "daemon/io/": ({"core", "policy", "protocol", "io"}, None),
    "daemon/rehearsal/": ({"core", "policy", "protocol", "io", "rehearsal"}, None),
    "daemon/": ({"core", "policy", "protocol", "io"}, None),
    "clients/": ({"core", "policy", "protocol"}, None),
}
OURS = {"core", "protocol", "policy", "io", "rehearsal"}
# `concernctl simulate` plays the daemon's own engine on a simulated clock (architecture 4): it
# knows the rehearsal, and nothing behind it.
SIMULATE = "clients/concernctl/simulate"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def layer_of(path):
    return next(layer for layer in LAYERS if path.startswith(layer))


def fault_of(path, mark, name):
    """What is wrong with one #include; None if nothing."""
    layer = layer_of(path)
    ours, others = LAYERS[layer]
    first = name.split("/")[0]
    if "/" in name and first in OURS:
        if first in ours or (first == "rehearsal" and path.startswith(SIMULATE)):
            return None
        return f"{name}: {layer} may include only {', '.join(sorted(ours))}"
    if mark == '"':
        # A neighbour in its own folder, or a header that the build makes.
        return f"{name}: write core/{name}" if layer == "daemon/core/" else None
    if layer == "daemon/core/" and name not in VALUES:
        return f"<{name}>: core includes only headers of values"
    library = re.match(r"(czmq|zmq|curl/|sqlite3|jansson|libfyaml|openssl/|systemd/|libical/)", name)
    if library and others is not None and name not in others and first not in others:
        return f"<{name}>: not a library of {layer}"
    return None


def main():
    faults, count = [], 0
    for path in tree.c_files("daemon", "protocol", "clients"):
        text = tree.text_of(path)
        # Remarks may show an include; strings must stay, for they are the names.
        code = re.sub(r"/\*.*?\*/", tree.blank_out, text, flags=re.S)
        for include in INCLUDE.finditer(code):
            count += 1
            fault = fault_of(path, include.group(1), include.group(2))
            if fault:
                faults.append(f"{path}:{tree.line_of(code, include.start(1))}: {fault}")
    if count < 20:
        faults.append("hardly an #include was found: the lint itself is broken")
    tree.end(faults, f"{count} includes read")


def test_itself():
    """The lint finds what it is for."""
    assert fault_of("daemon/core/a.c", "<", "time.h")
    assert fault_of("daemon/core/a.c", '"', "protocol/wire.h")
    assert fault_of("daemon/core/a.c", '"', "a.h")
    assert fault_of("protocol/a.c", '"', "io/store.h")
    assert fault_of("protocol/a.c", '"', "policy/policy.h")
    assert fault_of("protocol/a.c", "<", "czmq.h")
    assert fault_of("daemon/policy/a.c", '"', "protocol/wire.h")
    assert fault_of("daemon/policy/a.c", "<", "curl/curl.h")
    assert fault_of("clients/concernctl/a.c", '"', "io/store.h")
    assert fault_of("clients/concernctl/simulate.c", '"', "io/store.h")
    assert fault_of("clients/concernctl/list.c", '"', "rehearsal/rehearsal.h")
    assert fault_of("daemon/io/a.c", '"', "rehearsal/rehearsal.h")
    assert not fault_of("clients/concernctl/simulate_json.c", '"', "rehearsal/happening.h")
    assert not fault_of("daemon/rehearsal/a.c", '"', "io/store.h")
    assert not fault_of("daemon/io/a.c", '"', "protocol/wire.h")
    assert not fault_of("daemon/core/a.c", "<", "string.h")
    assert not fault_of("protocol/a.c", "<", "openssl/evp.h")


test_itself()
main()
