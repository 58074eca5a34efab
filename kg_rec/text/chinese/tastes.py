"""What people say they like and dislike, in Chinese: cues, clause by clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
def tastes(text, words, names): return []
