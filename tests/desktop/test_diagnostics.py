"""The file for whoever helps: useful, and without a word of the user's unless asked for."""

from __future__ import annotations

import io
import json
import os
import platform
import sqlite3
import stat
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from steeliq.desktop.diagnostics import write_diagnostics
from steeliq.desktop.redaction import redaction
from tests.desktop.test_doctor import ROOT, make_database

USER = "annikavk"
SECRETS = {
    "run's name": "Zinnober takeover",
    "run's name in a folder's": "zinnober-takeover",
    "tag": "quillfeather",
    "note": "Ask Marlowe about Brookhollow",
    "scenario's name": "Zephyrine pathway",
    "scenario's setting": "173.25",
    "scenario's file": "halcyon-bid",
    "dataset": "orchid-plants",
    "dataset's folder": "kestrel-client",
    "deleted run": "Umbra deal",
    "plant": "Foundry Nightjar",
    "value in a message": "cobaltine",
    "file of another place": "wisteria.xlsx",
    "user": USER,
    "token": "tok-8f3a91",
    "password of a proxy": "hunter2secret",
}
RUN_LOG = f"""\
10:00:00 reading the dataset and the scenario
10:00:01 simulating 2025-2050
10:00:02 2025    4%
10:00:03 plants, row 5: found 'cobaltine' at Foundry Nightjar
10:00:04 An error that was not foreseen: KeyError: Foundry Nightjar. The log below has the details.
Traceback (most recent call last):
  File "{ROOT}/steeliq/simulation/run.py", line 5, in run
    raise KeyError("cobaltine")
  File "/srv/kestrel-client/wisteria.xlsx.py", line 7, in other
KeyError: Foundry Nightjar
is a plant of Brookhollow
"""
APP_LOG = """\
2026-11-26 10:00:00,000 WARNING steeliq.serve a worker ended with code 3
2026-11-26 10:00:01,000 ERROR steeliq.web run Zinnober  Takeover: cannot read '/srv/kestrel-client/wisteria.xlsx'
2026-11-26 10:00:02,000 ERROR steeliq.web cannot open /srv/kestrel-client/wisteria.xlsx for annikavk
2026-11-26 10:00:03,000 ERROR steeliq.web plant "Foundry Nightjar" is unknown; see /home/other/wisteria.xlsx, please
Traceback (most recent call last):
  File "/home/annikavk/x.py", line 1, in <module>
ValueError: cobaltine
  and Foundry Nightjar
2026-11-26 10:00:04,000 INFO steeliq.serve stopped
2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server: it went wrong
2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server: Traceback (most recent call last):
2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server:   File "/srv/kestrel-client/x.py", line 1, in y
2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server:     read("cobaltine")
2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server: OSError: cobaltine
2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server: of Foundry Nightjar
2026-11-26T10:00:06+0000 INFO 77 [-] steeliq.server: begins
"""
CRASH = f"""\
A process of steeliq ended by an error.

Run       abcdefgh

Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "{ROOT}/steeliq/cli/runs.py", line 5 in run
  File "/srv/kestrel-client/wisteria.py", line 7 in other

The last lines of its log:

{APP_LOG}"""


@pytest.fixture(scope="module")
def user_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's home folder with data that hold every secret."""
    home = tmp_path_factory.mktemp("homes") / USER
    data = home / "kept data"
    logs = data / "logs"
    logs.mkdir(parents=True)
    for name in ("run-abcdefgh", "ensemble-ijkmnpqr", "search-stuvwxyz"):
        (logs / f"{name}.log").write_text(RUN_LOG)
    (logs / "steeliq.log").write_text(APP_LOG)
    (logs / "crash-20261126-100000-server.txt").write_text(CRASH)
    (logs / "zinnober-takeover.log").write_text("2026-11-26 10:00:04,000 INFO steeliq.serve here\n")
    (data / "scenarios").mkdir()
    (data / "scenarios" / "halcyon-bid.toml").write_text('name = "Zephyrine pathway"\n')
    (data / "datasets" / "orchid-plants").mkdir(parents=True)
    (data / "runs" / "20260101-000000-umbra-deal-hhhhhhhh").mkdir(parents=True)
    path = make_database(data)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE runs_run")
        connection.execute(
            "CREATE TABLE runs_run (id INTEGER PRIMARY KEY, key TEXT, name TEXT, scenario TEXT, dataset TEXT, "
            "folder TEXT, state TEXT, first_year INTEGER, last_year INTEGER, message TEXT, notes TEXT, tags TEXT)"
        )
        connection.execute(
            "INSERT INTO runs_run VALUES (1, 'abcdefgh', 'Zinnober takeover', ?, "
            "'/srv/kestrel-client/orchid-plants', ?, 'failed', "
            "2025, 2050, 'Foundry Nightjar: cobaltine', 'Ask Marlowe about Brookhollow', 'quillfeather, b')",
            (
                'name = "Zephyrine pathway"\n[carbon]\nprice = 173.25\n',
                str(data / "runs" / "20261126-100000-zinnober-takeover-abcdefgh"),
            ),
        )
        connection.commit()
    return home


def diagnostics(home: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of that user, with secrets in its environment."""
    environment = os.environ | {
        "HOME": str(home), "USERPROFILE": str(home), "USER": USER, "LOGNAME": USER, "USERNAME": USER,
        "STEELIQ_HOME": str(home / "kept data"), "PYTHONPATH": str(ROOT), "STEELIQ_TOKEN": SECRETS["token"],
        "https_proxy": f"http://{USER}:{SECRETS['password of a proxy']}@127.0.0.1:9", "NO_PROXY": "127.0.0.1",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-P", "-m", "steeliq", "diagnostics", "--out", str(out), *options],
        env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture(scope="module")
def without(user_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("out") / "help.zip"
    answer = diagnostics(user_home, out)
    assert answer.returncode == 0, answer.stderr
    assert str(out) in answer.stdout
    assert [path.name for path in out.parent.iterdir()] == ["help.zip"]
    assert os.name != "posix" or stat.S_IMODE(out.stat().st_mode) == 0o600
    return contents(out)


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_the_user_is_in_the_file(without: dict[str, str], user_home: Path, secret: str) -> None:
    for name, text in without.items():
        found = f"{name}\n{text}".casefold()
        assert SECRETS[secret].casefold() not in found, name
        assert SECRETS[secret].casefold().replace(" ", "-") not in found, name
        assert str(user_home) not in text
        assert platform.node().casefold() not in text.casefold().split()


def test_what_helps_is_in_the_file(without: dict[str, str]) -> None:
    assert {"README.txt", "doctor.json", "versions.json", "database.json", "runs.json"} <= without.keys()
    examined = json.loads(without["doctor.json"])
    assert {one["name"] for one in examined["checks"]} >= {"python", "database", "window", "loopback"}
    assert "<data>" in without["doctor.json"]
    database = json.loads(without["database.json"])
    assert database["rows"]["runs_run"] == 1
    assert "CREATE TABLE runs_run" in database["schema"]["runs_run"]
    assert json.loads(without["runs.json"]) == [
        {"key": "abcdefgh", "state": "failed", "first_year": 2025, "last_year": 2050}
    ]
    assert json.loads(without["versions.json"])["packages"]["Django"]
    assert json.loads(without["versions.json"])["proxies"] == ["https", "no"]


def test_logs_keep_what_the_program_said_about_itself(without: dict[str, str]) -> None:
    assert without["logs/run-abcdefgh.log"].splitlines() == [
        "10:00:00 reading the dataset and the scenario",
        "10:00:01 simulating 2025-2050",
        "10:00:02 2025    4%",
        "10:00:03 (left out)",
        "10:00:04 (left out)",
        "10:00:04 Traceback (most recent call last):",
        '10:00:04   File "<program>/steeliq/simulation/run.py", line 5, in run',
        '10:00:04   File "<path>", line 7, in other',
        "10:00:04 KeyError: (left out)",
    ]
    log = without["logs/steeliq.log"]
    assert "WARNING steeliq.serve a worker ended with code 3" in log
    assert "ERROR steeliq.web run <name>: cannot read '…'" in log
    assert "ERROR steeliq.web cannot open <path> for <user>" in log
    assert "ValueError: (left out)" in log
    assert "INFO steeliq.serve stopped" in log
    begin = "2026-11-26T10:00:05+0000 ERROR 77 [run abcdefgh] steeliq.server: "
    assert log.splitlines()[-5:] == [
        f"{begin}it went wrong",
        f"{begin}Traceback (most recent call last):",
        f'{begin}  File "<path>", line 1, in y',
        f"{begin}OSError: (left out)",
        "2026-11-26T10:00:06+0000 INFO 77 [-] steeliq.server: begins",
    ]
    crash = without["logs/crash-20261126-100000-server.txt"]
    assert "Fatal Python error: Segmentation fault" in crash
    assert '  File "<program>/steeliq/cli/runs.py", line 5 in run\n  File "<path>", line 7 in other\n' in crash
    assert crash.endswith(log)


def test_data_are_in_the_file_when_asked_for(user_home: Path, tmp_path: Path) -> None:
    answer = diagnostics(user_home, tmp_path / "all.zip", "--with-data")
    assert answer.returncode == 0, answer.stderr
    found = "".join(contents(tmp_path / "all.zip").values())
    not_even_then = {"token", "password of a proxy", "scenario's file", "deleted run"}
    for secret in SECRETS.keys() - not_even_then:
        assert SECRETS[secret] in found, secret
    assert SECRETS["token"] not in found
    assert SECRETS["password of a proxy"] not in found


def test_a_damaged_database_keeps_neither_the_file_nor_the_secrets(user_home: Path, tmp_path: Path) -> None:
    path = user_home / "kept data" / "steeliq.sqlite3"
    sound = path.read_bytes()
    try:
        path.write_bytes(b"x" * 100 + sound[100:])
        (path.parent / "runs" / "20261126-100000-zinnober-takeover-abcdefgh").mkdir(exist_ok=True)
        assert diagnostics(user_home, tmp_path / "x.zip").returncode == 0
    finally:
        path.write_bytes(sound)
    found = contents(tmp_path / "x.zip")
    assert "cannot be read" in found["runs.json"]
    for name, text in found.items():
        for secret in SECRETS.values():
            assert secret.casefold() not in text.casefold(), (name, secret)


def test_a_place_that_cannot_be_written_to_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write_diagnostics(tmp_path / "file" / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_names_are_found_however_they_are_written_but_only_as_words() -> None:
    words = redaction(["My plan: A", "at", "Öl & Gas"])
    assert words.text("my-plan-a, MY PLAN A, my_plan: a; öl-gas") == "<name>, <name>, <name>; <name>"
    assert words.text("enemy plan a, my plan about, at home") == "enemy plan a, my plan about, at home"


def test_paths_of_the_program_are_shortened_and_others_leave_logs() -> None:
    words = redaction()
    assert words.text(f"{ROOT}/steeliq/cli/runs.py") == "<program>/steeliq/cli/runs.py"
    told = words.message("see /srv/a/b c.csv, C:\\Users\\x\\y.csv, ../a/b (~/d) and 3/4 of my.toml")
    assert told == "see <path> <file>, <path>, <path> (<path>) and 3/4 of <file>"
    assert words.message(f"{ROOT}/steeliq/cli/runs.py:3 says so") == "<program>/steeliq/cli/runs.py:3 says so"
    assert words.message("""it's "one" and 'two'""").count("'…'") >= 1


def test_the_archive_is_a_plain_zip_of_texts(without: dict[str, str]) -> None:
    assert all(text for text in without.values())
    assert "Nothing was sent" in without["README.txt"]
    assert io.StringIO(without["README.txt"]).readline()
