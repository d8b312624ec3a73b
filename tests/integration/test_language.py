"""How often the language of a text is guessed right, on labelled texts where they are installed."""

import os
import sys

import pytest

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "bench"))
import language  # noqa: E402


@pytest.mark.skipif(not language.is_there(), reason=language.SKIPPED)
def test_floors_on_help_pages():
    result = language.measure("held-out")
    for length, floor in ((20, 0.85), (60, 0.95), (200, 0.95)):
        share, languages = average = language.average(result[length][0])
        assert share >= floor, f"{length} characters: {average}, worst: " + ", ".join(
            f"{name} {s:.2f}" for name, s in sorted(result[length][0].items(), key=lambda x: x[1])[:8])
        assert languages >= (30 if length < 200 else 25), f"{length} characters: {languages} languages"
