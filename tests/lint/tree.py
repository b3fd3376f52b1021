"""tree.py - what the lints share: the C files of the tree, and C without its remarks and strings."""
import os
import re
import sys

SOURCE = os.environ.get("CONCERN_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("daemon", "protocol", "clients", "tests")
LEFT_OUT = {"build", "node_modules"}

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def c_files(*folders):
    """The paths, from the top of the tree, of all C sources and headers in the folders."""
    for folder in folders or FOLDERS:
        for root, folders_within, files in os.walk(os.path.join(SOURCE, folder)):
            folders_within[:] = sorted(set(folders_within) - LEFT_OUT)
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(root, name), SOURCE)


def text_of(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def blank_out(match):
    """Spaces in place of what is matched, lines kept: places stay what they were."""
    return re.sub(r"[^\n]", " ", match.group())


def code_of(text):
    """The text without remarks, strings and characters."""
    return TOKEN.sub(blank_out, text)


def line_of(text, place):
    return text.count("\n", 0, place) + 1


def end(faults, counted):
    """Prints the faults and leaves with what they mean."""
    for fault in faults:
        print(fault)
    print(f"{counted}; {len(faults)} faults")
    sys.exit(1 if faults else 0)
