#!/usr/bin/python3
"""test_requirements.py - every requirement and every reading is named by a story."""
import os
import subprocess
import sys

SOURCE = os.environ.get("CONCERN_SOURCE", os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(SOURCE, "tests/stories"))
sys.dont_write_bytecode = True
import coverage  # noqa: E402

assert coverage.named_in("# PL-1 AMB-25, and\n# LS-02.\ntitle PL-3\n# PL-4") == \
    ["PL-1", "AMB-25", "LS-2"]
assert len(coverage.ids_of(coverage.REQUIREMENTS)) == 100
assert len(coverage.ids_of(coverage.READINGS)) == 25
sys.exit(subprocess.run([sys.executable, os.path.join(SOURCE, "tests/stories/coverage.py")],
                        check=False).returncode)
