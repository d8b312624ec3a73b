"""What the program prints from its tables: manual page, completions, the example of settings."""
import os
import re
import shutil
import subprocess

import pytest

from tubeops import ROOT, Tubeops, TubeopsMissing

TOP = os.environ.get("TOP_SRCDIR") or ROOT


@pytest.fixture
def tubeops(tmp_path):
    try:
        return Tubeops(tmp_path)
    except TubeopsMissing as missing:
        pytest.skip(str(missing))


def needs(program):
    """The path of a program that this machine may lack."""
    return shutil.which(program) or pytest.skip("no %s here" % program)


def printed(tubeops, tmp_path, name, *words):
    path = tmp_path / name
    path.write_text(tubeops.run(*words, check=0).out)
    return path


# ---- settings ----

def settings_of(text):
    """(name, value) of each line that would set something once its # is gone."""
    return re.findall(r"(?m)^#([A-Z][A-Z0-9_]*)=(.*)$", text)


def test_the_committed_example_is_what_the_program_prints(tubeops):
    with open(os.path.join(TOP, "assets", "deploy", ".env.example"), encoding="utf-8") as committed:
        assert tubeops.run("settings", "--example", check=0).out == committed.read(), \
            "make it anew: tubeops settings --example >assets/deploy/.env.example"


def test_the_example_holds_every_setting_and_sets_none(tubeops, tmp_path):
    text = tubeops.run("settings", "--example", check=0).out
    assert all(not line or line.startswith("#") for line in text.splitlines())
    names = {name for name, _ in settings_of(text)}
    listed = set(re.findall(r"(?m)^  ([A-Z][A-Z0-9_#]*)(?: |$)", tubeops.run("settings", check=0).out))
    assert {name.replace("#", "1") for name in listed} == names
    assert max(map(len, text.splitlines())) <= 100


def test_every_default_of_the_example_is_taken(tubeops, tmp_path):
    text = tubeops.run("settings", "--example", check=0).out
    env = tmp_path / "all.env"
    env.write_text(re.sub(r"(?m)^#(?=[A-Z][A-Z0-9_]*=)", "", text))
    tubeops.environment.pop("API_RATE_LIMIT_DELAY")
    lines = tubeops.run("doctor", "--env", str(env)).out
    for name, value in settings_of(text):
        if value and "API_KEY" not in name:
            assert re.search(r"%s = %s \(.*all\.env:\d+\)" % (name, re.escape(value)), lines), (name, lines)


# ---- manual page ----

def test_the_manual_page_is_clean(tubeops, tmp_path):
    page = printed(tubeops, tmp_path, "tubeops.1", "help", "--man")
    checked = 0
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True)
        assert lint.returncode == 0 and not lint.stdout, lint.stdout
        checked += 1
    if shutil.which("groff"):
        lint = subprocess.run(["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-rF0", str(page)],
                              capture_output=True, text=True)
        assert lint.returncode == 0 and not lint.stderr, lint.stderr
        checked += 1
    if not checked:
        pytest.skip("neither mandoc nor groff here")


def test_the_manual_page_has_every_command_option_type_and_setting(tubeops, tmp_path):
    page = printed(tubeops, tmp_path, "tubeops.1", "help", "--man")
    formatter = [needs("mandoc"), "-T", "ascii"] if shutil.which("mandoc") else [needs("man"), "-l"]
    shown = subprocess.run([*formatter, str(page)], capture_output=True, text=True, check=True,
                           env={**os.environ, "MANWIDTH": "200"}).stdout
    shown = re.sub(".\b", "", shown)
    wanted = {line.split("\t")[0] for words in ([""], ["run", "-"], ["run", ""], ["serve", "-"], ["export", "-"])
              for line in complete(tubeops, *words)}
    wanted |= set(re.findall(r"(?m)^  ([A-Z][A-Z0-9_#]*)(?: |$)", tubeops.run("settings", check=0).out))
    assert len(wanted) > 80
    missing = [word for word in wanted if word not in shown]
    assert not missing


# ---- completions ----

def complete(tubeops, *words):
    return tubeops.run("completions", "words", "--", *words, check=0).out.splitlines()


@pytest.mark.parametrize("words,some,none", [
    ([""], ["import", "run", "serve"], ["files", "batch_videos"]),
    (["run", ""], ["batch_metadata", "refresh"], ["import"]),
    (["run", "batch_videos", "-"], ["--videos-per-channel", "--dry-run", "--data"], ["--method", "--example"]),
    (["run", "batch_discovery", "--dry-run", "--"], ["--method"], ["--videos-per-channel"]),
    (["--data", "import", "jobs", "--limit", "7", "J-1001", ""], ["pause", "cancel"], ["disable", "import"]),
    (["plan", ""], ["share", "pace"], []),
    (["dead", "retry", "x", ""], [], ["retry"]),
    (["export", "jobs", "--format", ""], ["csv", "jsonl"], ["--format"]),
    (["serve", "--start", ""], ["batch_metadata"], ["files"]),
    (["screen", ""], ["dash", "jobs"], ["job"]),
    (["import", ""], ["files"], []),
    (["import", "-"], ["--data"], ["files"]),
    (["enrich", "a.csv", "--out", ""], ["files"], []),
    (["enrich", "a.csv", ""], [], ["files", "--out"]),
    (["help", ""], ["import"], []),
    (["frobnicate", ""], ["import"], []),
    (["import", "--", "-"], [], ["--data"]),
])
def test_words_come_from_the_tables(tubeops, words, some, none):
    found = [line.split("\t")[0] for line in complete(tubeops, *words)]
    assert set(some) <= set(found)
    assert not set(none) & set(found)


@pytest.fixture
def folder(tubeops, tmp_path):
    """A folder with a file in it, and tubeops on the path."""
    (tmp_path / "bin").mkdir()
    os.symlink(tubeops.binary, tmp_path / "bin" / "tubeops")
    (tmp_path / "channels.csv").write_text("")
    tubeops.environment["PATH"] = "%s:%s" % (tmp_path / "bin", os.environ["PATH"])
    return tmp_path


def asked(tubeops, *command, **more):
    done = subprocess.run(command, cwd=tubeops.directory, env=tubeops.environment, capture_output=True, text=True,
                          timeout=60, **more)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.split("\n")


@pytest.mark.parametrize("line,wanted", [
    ("tubeops im", ["import"]),
    ("tubeops run batch_v", ["batch_videos"]),
    ("tubeops run batch_videos --videos-per", ["--videos-per-channel"]),
    ("tubeops export channels --format j", ["jsonl"]),
    ("tubeops plan l", ["lend"]),
])
def test_bash_and_fish_complete(tubeops, folder, line, wanted):
    bash, fish = needs("bash"), needs("fish")
    script = printed(tubeops, folder, "bash", "completions", "bash")
    assert asked(tubeops, bash, "--norc", "-c", '''
        . "$1"; shift
        complete -p tubeops | grep -q _tubeops || exit 1
        read -ra COMP_WORDS <<<"$1"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _tubeops
        printf '%s\\n' "${COMPREPLY[@]}"''', "-", str(script), line)[:-1] == wanted
    script = printed(tubeops, folder, "fish", "completions", "fish")
    found = asked(tubeops, fish, "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", str(script), line)
    assert [row.split("\t")[0] for row in found if row] == wanted


def test_fish_and_bash_offer_files_where_one_is_meant(tubeops, folder):
    fish, script = needs("fish"), printed(tubeops, folder, "fish", "completions", "fish")
    found = asked(tubeops, fish, "--no-config", "-c", "source $argv[1]; complete -C 'tubeops import chan'", str(script))
    assert [row.split("\t")[0] for row in found if row] == ["channels.csv"]


def test_zsh_completes(tubeops, folder):
    """A real zsh with its completion system, on a terminal of zsh's own making, gets a tab."""
    zsh = needs("zsh")
    (folder / "functions").mkdir()
    printed(tubeops, folder / "functions", "_tubeops", "completions", "zsh")
    out = asked(tubeops, zsh, "-f", "-c", '''
        zmodload zsh/zpty || exit 1
        zpty shell zsh -f -i
        zpty -w shell 'PS1= PROMPT2= RPS1=; unsetopt zle_bracketed_paste 2>/dev/null; stty cols 200'
        zpty -w shell "fpath=($PWD/functions \\$fpath); autoload -Uz compinit; compinit -u -D"
        zpty -w shell 'unset zle_bracketed_paste; echo rea""dy'
        zpty -r shell seen '*ready*'
        zpty -n -w shell $'tubeops run batch_v\\t--videos-per\\t; echo do""ne\\C-a: \\C-e\\n'
        zpty -r shell seen '*done*'
        print -r -- $seen
        zpty -d shell''')
    assert any("batch_videos" in row and "--videos-per-channel" in row for row in out), out


# ---- views as text ----

def test_a_view_by_its_name_or_its_title(tubeops):
    short = tubeops.run("screen", "dash", "--scenario", "campaign", check=0).out
    assert tubeops.run("screen", "Dashboard", "--scenario", "campaign", check=0).out == short
    assert tubeops.run("screen", "--help", check=0).out.count("channels, discovery, log, alerts, store") == 1
    refused = tubeops.run("screen", "dashes", "--scenario", "campaign", check=2)
    assert 'there is no view "dashes"; views are dash, jobs, job, ' in refused.err
