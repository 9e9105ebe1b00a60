"""The command `service`: metrics without orders, purchases through chat with them."""

import json

import pyarrow.parquet as pq
import pytest

from regulars.data import simulate_business


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("business")
    simulate_business(customers=400, seed=2).write(place)
    return place


def given(folder, *names):
    return [part for name in names for part in (f"--{name}", folder / f"{name}.parquet")]


TABLES = ("conversations", "messages", "tickets", "surveys")


def test_metrics_alone(run, folder):
    done = run("service", *given(folder, *TABLES), "--dialect", "chatwoot", "--json", "-q")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["dialect"] == "chatwoot"
    assert told["chat"] is None
    assert told["metrics"]["conversations"]["value"] > 0


def test_with_orders_it_writes_every_table(run, folder, tmp_path):
    out = tmp_path / "out"
    done = run(
        *("service", folder / "orders.parquet", *given(folder, *TABLES), "--out", out),
        *("--hours", "Mo-Fr 09:00-18:00", "--window", "3d", "--model", "mbg-nbd"),
    )
    assert done.code == 0, done.err
    assert "came through chat" in done.out
    assert "an association, not an effect" in " ".join(done.out.split())
    told = json.loads((out / "service.json").read_text())
    assert told["chat"]["window_days"] == 3
    table = pq.read_table(out / "tables" / "chat_purchases.parquet")
    assert sum(table["net_revenue"].to_pylist()) == pytest.approx(told["chat"]["chat_revenue"])
    header = (out / "rejected_service.csv").read_text().splitlines()[0]
    assert header == "file,line,reason,column,value,text"


def test_refused_rows_are_counted_and_kept(run, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "id,kind,sent_at,answered_at,score\n"
        "1,nps,2024-03-01,2024-03-02,11\n2,nps,2024-03-01,2024-03-02,9\n"
    )
    done = run("service", "--surveys", path, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "1 rows refused" in done.err
    assert "score_out_of_range" in (tmp_path / "out" / "rejected_service.csv").read_text()


def test_a_map_of_tables(run, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("no,began\n1,2024-03-01\n")
    options = ["--service-map", "tickets.ticket_id=no", "--service-map", "tickets.created_at=began"]
    done = run("service", "--tickets", path, *options, "--json", "-q")
    assert done.code == 0, done.err
    assert json.loads(done.out)["rows"] == {"tickets": 1}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "No service table was given"),
        (["--tickets", "nowhere.csv"], "nowhere.csv"),
        (["--tickets", "nowhere.csv", "--window", "soon"], "soon"),
        (["--tickets", "nowhere.csv", "--window", "-3d"], "Write 7d, 24h or 2w."),
        (["--tickets", "nowhere.csv", "--window", "-3h"], "'-3h' is no window"),
        (["--tickets", "nowhere.csv", "--hours", "never"], "never"),
    ],
)
def test_what_cannot_be_done_is_said(run, options, said):
    done = run("service", *options)
    assert done.code == 3
    assert said in done.err
    assert "forever" not in done.err


def test_help_names_only_options_that_there_are(run):
    assert "--summary" not in run("service", "--help").out


@pytest.mark.parametrize("name", ["surveys", "tickets"])
def test_a_table_without_rows_is_not_told_to_bring_orders(run, tmp_path, name):
    path = tmp_path / "none.csv"
    path.write_text("id,kind,asked_at,created_at,score\n")
    done = run("service", f"--{name}", path)
    assert done.code == 4
    assert "has a header and no rows" in done.err
    assert "with orders" not in done.err
