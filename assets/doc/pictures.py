#!/usr/bin/python3
"""Makes the screenshots of the README from the program itself: every view of the console on its
made-up data, 80x24 and 160x50, in colour, as SVG.

    assets/doc/pictures.py [--tubeops build/tubeops] [--out assets/doc/pictures] [--readme README.md] [VIEW …]

Without VIEW: every view that the program has, and the page of a job. With --readme the part of that file
between the lines <!-- pictures --> and <!-- end of pictures --> is written anew.
"""
import argparse
import html
import os
import re
import subprocess
import sys
import unicodedata

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIZES = ("160x50", "80x24")
SCENARIO = "campaign"
PAGES = ("job:J-1042",)

# one character: pixels; the baseline lies at ASCENT
WIDTH, HEIGHT, ASCENT, MARGIN = 8, 17, 13, 8
FONT = WIDTH / 0.602  # of DejaVu Sans Mono a character is so much of the size wide
BACKGROUND, FOREGROUND = "#14161a", "#d6d8dc"
BASIC = ("#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
         "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff")
# which arms a line character has: left, right, up, down
FRAMES = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru",
          "┼": "lrud"}
LOWER, LEFT, SHADES = "▁▂▃▄▅▆▇█", "▏▎▍▌▋▊▉█", {"░": 0.25, "▒": 0.5, "▓": 0.75}
DRAWN = LOWER + LEFT + "".join(SHADES) + "".join(FRAMES)


def colour(number):
    """Number of the palette of 256 colours that terminals share."""
    if number < 16:
        return BASIC[number]
    if number >= 232:
        return "#" + "%02x" % (8 + 10 * (number - 232)) * 3
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return "#%02x%02x%02x" % (steps[number // 36], steps[number // 6 % 6], steps[number % 6])


class Style:
    def __init__(self):
        self.colour, self.bold, self.dim, self.reverse = None, False, False, False

    def take(self, codes):
        """The parameters of one SGR sequence."""
        codes = [int(c or 0) for c in codes.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 2:
                self.dim = True
            elif code == 7:
                self.reverse = True
            elif code == 38 and codes[:1] == [5]:
                self.colour = codes[1]
                del codes[:2]
            elif 30 <= code <= 37:
                self.colour = code - 30
            elif 90 <= code <= 97:
                self.colour = code - 82
            else:
                raise ValueError("SGR %d is none that a screen uses" % code)

    def key(self):
        return self.colour, self.bold, self.dim, self.reverse

    def ink(self):
        return FOREGROUND if self.colour is None else colour(self.colour)


def runs(line):
    """(column, columns, text, style) of one line's pieces of one look each."""
    style, at, found = Style(), 0, []
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            style.take(piece[2:-1])
            continue
        for kind, text in re.findall("([%s]+)|([^%s]+)" % (DRAWN, DRAWN), piece):
            text = kind or text
            columns = sum(columns_of(c) for c in text)
            look = Style()
            look.colour, look.bold, look.dim, look.reverse = style.key()
            found.append((at, columns, text, look))
            at += columns
    return found


def columns_of(c):
    if unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def rectangle(x, y, w, h, ink, opacity=1.0):
    return '<rect x="%g" y="%g" width="%g" height="%g" fill="%s"%s/>' % (
        x, y, w, h, ink, "" if opacity == 1 else ' fill-opacity="%g"' % opacity)


def frame(x, y, n, arms, ink):
    """n equal line characters; those that go on to both sides are one line."""
    middle = y + HEIGHT / 2
    if arms == "lr":
        d = "M%g %gh%d" % (x, middle, n * WIDTH)
    else:
        ends = {"l": "h-%g" % (WIDTH / 2), "r": "h%g" % (WIDTH / 2), "u": "v-%g" % (HEIGHT / 2), "d": "v%g" % (HEIGHT / 2)}
        d = "".join("M%g %g%s" % (x + (i + 0.5) * WIDTH, middle, ends[arm]) for i in range(n) for arm in arms)
    return '<path d="%s" stroke="%s"/>' % (d, ink)


def blocks(x, y, text, ink):
    """Bars, graphs and frames are drawn, as fonts leave gaps between such characters."""
    for same in re.finditer(r"(.)\1*", text):
        c, n, at = same[1], len(same[0]), x + same.start() * WIDTH
        if c in FRAMES:
            yield frame(at, y, n, FRAMES[c], ink)
        elif c in SHADES:
            yield rectangle(at, y, n * WIDTH, HEIGHT, ink, SHADES[c])
        elif c == "█":
            yield rectangle(at, y, n * WIDTH, HEIGHT, ink)
        elif c in LOWER:
            h = HEIGHT * (LOWER.index(c) + 1) / 8
            yield rectangle(at, y + HEIGHT - h, n * WIDTH, h, ink)
        else:
            for i in range(n):
                yield rectangle(at + i * WIDTH, y, WIDTH * (LEFT.index(c) + 1) / 8, HEIGHT, ink)


def draw_run(y, at, columns, text, style):
    x, ink = MARGIN + at * WIDTH, style.ink()
    if style.reverse:
        yield rectangle(x, y, columns * WIDTH, HEIGHT, ink)
        ink = BACKGROUND
    if text[0] in DRAWN:
        yield from blocks(x, y, text, ink)
        return
    looks = [' fill="%s"' % ink] if ink != FOREGROUND else []
    looks += [' font-weight="bold"'] if style.bold else []
    looks += [' opacity="0.6"'] if style.dim else []
    # a cell of a table each, so that a script which a font draws wider moves no other cell
    for cell in re.finditer(r"\S+(?: \S+)*", text):
        x = MARGIN + (at + sum(map(columns_of, text[:cell.start()]))) * WIDTH
        # textLength keeps the columns under each other whatever the font
        yield '<text x="%d" y="%d" textLength="%d"%s>%s</text>' % (
            x, y + ASCENT, sum(map(columns_of, cell[0])) * WIDTH, "".join(looks), html.escape(cell[0]))


def svg(screen, title):
    lines = screen.split("\n")[:-1]
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    w = MARGIN * 2 + WIDTH * max(sum(map(columns_of, line)) for line in plain)
    h = MARGIN * 2 + HEIGHT * len(lines)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" '
           'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="%g" xml:space="preserve" fill="%s">'
           % (w, h, w, h, FONT, FOREGROUND), "<title>%s</title>" % html.escape(title),
           '<rect width="%d" height="%d" rx="6" fill="%s"/>' % (w, h, BACKGROUND)]
    for row, line in enumerate(lines):
        for run in runs(line):
            out += draw_run(MARGIN + row * HEIGHT, *run)
    return "\n".join(out + ["</svg>", ""])


def run(program, *words):
    return subprocess.run([program, *words], check=True, stdout=subprocess.PIPE, encoding="utf-8",
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}).stdout


def views(program):
    """(name, title) of those that the program knows."""
    rows = run(program, "completions", "words", "--", "screen", "").splitlines()
    return [tuple(row.split("\t")) for row in rows if "\t" in row] + [(page, "Job page") for page in PAGES]


def file_of(view, size):
    return "%s-%s.svg" % (re.sub(r"[^a-z0-9]+.*", "", view), size)


def readme_part(made, folder):
    """The first view in both sizes, links to all others."""
    first, title = made[0]
    rows = ["<!-- pictures -->"]
    rows += ["![%s, %s](%s/%s)\n" % (title, size, folder, file_of(first, size)) for size in SIZES]
    rows += ["Made by `assets/doc/pictures.py` from `tubeops screen` on made-up data, as these are:\n"]
    rows += ["* %s: %s" % (title, ", ".join("[%s](%s/%s)" % (size, folder, file_of(view, size)) for size in SIZES))
             for view, title in made[1:]]
    return "\n".join(rows + ["<!-- end of pictures -->"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tubeops", default=os.environ.get("TUBEOPS") or os.path.join(TOP, "build", "tubeops"))
    parser.add_argument("--out", default=os.path.join(TOP, "assets", "doc", "pictures"))
    parser.add_argument("--readme")
    parser.add_argument("views", nargs="*")
    args = parser.parse_args()
    made = [(v, v) for v in args.views] or views(args.tubeops)
    os.makedirs(args.out, exist_ok=True)
    for view, title in made:
        for size in SIZES:
            screen = run(args.tubeops, "screen", view, "--scenario", SCENARIO, "--size", size, "--colours", "256")
            with open(os.path.join(args.out, file_of(view, size)), "w", encoding="utf-8") as file:
                file.write(svg(screen, "tubeops: %s, %s" % (title, size)))
    if args.readme:
        with open(args.readme, encoding="utf-8") as file:
            text = file.read()
        folder = os.path.relpath(args.out, os.path.dirname(os.path.abspath(args.readme)))
        text, n = re.subn(r"(?s)<!-- pictures -->.*<!-- end of pictures -->", lambda _: readme_part(made, folder), text)
        if n != 1:
            sys.exit("%s: there is no place for pictures: <!-- pictures --> and <!-- end of pictures -->" % args.readme)
        with open(args.readme, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
