#!/usr/bin/python3
"""test_no_board.py - it stays a language: the daemon's code knows no board.

No name of a procedure, no id of a stage, deadline, role or rule of the shipped files, nor of the
invented ones of the stories, is a string of daemon/. What a board calls things is in its file.
"""
import glob
import os
import re
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
import tree  # noqa: E402

# The two roles that the language's own defaults name.
NAMED_BY_THE_LANGUAGE = {"practitioner", "safeguarding_lead"}

# The boards of the stories invented-*.story; other files there borrow everyday words.
INVENTED = ("fen", "harbour", "isles", "moor", "vale")

# Words that mean something else where the code says them: "board" is the key of a board's
# reference in events, answers and the directory.
OTHER_MEANINGS = {"board"}

STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"')
ID = re.compile(r"(?:^|[{,\s])(?:procedure|role|id): *\"?([a-z0-9][a-z0-9_.-]*)")


def names_of(text):
    """The names that a procedure's text gives to itself, its roles and all that has an id."""
    lines = (line.split(" #")[0] for line in text.split("\n") if not line.startswith("#"))
    return {name for line in lines for name in ID.findall(re.sub(r'words: *".*', "", line))}


def strings_of(text):
    """(line, string) of each string of C, remarks left out."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", tree.blank_out, text, flags=re.S)
    for string in STRING.finditer(code):
        if not code[:string.start()].rsplit("\n", 1)[-1].lstrip().startswith("#include"):
            yield tree.line_of(code, string.start()), string.group(1)


def main():
    files = sorted(glob.glob(os.path.join(tree.SOURCE, "config/procedures/*.yaml")) +
                   [os.path.join(tree.SOURCE, f"tests/stories/procedures/{name}.yaml")
                    for name in INVENTED])
    names = set()
    for path in files:
        with open(path, encoding="utf-8") as file:
            names |= names_of(file.read())
    names -= NAMED_BY_THE_LANGUAGE | OTHER_MEANINGS
    faults = [f'{path}:{line}: "{string}" is a board\'s own word (it belongs in its file)'
              for path in tree.c_files("daemon")
              for line, string in strings_of(tree.text_of(path)) if string in names]
    assert len(files) >= 10 and len(names) > 60, (len(files), len(names))
    tree.end(faults, f"{len(names)} names of {len(files)} procedures")


def test_itself():
    """The lint finds what it is for."""
    found = names_of('procedure: fen\nroles:\n  - {role: hut_keeper, side: board}\n'
                     '  - id: hut\n    words: "no id: of_mine"\n# id: remark\n')
    assert found == {"fen", "hut_keeper", "hut"}, found
    assert [string for _, string in strings_of('#include "hut.h"\n/* "hut" */ a("hut", "x\\"y");')] \
        == ["hut", 'x\\"y']


test_itself()
main()
