"""All scorers side by side on the demonstration's ratings: ``kg-rec compare`` on a random split.

A fifth of each user's events is held out for the test (``like_at`` says which are to be found), a
tenth for validation; the whole catalogue is ranked. The defaults were not chosen on this draw.

    python tests/benchmarks/demo_accuracy.py --seed 11
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from kg_rec import evaluation
from kg_rec.demo import DEMO_CONFIG

DATA = """
[data]
interactions = "ratings.csv"
split = {{ kind = "random", valid = 0.0, test = 0.2, seed = {seed} }}
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=11)
    seed = parser.parse_args().seed
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(DEMO_CONFIG.parent, Path(folder) / "demo"))
        config = copy / DEMO_CONFIG.name
        settings = config.read_text(encoding="utf-8")
        config.write_text(settings + DATA.format(seed=seed), encoding="utf-8")
        print(evaluation.compare(config))


if __name__ == "__main__":
    main()
