#!/usr/bin/python3
"""test_banned.py - functions that are called nowhere, for each has cost somebody dearly.

Remarks and strings do not count. A wrapper that must call one is named here, with its reason.
"""
import re
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
import tree  # noqa: E402

BANNED = {
    "strcpy": "no bound (text_add, snprintf)",
    "strcat": "no bound (text_add)",
    "sprintf": "no bound (snprintf, text_addf)",
    "strtok": "hidden state (strcspn)",
    "atoi": "no errors (a reader that answers)",
    "strtol": "blanks, signs, locale and errno (a reader that answers)",
    "gets": "no bound",
    "localtime": "hidden state and the machine's zone (zone.h)",
    "gmtime": "hidden state (zone.h)",
    "system": "a shell",
    "popen": "a shell",
    "rand": "predictable (getrandom)",
}

# path -> {function: reason}
ALLOWED = {}

CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))


def calls_in(text):
    code = tree.code_of(text)
    for call in CALL.finditer(code):
        yield tree.line_of(code, call.start()), call.group(1)


def main():
    faults, count = [], 0
    for path in tree.c_files():
        count += 1
        for line, name in calls_in(tree.text_of(path)):
            if name not in ALLOWED.get(path, {}):
                faults.append(f"{path}:{line}: {name}: {BANNED[name]}")
    tree.end(faults, f"{count} files read")


def test_itself():
    """The lint finds what it is for."""
    found = [name for _, name in calls_in(
        'int a(void)\n{\n    /* gets(x) */\n    char *s = "system(x)"; // rand()\n'
        "    x.rand(); y->atoi(2); my_system(1);\n    return strcpy (a, b) + rand();\n}\n")]
    assert found == ["strcpy", "rand"], found


test_itself()
main()
