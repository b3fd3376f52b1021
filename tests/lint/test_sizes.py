#!/usr/bin/python3
"""test_sizes.py - files of at most 600 lines, functions of at most 60.

A function is counted from the line of its opening brace to that of its closing one, both
standing in the first column, as the house writes them.  Tests hold rows, and may be longer.
"""
import re
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
import tree  # noqa: E402

FILE_MOST, FUNCTION_MOST = 600, 60
TESTS_FILE_MOST, TESTS_FUNCTION_MOST = 1200, 100


def long_functions(text, most):
    """(line, name, length) of each function longer than `most`."""
    lines = tree.code_of(text).split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif line.rstrip() == "}" and start:
            length = number - start + 1
            if length > most:
                name = re.findall(r"(\w+)\s*\(", " ".join(lines[max(0, start - 6):start - 1]))
                yield start, name[-1] if name else "?", length
            start = None


def main():
    faults, count = [], 0
    for path in tree.c_files():
        text = tree.text_of(path)
        length, most, function_most = text.count("\n"), FILE_MOST, FUNCTION_MOST
        if path.startswith("tests/"):
            most, function_most = TESTS_FILE_MOST, TESTS_FUNCTION_MOST
        count += 1
        if length > most:
            faults.append(f"{path}:1: {length} lines (at most {most})")
        for line, name, lines in long_functions(text, function_most):
            faults.append(f"{path}:{line}: {name}() has {lines} lines (at most {function_most})")
    tree.end(faults, f"{count} files read")


def test_itself():
    """The lint finds what it is for."""
    long = "int a(void)\n{\n" + "    b();\n" * 59 + "}\n"
    assert [(name, lines) for _, name, lines in long_functions(long, 60)] == [("a", 61)]
    assert not list(long_functions("int a(void)\n{\n" + "    b();\n" * 58 + "}\n", 60))


test_itself()
main()
