"""Finds the programs of tests/unit, for tests that give them a real server."""
import os

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def program(name):
    for place in (os.environ.get("TEST_BIN_DIR"), "build/tests/unit", "build", "tests/unit", "."):
        path = os.path.join(ROOT, place, name) if place else ""
        if path and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    pytest.skip(f"{name} is not built; TEST_BIN_DIR may name its folder")
