"""How long a saved model takes to load, and to answer the first and the next known users.

Run it on a quiet machine:  python tests/benchmarks/serving.py demo/model
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from kg_rec import Recommender


def main() -> None:
    """Print a table of milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    folder = parser.parse_args().model
    start = time.perf_counter()
    model = Recommender.load(folder)
    loaded = time.perf_counter()
    users = [u for u in model.users if model.history(u)][:200]
    times = []
    for user in users:
        before = time.perf_counter()
        model.recommend(user, k=10)
        times.append(1000 * (time.perf_counter() - before))
    print(f"load          {1000 * (loaded - start):8.1f} ms")
    print(f"first answer  {times[0]:8.1f} ms")
    print(f"median answer {statistics.median(times):8.1f} ms, slowest {max(times):.1f} ms")
    heavy = sorted({"spacy", "torch", "pykeen"} & set(sys.modules))
    print(f"imported of spacy, torch, pykeen: {heavy or 'none'}")


if __name__ == "__main__":
    main()
