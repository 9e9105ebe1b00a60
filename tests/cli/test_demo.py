"""The command `demo`: nine files in data/, the same as from Python, and what it says of them."""

import json

import pytest

from regulars.cli.main import main
from regulars.data import simulate_business


def run(monkeypatch, *words: object) -> None:
    monkeypatch.setattr("sys.argv", ["regulars", "demo", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


def test_it_writes_what_python_writes(tmp_path, monkeypatch, capsys):
    run(monkeypatch, "--out", tmp_path / "a", "--customers", 300, "--seed", 5, "--json", "-q")
    said = json.loads(capsys.readouterr().out)
    simulate_business(customers=300, seed=5).write(tmp_path / "b")
    data = tmp_path / "a" / "data"
    assert said["folder"] == str(data)
    assert said["rows"]["customers"] > 300
    assert sorted(path.name for path in data.iterdir()) == sorted(
        path.name for path in (tmp_path / "b").iterdir()
    )
    for path in data.iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_second_run_takes_the_place_of_the_first(tmp_path, monkeypatch, capsys):
    for seed in (1, 2):
        run(monkeypatch, "--out", tmp_path, "--customers", 200, "--seed", seed, "-q")
    assert capsys.readouterr().out.split() == [str(tmp_path / "data")] * 2
    truth = json.loads((tmp_path / "data" / "truth.json").read_text(encoding="utf-8"))
    assert truth["seed"] == 2
    assert len(list((tmp_path / "data").iterdir())) == 9


def test_a_file_in_the_way_is_said_before_any_work(tmp_path, monkeypatch, capsys):
    (tmp_path / "taken").write_text("")
    monkeypatch.setattr("sys.argv", ["regulars", "demo", "--out", str(tmp_path / "taken")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 6
    assert "is a file, not a folder" in capsys.readouterr().err
