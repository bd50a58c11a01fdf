"""A folder of results: it takes only what it is for, and one writer at a time."""

import unicodedata
from pathlib import Path
from typing import get_args

import pytest

from steeliq import result_folder
from steeliq.errors import RunError
from steeliq.paths import plain_name
from steeliq.result_folder import LOCK, Kind, is_written, only_writer, read_record

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_missing_or_empty_is_taken_also_to_resume(tmp_path: Path, kind: Kind, resume: bool) -> None:
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / LOCK).touch()  # all that a process leaves that was killed at its start
    for name in ("some/new", "killed"):
        with only_writer(tmp_path / name, kind, resume=resume):
            assert is_written(tmp_path / name)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_holds_something_else_is_refused_as_it_is(tmp_path: Path, kind: Kind, resume: bool) -> None:
    other = next(name for name in KINDS if name != kind)
    for name in ("thesis.docx", f"{other}.json"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text("precious", "utf-8")
        message = f"the folder is not empty and holds no {kind}; give another folder$"
        with pytest.raises(RunError, match=message), only_writer(folder, kind, resume=resume):
            pytest.fail("must not be entered")
        assert [path.name for path in folder.iterdir()] == [name]
        with pytest.raises(RunError, match=f"this is a file; give a folder for the {kind}"):
            only_writer(folder / name, kind, resume=resume).__enter__()


@pytest.mark.parametrize("kind", KINDS)
def test_only_who_resumes_gets_a_folder_that_holds_the_same_kind(tmp_path: Path, kind: Kind) -> None:
    (tmp_path / f"{kind}.json").write_text("{}", "utf-8")
    with pytest.raises(RunError, match=f"the folder is not empty; add --resume to go on with its {kind}, or"):
        only_writer(tmp_path, kind, resume=False).__enter__()
    with only_writer(tmp_path, kind, resume=True):
        pass


def test_there_is_one_writer_and_others_are_told_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_folder, "PATIENCE", 0.0)
    folder = tmp_path / "run"
    assert not is_written(folder)
    with only_writer(folder, "run", resume=True):
        assert is_written(folder)
        with pytest.raises(RunError, match="another process is writing this run; wait for it or stop it"):
            only_writer(folder, "run", resume=True).__enter__()
        assert is_written(folder), "who was refused releases nothing"
    assert not is_written(folder)


def test_who_only_looks_leaves_nothing(tmp_path: Path) -> None:
    assert not is_written(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_is_missing_damaged_or_of_a_later_version_is_refused_in_words(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"{kind}.json"

    def read() -> dict[str, object]:
        return read_record(tmp_path, kind, latest=3, remedy="begin again")

    with pytest.raises(RunError, match=f"{kind}.json: there is no {kind} here; check the path"):
        read()
    for text, said in (
        ("{", r"cannot be read \(.*\); begin again"),
        ('{"format": 4}', "later version"),
        ('{"format": "4"}', "no record of steeliq; begin again"),
        ("[]", "no record of steeliq; begin again"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(RunError, match=said):
            read()
    path.write_text('{"format": 3, "name": "Stål"}', "utf-8")
    assert read() == {"format": 3, "name": "Stål"}


def test_names_of_any_script_make_readable_folders_that_are_not_each_other(tmp_path: Path) -> None:
    names = ["钢铁", "Сталь", "इस्पात 2050", "Acier: coût", "鋼" * 100, "𐎀" * 100, "!!!", "???", "CO₂"]
    folders = [plain_name(name) for name in names]
    assert folders[:4] == ["钢铁", "сталь", "इस्पात-2050", "acier-coût"]
    assert folders[-1] == "co2"
    assert len(set(folders)) == len(names)
    for folder in folders:
        (tmp_path / folder).mkdir()
        assert len(folder.encode()) <= 120
        assert plain_name(folder) == folder
        assert plain_name(unicodedata.normalize("NFD", folder)) == folder
