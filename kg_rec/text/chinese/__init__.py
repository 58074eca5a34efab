"""Chinese: names by their shape and place, surface forms, tastes; segmented by jieba."""

from __future__ import annotations

from kg_rec.text.chinese.reader import ChineseReader

__all__ = ["ChineseReader"]
