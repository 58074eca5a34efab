"""What reports say in Chinese, by the English phrase."""

from __future__ import annotations

__all__ = ["CHINESE"]

CHINESE = {
    # kinds of reasons
    "Shared facts: something you chose has it, too": "共同的事实：你选过的作品也有",
    "What you said you like or dislike": "你说过的喜好",
    "Liked by the same people": "同一群人也喜欢",
    "Close in the knowledge graph": "在知识图谱中相近",
    "Close in the meaning of its text": "文字内容相近",
    "All your choices against the rest": "你的全部选择与其余相比",
    "Popular with everyone": "大家都喜欢",
    "Smaller reasons, summed": "较小的理由之和",
    # reasons
    "like {names}": "与{names}相同",
    "like {names}, which you did not like": "与你不喜欢的{names}相同",
    "and like {names}, which you did not like": "也与你不喜欢的{names}相同",
    "{fact}; also {company}": "{fact}；此外，{company}",
    "goes with {name}, which you like: {company}": "与你喜欢的{name}相配：{company}",
    "{n} smaller reason": "{n}个较小的理由",
    "{n} smaller reasons": "{n}个较小的理由",
    "your taste as a whole": "你的整体口味",
    "what most people like": "大多数人喜欢的",
    "Recommendations": "推荐",
}
