"""``env/wheels.json`` says the same as the locks, and nothing that could be an address."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from scripts.kit.locks import read_lock
from scripts.kit.refusal import Refused
from scripts.kit.wheel_list import LIST, LOCKS, TESTERS, entry

LISTED = json.loads(LIST.read_text("utf-8"))


@pytest.mark.parametrize("purpose", LOCKS)
def test_each_pin_that_a_linux_kit_needs_is_listed_once_with_a_hash_that_the_lock_allows(purpose: str) -> None:
    pins = read_lock(LIST.parent / LOCKS[purpose], "3.13.0")
    wanted = {(pins[name].name, pins[name].version) for name in (TESTERS if purpose == "test" else pins)}
    listed = [one for one in LISTED if one["purpose"] == purpose]
    assert sorted((one["pname"].lower().replace("_", "-"), one["version"]) for one in listed) == sorted(wanted)
    for one in listed:
        kind, _, digest = one["hash"].partition("-")
        assert kind == "sha256"
        assert b64decode(digest).hex() in pins[one["pname"].lower().replace("_", "-")].hashes


def test_each_file_is_named_by_what_is_asked_for() -> None:
    for one in LISTED:
        parts = (one["pname"], one["version"], one["python"], one["abi"], one["platform"])
        assert one["name"] == f"{'-'.join(parts)}.whl"
        assert "/" not in json.dumps({key: value for key, value in one.items() if key != "hash"})


def test_a_wheel_that_nix_could_not_ask_for_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "numpy-2.5.5-1-cp313-cp313-manylinux_2_28_x86_64.whl"
    wheel.write_bytes(b"")
    with pytest.raises(Refused, match="build number"):
        entry(wheel, "runtime")
