"""What reports say in Chinese, by the English phrase."""

from __future__ import annotations

__all__ = ["CHINESE"]

CHINESE = {
    # kinds of reasons
    "Shared facts: something you chose has it, too": "共同的事实：你选过的作品也有",
    "What you said you like or dislike": "你说过的喜好",
    "Liked by the same people": "同一群人也喜欢",
    "Related by facts and company": "因事实与同好而相关",
    "Popular among those who like the same": "在喜好相同的人中受欢迎",
    "same likers": "相同的喜爱者",
    "shares likers": "有共同的喜爱者",
    "shares likers with": "有共同的喜爱者",
    "Close in the knowledge graph": "在知识图谱中相近",
    "Close in the meaning of its text": "文字内容相近",
    "Alike in pictures, sounds or other vectors": "图像、声音或其他向量相近",
    "Foreseen by a model of the graph": "由图谱模型预测",
    "Chosen by people you know": "你认识的人选过",
    "For the list as a whole: variety, novelty, balance": "为整个列表：多样、新颖、均衡",
    "All your choices against the rest": "你的全部选择与其余相比",
    "Popular with everyone": "大家都喜欢",
    " (to explore)": "（试探）",
    "Here to explore: drawn with a chance of {chance}": "试探：以{chance}的概率抽出",
    "Smaller reasons, summed": "较小的理由之和",
    # reasons
    "like {names}": "与{names}相同",
    "like {names}, which you did not like": "与你不喜欢的{names}相同",
    "and like {names}, which you did not like": "也与你不喜欢的{names}相同",
    "{fact}; also {company}": "{fact}；此外，{company}",
    "goes with {name}, which you like: {company}": "与你喜欢的{name}相配：{company}",
    "goes with {name}, which you asked for: {company}": "与你要的{name}相配：{company}",
    "{n} smaller reasons": "{n}个较小的理由",
    "your taste as a whole": "你的整体口味",
    "what most people like": "大多数人喜欢的",
    "nothing speaks for it or against it": "没有支持或反对它的理由",
    # fragments
    "Recommendations and their reasons": "推荐及其理由",
    "Item": "作品",
    "Score": "分数",
    "Why": "理由",
    "No recommendations.": "没有推荐。",
    "{n} choices and preferences": "{n}个选择和喜好",
    # drawings
    "You": "你",
    "Who": "谁",
    "What speaks": "出发点",
    "Facts and links": "事实与联系",
    "Recommended": "推荐",
    "rank {rank}": "第{rank}名",
    "you chose": "你选过",
    "you did not like": "你不喜欢",
    "you said you like": "你说你喜欢",
    "you said you don't like": "你说你不喜欢",
    "someone you know": "你认识的人",
    "chosen by friends": "朋友选过",
    "foreseen": "预测",
    "facts and company": "事实与同好",
    "related to": "相关",
    "for the list": "为整个列表",
    "all others": "其他全部",
    "everyone": "所有人",
    "popularity": "热门程度",
    "known to many": "许多人知道",
    "link": "联系",
    "liked together": "同时被喜欢",
    "seldom liked together": "很少同时被喜欢",
    "close in the graph": "图谱中相近",
    "close in meaning": "内容相近",
    "liked with": "同时被喜欢",
    "seldom liked with": "很少同时被喜欢",
    "rarely liked with": "很少同时被喜欢",
    "similar in graph": "图谱中相近",
    "similar in text": "内容相近",
    "similar concept": "相似概念",
    "word": "词语",
    "mention": "提及",
    # quotes
    "your own words": "你自己的话",
    "the user's own text": "用户自己的文字",
    "text on {name}": "关于{name}的文字",
    "and {n} more passages": "另有{n}处引文",
    "Facts that join them, no part of the score:": "连接二者的事实（不计入分数）：",
    # the profile
    "User {id}": "用户 {id}",
    "A typed taste": "一段自述的喜好",
    "Someone new": "新用户",
    "Taste": "喜好",
    "The taste, as it was understood": "系统理解的喜好",
    "liked": "喜欢",
    "disliked": "不喜欢",
    "Read as a like": "理解为喜欢",
    "Read as a dislike": "理解为不喜欢",
    "The rest of the text had no bearing on the list.": "其余文字没有影响推荐。",
    "No like or dislike was understood in this text.": "这段文字里没有读出喜欢或不喜欢。",
    "Said to like": "说过喜欢",
    "Said to dislike": "说过不喜欢",
    "Chose and liked best": "选过且最喜欢",
    "Chose and did not like": "选过但不喜欢",
    "and {n} more": "另有{n}项",
    "What the model makes of it": "模型由此得出",
    "What a fact adds to the score of an item that has it, on average.": (
        "具有某一事实的作品因此平均增加的分数。"
    ),
    "Counts for an item": "加分",
    "Counts against an item": "减分",
    "Fact": "事实",
    "Weight": "权重",
    "from {names}": "来自{names}",
    "to do with {name}": "与{name}有关",
    "Words and names that it looks for in texts:": "在文字中寻找的词语和名称：",
    "Nothing is known of this taste yet: neither choices nor words. "
    "The list starts from what most people like.": (
        "对这份喜好还一无所知：没有选择，也没有文字。推荐从大多数人喜欢的作品开始。"
    ),
    # the list
    "Recommendations": "推荐",
    "{n} recommendations, each with its reasons": "{n}项推荐，每项都有理由",
    "The reasons": "理由",
    "On this page": "本页内容",
    "Why {name}?": "为什么推荐{name}？",
    "Each score is the sum of its reasons. In the bars, what speaks for an item goes right of the "
    "line, what counts against it goes left; all bars have one scale.": (
        "每个分数都是各理由之和。条形图中，竖线右侧是支持的理由，左侧是反对的理由；"
        "所有条形用同一比例。"
    ),
    "There is nothing to recommend: no item is left that this person has not had.": (
        "没有可推荐的：这个人已经看过全部作品。"
    ),
    "Kinds of reasons": "理由的种类",
    "score": "分数",
    "counts against": "减分",
    "Nothing speaks for it or against it.": "没有支持或反对它的理由。",
    "The strongest paths": "最强的路径",
    "to {name}": "到{name}",
    "Value": "数值",
    "Reason and path": "理由与路径",
    "Starts from": "出发点",
    "All {n} terms of the sum": "总和的全部{n}项",
    "{n} more": "另有{n}项",
    # what would change it
    "What would change it": "什么会改变结果",
    "Without {names} it would not be in this list, but at rank {rank}.": (
        "如果没有{names}，它就不在本列表中，而是第{rank}名。"
    ),
    "It is at rank {rank}: to {name}, the last of the first {n}, it lacks {value}.": (
        "它是第{rank}名：与前{n}名中最后的{name}相差{value}。"
    ),
    "Fewer may do.": "也许更少就够了。",
    "No small set of choices or preferences keeps it in this list.": (
        "它在列表中并不取决于少数几个选择或喜好。"
    ),
    "If “{reason}” did not count, it would fall out of this list, to rank {rank}.": (
        "如果不计“{reason}”，它会跌出本列表，降到第{rank}名。"
    ),
    "If “{reason}” did not count, it would stay at rank {rank}.": (
        "如果不计“{reason}”，它仍是第{rank}名。"
    ),
    "If “{reason}” did not count, it would be at rank {rank}.": (
        "如果不计“{reason}”，它会是第{rank}名。"
    ),
    # the graph
    "Graph": "图谱",
    "How they hang together": "它们如何相连",
    "The strongest ways through the knowledge graph to the first {n} items.": (
        "知识图谱中通向前{n}项的最强路径。"
    ),
    "The wider a line, the more it adds to the scores; dashed lines count against.": (
        "线越粗，加分越多；虚线表示减分。"
    ),
    "Swipe sideways to follow the lines.": "左右滑动可沿线查看。",
    "Drawn graph, scrolls sideways": "图谱，可左右滚动",
    "Ways from the person to the recommended items": "从用户到推荐作品的路径",
    "The same in words": "文字说明",
    # an item
    "Who would like {name}?": "谁会喜欢{name}？",
    "What is known of it": "已知的事实",
    "To whom, and why": "推荐给谁，为什么",
    "No facts: only its name.": "没有事实，只有名称。",
    "Among the first": "列表前几名",
    "People": "人数",
    "Share": "占比",
    "{n} people have not had it": "{n}人没看过",
    "{n} have": "{n}人看过",
    "Rank {rank} of their list": "在其列表中第{rank}名",
    "Those who would find it highest in their list. The reasons are worded as each of them would "
    "read them; all bars have one scale.": (
        "在列表中名次最高的人。理由按他们各自读到的方式写出；所有条形用同一比例。"
    ),
    "It is near the top of nobody's list.": "它不在任何人列表的前列。",
    # an index
    "Pages": "页面",
    "{n} pages": "{n}个页面",
    "first: {name}": "第一项：{name}",
    # the model
    "How it is made": "如何得出",
    "A score is a sum. Each term of it starts at something known of the person (a choice, a stated "
    "like or dislike), follows a path through the knowledge graph and ends at the recommended "
    "item. Nothing else enters. Where a fact was read in a text, the passage is quoted.": (
        "分数是一个总和。其中每一项都从已知的用户信息（一个选择，或说过的喜欢与不喜欢）出发，"
        "沿知识图谱中的一条路径，到达推荐的作品。没有别的因素。事实若读自文字，则引用原文。"
    ),
    "Catalogue": "目录",
    "{n} items": "{n}个作品",
    "Users": "用户",
    "{n} users": "{n}个用户",
    "{n} events": "{n}条记录",
    "Knowledge graph": "知识图谱",
    "{n} triples": "{n}个三元组",
    "{n} texts cited": "引用{n}篇文字",
    "Graph embeddings": "图嵌入",
    "{n} epochs": "{n}轮",
    "none": "无",
    "Text vectors": "文本向量",
    "Seed": "随机种子",
    "Made by": "生成工具",
}
