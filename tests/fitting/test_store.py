"""Model files: exact, private, and refused when foreign."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.fitting.registry import ORDER_MODELS, likelihood
from regulars.fitting.store import load, save
from regulars.models.bg_nbd import BGNBD
from regulars.terms.errors import FileError, ModelError, OutputError
from regulars.terms.summary import Summary
from stories import suited_summary, summary_of

SLOW = {"pareto-ggg", "abe"}  # models whose likelihood is an integral of every customer
models = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in ORDER_MODELS]
)


def fitted(name="bg-nbd"):
    rng = np.random.default_rng(1)
    age = rng.uniform(20.0, 50.0, 800)
    summary = summary_of(BGNBD().simulate((0.5, 6.0, 0.8, 2.4), age, rng))
    ids = np.array([f"customer-{i}" for i in range(800)])
    summary = suited_summary(likelihood(name), summary)
    return fit(name, replace(summary, customer_id=ids, until=dt.date(2024, 2, 29)))


@models
def test_a_round_trip_keeps_every_bit(name, tmp_path):
    before = fitted(name)
    after = load(save(before, tmp_path / "model.json"))
    assert after.params == before.params
    assert after.report == before.report
    assert (after.unit, after.until, after.data_hash) == ("week", before.until, before.data_hash)
    np.testing.assert_array_equal(after.covariance, before.covariance)
    np.testing.assert_array_equal(after.draws(50, seed=3), before.draws(50, seed=3))
    again = save(after, tmp_path / "again.json")
    assert again.read_bytes() == (tmp_path / "model.json").read_bytes()


def test_open_parameters_survive(tmp_path):
    once = fit("bg-nbd", Summary(np.zeros(9, int), np.zeros(9), np.full(9, 30.0)))
    assert load(save(once, tmp_path / "m.json")).report == once.report


def test_no_customer_is_in_the_file(tmp_path):
    text = save(fitted(), tmp_path / "model.json").read_text()
    assert "customer-" not in text
    assert len(text) < 3000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"x: 1", "not JSON"),
        (b"[1, 2]", "no model file"),
        (b'{"format": "other"}', "no model file"),
        (b"\xff\xfe\x00", "not text"),
        (b'{"format": "regulars-model", "version": 99}', "version 99"),
        (b'{"format": "regulars-model", "version": 1}', "damaged"),
        (b'{"format": "regulars-model", "version": 1, "model": "magic"}', "no model"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, says):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says):
        load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {"r": 1.0}},
        {"parameters": {"r": -1.0, "alpha": 1.0, "a": 1.0, "b": 1.0}},
        {"parameters": {"r": "one", "alpha": 1.0, "a": 1.0, "b": 1.0}},
        {"parameters": None},
        {"covariance": [[1.0]]},
        {"covariance": None},
        {"report": {"model": "bg-nbd"}},
        {"until": "yesterday"},
    ],
)
def test_damage_is_told_from_a_model(tmp_path, change):
    path = save(fitted(), tmp_path / "model.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError, match="damaged"):
        load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileError, match=r"nothing\.json"):
        load(tmp_path / "nothing.json")
    with pytest.raises(FileError):
        load(tmp_path)


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = save(fitted(), tmp_path / "model.json")
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OutputError, match="No space left"):
        save(fitted("nbd"), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="could not be written"):
        save(fitted(), tmp_path / "none" / "model.json")
