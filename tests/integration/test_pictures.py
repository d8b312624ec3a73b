"""assets/doc/pictures.py: what it draws is what `tubeops screen` shows."""
import html
import importlib.util
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

from tubeops import ROOT, Tubeops, TubeopsMissing

TOP = os.environ.get("TOP_SRCDIR") or ROOT
SCRIPT = os.path.join(TOP, "assets", "doc", "pictures.py")
SVG = "{http://www.w3.org/2000/svg}"

loading = importlib.util.spec_from_file_location("pictures", SCRIPT)
pictures = importlib.util.module_from_spec(loading)
loading.loader.exec_module(pictures)


@pytest.fixture
def tubeops(tmp_path):
    try:
        return Tubeops(tmp_path)
    except TubeopsMissing as missing:
        pytest.skip(str(missing))


def shown(picture):
    """The words of a picture with their places: (line, column, text)."""
    for text in picture.iter(SVG + "text"):
        yield ((int(text.get("y")) - pictures.ASCENT - pictures.MARGIN) // pictures.HEIGHT,
               (int(text.get("x")) - pictures.MARGIN) // pictures.WIDTH, text.text)


def test_every_word_stands_where_the_screen_has_it(tubeops, tmp_path):
    for size in pictures.SIZES:
        subprocess.run([sys.executable, SCRIPT, "--tubeops", tubeops.binary, "--out", str(tmp_path), "dash", "job:J-1042"],
                       check=True)
        for view in ("dash", "job:J-1042"):
            screen = pictures.run(tubeops.binary, "screen", view, "--scenario", "campaign", "--size", size).split("\n")
            words = list(shown(xml.parse(tmp_path / pictures.file_of(view, size)).getroot()))
            assert len(words) > 40
            for line, column, text in words:
                assert screen[line][column:column + len(text)] == text
            # and no word is left out
            letters = re.sub(r"[\s%s]" % re.escape(pictures.DRAWN), "", "".join(screen))
            assert sorted(letters) == sorted(re.sub(r"\s", "", "".join(text for _, _, text in words)))


@pytest.mark.parametrize("screen,wanted", [
    ("\x1b[0;1;38;5;166mab\x1b[0m c\n", [(0, 0, "ab", "#d75f00", "bold"), (0, 3, "c", None, None)]),
    ("\x1b[0;7ma<&\x1b[0m\n", [(0, 0, "a<&", pictures.BACKGROUND, None)]),
    ("\x1b[0;31mx\x1b[0;94my\x1b[0m\n", [(0, 0, "x", "#cd3131", None), (0, 1, "y", "#3b8eea", None)]),
    ("日本 x  y\nz\n", [(0, 0, "日本 x", None, None), (0, 8, "y", None, None), (1, 0, "z", None, None)]),
    ("ดี่  y\n", [(0, 0, "ดี่", None, None), (0, 3, "y", None, None)]),
    ("ab█▌cd\n", [(0, 0, "ab", None, None), (0, 4, "cd", None, None)]),
])
def test_colours_and_places(screen, wanted):
    root = xml.fromstring(pictures.svg(screen, "a <title>"))
    looks = [(t.get("fill"), t.get("font-weight")) for t in root.iter(SVG + "text")]
    assert [place + look for place, look in zip(shown(root), looks)] == wanted


def test_bars_have_the_width_of_their_characters():
    root = xml.fromstring(pictures.svg("██▌░\n▁▄ \n", "bars"))
    bars = [tuple(float(r.get(k)) for k in ("width", "height")) for r in root.iter(SVG + "rect")][1:]
    w, h = pictures.WIDTH, pictures.HEIGHT
    assert bars == [(2 * w, h), (w / 2, h), (w, h), (w, h / 8), (w, h / 2)]


def test_the_part_of_the_readme_is_written_anew_and_nothing_else(tubeops, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- pictures -->\nold \\1\n<!-- end of pictures -->\nafter\n")
    words = [sys.executable, SCRIPT, "--tubeops", tubeops.binary, "--out", str(tmp_path / "p"), "--readme", str(readme)]
    subprocess.run([*words, "dash", "jobs"], check=True)
    text = readme.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    for name in re.findall(r"\]\((.*?)\)", text):
        assert os.path.exists(tmp_path / name)
    readme.write_text("no place\n")
    refused = subprocess.run([*words, "dash"], capture_output=True, text=True)
    assert refused.returncode == 1 and "there is no place for pictures" in refused.stderr


def test_pictures_that_the_readme_shows_are_there():
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as file:
        names = re.findall(r"\]\((assets/[^)]*)\)", file.read())
    assert any(name.endswith(".svg") for name in names)
    for name in names:
        path = os.path.join(TOP, html.unescape(name))
        assert os.path.exists(path), name
        if name.endswith(".svg"):
            xml.parse(path)
