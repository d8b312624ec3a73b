"""How often language_guess is right, and how long it takes, on texts whose language is known.

    make bench BENCH="language 200"
    LANGUAGE_PAGES=/elsewhere/usr/share/help python3 tests/bench/language.py [held-out|other] [mistakes]

The texts are the help pages of GNOME in Debian's package gnome-user-docs (43 in Debian 12), a folder per
language below /usr/share/help; they need not be installed:

    apt-get download gnome-user-docs && dpkg -x gnome-user-docs_*.deb /tmp/pages
    export LANGUAGE_PAGES=/tmp/pages/usr/share/help

Paragraphs that are still English are left out. From each language as many snippets
of each length are drawn as there are of others, with one seed; the average is over languages, so that
each counts the same. Pages are split in two halves by name: words.txt is made looking at "other" alone, and
the figures that count are those of "held-out". Both are help pages of one program family, so other texts
may do worse.
"""

import collections
import os
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib

BUILD = os.environ.get("TOP_BUILDDIR", os.getcwd())
TOOL = os.path.join(BUILD, "tests/bench/language_lines")
PAGES = os.environ.get("LANGUAGE_PAGES", "/usr/share/help")
PACKAGE = "gnome-user-docs"
ENGLISH = "C"
# folders whose language has another code than their name
CODES = {ENGLISH: "en", "pt_BR": "pt", "zh_CN": "zh", "sr@latin": "sr"}
LENGTHS = (20, 60, 200)
SNIPPETS = 200  # of each folder and length
WORDLESS = {"ja", "zh_CN", "th", "zh_TW", "zh_HK", "km", "my", "lo"}  # cut anywhere: no blanks between words


def paragraphs(path):
    for node in ElementTree.parse(path).iter("{http://projectmallard.org/1.0/}p"):
        text = " ".join("".join(node.itertext()).split())
        if text:
            yield text


def halves(folder):
    """{half: [paragraphs]} of a language."""
    found = collections.defaultdict(list)
    for guide in sorted(os.listdir(folder)):
        for name in sorted(os.listdir(os.path.join(folder, guide))):
            if not name.endswith(".page"):
                continue
            half = ("held-out", "other")[zlib.crc32(name.encode()) % 2]
            found[half] += paragraphs(os.path.join(folder, guide, name))
    return found


def cut(text, length, wordless, chance):
    """A piece of at least `length` characters that begins and ends between words; None: too short."""
    if wordless:
        start = chance.randrange(max(len(text) - length, 0) + 1)
        piece = text[start:start + length]
    else:
        words = text.split()
        start = chance.randrange(len(words))
        piece = ""
        for word in words[start:]:
            piece = piece + " " + word if piece else word
            if len(piece) >= length:
                break
    return piece if len(piece) >= length else None


def snippets(texts, english, length, wordless, seed, count):
    """At most count different ones that are no English text."""
    chance = random.Random(seed)
    found = set()
    for _ in range(20 * count):
        if len(found) == count or not texts:
            break
        piece = cut(chance.choice(texts), length, wordless, chance)
        if piece and piece not in english and re.search(r"[^\W\d_]", piece):
            found.add(piece)
    return sorted(found)


def guess(lines):
    """The codes, and microseconds a line."""
    done = subprocess.run([TOOL], input="".join(line + "\n" for line in lines), text=True,
                          encoding="utf-8", capture_output=True, check=True)
    *codes, last = done.stdout.splitlines()
    _, count, nanoseconds = last.split()
    assert len(codes) == len(lines) == int(count)
    return codes, int(nanoseconds) / 1000 / max(len(lines), 1)


def measure(half, count=SNIPPETS):
    """Folders with fewer than half of count snippets say too little and are left out.
    {length: ({folder: share of right guesses}, microseconds a text, [(folder, code, snippet)])}."""
    folders = {name: halves(os.path.join(PAGES, name)) for name in sorted(os.listdir(PAGES))
               if os.path.isdir(os.path.join(PAGES, name, "gnome-help"))}
    originals = set(folders[ENGLISH]["held-out"] + folders[ENGLISH]["other"])
    english = "\n".join(originals)
    result = {}
    for length in LENGTHS:
        labels, lines = [], []
        for name, parts in folders.items():
            own = name == ENGLISH
            texts = [t for t in parts[half] if own or t not in originals]
            found = snippets(texts, "" if own else english, length, name in WORDLESS, f"{name} {length}", count)
            if len(found) >= count / 2:
                labels += [name] * len(found)
                lines += found
        codes, micros = guess(lines)
        right, all_of, wrong = collections.Counter(), collections.Counter(labels), []
        for name, line, code in zip(labels, lines, codes):
            if code == CODES.get(name, name):
                right[name] += 1
            else:
                wrong.append((name, code, line))
        result[length] = ({name: right[name] / n for name, n in all_of.items()}, micros, wrong)
    return result


def average(shares):
    """Over languages; folders of one language are averaged first. And how many languages."""
    of = collections.defaultdict(list)
    for name, share in shares.items():
        of[CODES.get(name, name)].append(share)
    return sum(sum(s) / len(s) for s in of.values()) / len(of), len(of)


def version():
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGE], text=True, capture_output=True)
    return done.stdout or "(unpacked, version unknown)"


def is_there():
    return os.path.isdir(os.path.join(PAGES, ENGLISH, "gnome-help"))


SKIPPED = (f"no help pages in {PAGES}: install the Debian package {PACKAGE}, or unpack it and set "
           "LANGUAGE_PAGES, see tests/bench/language.py")


def report(half, count=SNIPPETS, mistakes=False):
    if not is_there():
        print(f"language: skipped, {SKIPPED}")
        return
    result = measure(half, count)
    print(f"language: {PACKAGE} {version()}, the {half} half of the pages, right guesses in %")
    print("folder     " + "".join(f"{length:>7}" for length in LENGTHS))
    for name in sorted({n for shares, _, _ in result.values() for n in shares}):
        row = [result[length][0].get(name) for length in LENGTHS]
        print(f"{name:11}" + "".join("      -" if s is None else f"{100 * s:7.1f}" for s in row))
    print("average    " + "".join(f"{100 * average(result[n][0])[0]:7.1f}" for n in LENGTHS))
    print("languages  " + "".join(f"{average(result[n][0])[1]:7}" for n in LENGTHS))
    print("us a text  " + "".join(f"{result[n][1]:7.1f}" for n in LENGTHS))
    for length in LENGTHS if mistakes else ():
        pairs = collections.Counter((name, code) for name, code, _ in result[length][2])
        for (name, code), n in pairs.most_common(40):
            print(f"{length:4} {name} taken for {code}: {n}")


if __name__ == "__main__":
    report("other" if "other" in sys.argv else "held-out", mistakes="mistakes" in sys.argv)
