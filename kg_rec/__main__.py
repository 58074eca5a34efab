"""``python -m kg_rec`` is the command ``kg-rec``."""

from kg_rec.cli import main

main()
