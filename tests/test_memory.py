"""The memory that a build is said to take, against what it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse

from kg_rec import Config
from kg_rec.memory import Estimate, Part, estimate, resident

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Config.parse({"embeddings": {"epochs": 0}})
BUILD = """
import json, sys
from pathlib import Path
import numpy as np, pandas as pd
from kg_rec import Recommender

items, users, rows = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
events = pd.DataFrame({"user": rng.integers(0, users, rows), "item": rng.integers(0, items, rows)})
genres = [[str(g) for g in np.unique(rng.integers(0, 100, 4))] for _ in range(items)]
told = []
Recommender.fit(
    pd.DataFrame({"id": np.arange(items), "genre": genres}),
    interactions=events,
    config={
        "embeddings": {"epochs": 0},
        "validation": "off",
        "interactions": {"weight": "weight"},
        "ranking": {"blend": "fixed"},
    },
    progress=lambda stage, done, total: told.append((stage, done, total)),
)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(json.dumps([told[0], int(status["VmHWM"].split()[0]) * 1024]))
"""


def likes(users: int, items: int, each: int) -> sparse.csr_array:
    rows = np.repeat(np.arange(users), each)
    columns = np.tile(np.arange(each), users)
    cells = (np.ones(len(rows)), (rows, columns))
    return sparse.csr_array(sparse.coo_array(cells, shape=(users, items)))


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("size", [(500, 300, 6_000), (2_500, 1_000, 60_000)])
def test_the_estimate_is_near_the_peak_of_a_build(size: tuple[int, int, int]) -> None:
    command = [sys.executable, "-c", BUILD, *map(str, size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    (message, *steps), peak = json.loads(done.stdout)
    assert steps == [0, 0]
    assert message.startswith("about ")
    number, unit = message.split()[1:3]
    told = float(number) * {"GB": 1e9, "MB": 1e6}[unit]
    assert peak / 1.6 < told < peak * 1.6


def test_ease_is_counted_until_it_exceeds_the_budget() -> None:
    def told(memory: str) -> Estimate:
        ranking = Config.parse({"ranking": {"memory": memory}}).ranking
        budget = QUICK.model_copy(update={"ranking": ranking})
        return estimate(budget, sparse.csr_array(sparse.eye_array(20_000)), held=0)

    found, bounded = told("2 GB"), told("1 GB")
    named = {part.name: part.bytes for part in found.parts}
    assert named["EASE (20,000 items)"] >= 4 * 20_000**2
    assert not [part for part in bounded.parts if "EASE" in part.name]
    assert bounded.bytes < found.bytes


def test_texts_and_embeddings_are_counted() -> None:
    events = likes(10, 50, 5)
    least = estimate(QUICK, events, held=0).bytes
    assert estimate(QUICK, events, held=0, documents=1).bytes > least
    assert estimate(Config(), events, held=0).bytes > least
    assert estimate(QUICK, events, held=10**9).bytes == least + 10**9
    assert estimate(QUICK, events).bytes > least + resident() // 2


def test_it_is_told_largest_first_without_what_is_small() -> None:
    parts = (Part("a", 3_000_000), Part("b", 60_000_000), Part("c", 2_000_000_000))
    told = str(Estimate((*parts, Part("d", 400_000_000))))
    assert told == "about 2.5 GB of memory: c 2.0 GB, d 0.4 GB"
    assert str(Estimate(parts[1:2])) == "about 60 MB of memory: b 60 MB"


def test_the_command_tells_it_before_it_works(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,genre\na,Crime\nb,Crime\n")
    (tmp_path / "c.toml").write_text("embeddings.epochs = 0\nitems.path = 'items.csv'\n")
    command = [sys.executable, "-m", "kg_rec", "build", "c.toml", "--out", "model"]
    for quiet, expected in (([], 1), (["--quiet"], 0)):
        done = subprocess.run(
            [*command, *quiet],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.stderr.count(" of memory: ") == expected
