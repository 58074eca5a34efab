"""Signs in English of what somebody wants of a dialogue."""

from __future__ import annotations

import re

from kg_rec.dialogue.english_words import any_of
from kg_rec.dialogue.marking import ITEM

__all__ = [
    "ASKS",
    "BAD",
    "COMPARING",
    "DENIED",
    "GOOD",
    "HELP",
    "HIDE",
    "HIGHER",
    "LOWER",
    "MORE_LIKE",
    "NOUNS",
    "NO_VERDICT",
    "PROFILE",
    "RESET",
    "SEEN",
    "SHOW",
    "SOMETHING",
    "THAT",
    "TO_MACHINE",
    "UNDO",
    "WHY",
]

RESET = any_of(
    r"start(?:ing)? (?:all )?(?:over|again|afresh|anew|from scratch|fresh)",
    r"from scratch",
    r"reset",
    r"forget (?:all|everything|what i|about (?:all|everything|what)|it all|the lot)",
    r"clear (?:everything|all|my|the)",
    r"new (?:search|session|conversation|start)",
    r"begin again",
    r"wipe",
    r"fresh start",
)
UNDO = any_of(
    r"undo",
    r"undone",
    r"(?:take|took) (?:that|it|this|the last one) back",
    r"take back (?:that|it|this|the last|what)",
    r"go(?:ing)? back",
    r"revert",
    r"(?:scrap|scratch|cancel|ignore|reverse) (?:that|the last|it|my last)",
    r"never ?mind(?: that)?",
    r"i did not mean (?:that|to)",
    r"(?:one )?step back",
    r"back one",
    r"roll ?back",
    r"bring (?:it|that|that one) back",
    r"that was a mistake",
)
PROFILE = any_of(
    r"know(?:n)? (?:about|of) (?:me|my)",
    r"my (?:profile|tastes?|preferences|data)",
    r"(?:learn(?:ed|t)|remember(?:ed)?|stored?|noted|gathered|saved?|have|got|hold) (?:about|on)"
    r" me",
    r"(?:think|know|learned|believe|remember) (?:that )?i (?:like|love|enjoy|prefer|want)",
    r"what (?:do|did|have) i (?:like|liked|love|say|said|told)",
    r"what i (?:like|told you|said)",
    r"who am i",
    r"what do you know(?: so far)?$",
)
SHOW = any_of(
    r"(?:show|list|repeat|display|read|print|see|give)(?: me)?(?: out)? (?:the|my|that|this)"
    r"(?: whole| current| full| last| updated| new)? (?:list|recommendations|suggestions|results)",
    r"(?:what is|what was|what are|whats) (?:left |still )?(?:on|in) (?:the|my) list",
    r"(?:the|my) (?:current |whole |full )?list(?: again| now| please)?$",
    r"(?:show|list|repeat|see|say)(?: me)? (?:them|those|it|that|these|all)(?: all)?"
    r"(?: again| once more| please)*$",
    r"show(?: me)? again",
    r"(?:^|please )repeat",
    r"what did you (?:recommend|suggest|say)",
    r"what were (?:they|those|the)",
    r"where were we",
    r"current list",
    r"list again",
    r"^(?:show|see|give)(?: me)? list$",
    r"^(?:show|tell) me what is left$",
    r"^again$",
    r"which (?:ones|films|movies) did you (?:suggest|recommend|list|show)",
    r"(?:^)list$",
)
HELP = any_of(
    r"^help(?: me)?(?: please)?$",
    r"^(?:please )?help$",
    r"(?:need|want) (?:some )?help$",
    r"what can (?:you|i|this) (?:do|ask|say|tell|type)",
    r"what (?:do|can|should|could) i (?:say|ask|type|tell)",
    r"how (?:do|does|can|should|would) (?:i|this|it|that|you) (?:use|work|talk|ask|function)",
    r"how to use",
    r"what are you(?: for)?$",
    r"what (?:kinds?|sorts?) of (?:things|questions)",
    r"instructions",
    r"^commands$",
    r"what are you able to",
    r"how can you help",
    r"what are my options",
    r"what else can (?:i|you) (?:ask|do|say)",
)
WHY = any_of(
    r"why",
    r"how come",
    r"what makes",
    r"what made",
    r"reasons?",
    r"explain",
    r"justify",
    r"explanation",
    r"what speaks for",
    r"on what grounds",
    r"what puts",
    r"doing (?:on|in) (?:my|the) list",
    r"for what reason",
)
HIGHER = any_of(
    r"above",
    r"over",
    r"before",
    r"ahead of",
    r"higher(?: up)?",
    r"better",
    r"beat(?:s|en)?",
    r"rather than",
    r"instead of",
    r"(?:and|but) not",
    r"outranks?",
    r"preferred",
    r"prefer",
    r"than",
    r"in front of",
    r"first",
    r"on top of",
    r"win(?:s|ning)?",
    r"and",
)
LOWER = any_of(
    r"below",
    r"under",
    r"behind",
    r"lower(?: down)?(?: than)?",
    r"after",
    r"beaten by",
    r"worse",
    r"beneath",
    r"lose(?:s)? to",
    r"further down",
)
DENIED = any_of(
    r"not",
    r"missing",
    r"absent",
    r"left out",
    r"leave out",
    r"excluded?",
    r"skip(?:ped)?",
    r"omit(?:ted)?",
    r"never",
    r"without",
    r"no",
)
COMPARING = any_of(
    r"compare", r"have that", r"versus", r"vs", r"differences? between", r"better than"
)
MORE_LIKE = re.compile(
    r"(?:\bmore|\banother(?: one)?|\bothers?|\banything else|\bsomething else)"
    r"(?: (?!than)[\w']+){0,3}? (?:like|similar to|in the (?:style|vein|spirit) of"
    r"|along the lines of|such as|of|resembling|as) (?P<item>" + ITEM + ")"
)
HIDE = any_of(
    r"hide",
    r"remove",
    r"delete",
    r"drop",
    r"take (?:<\w+-?\d*> )?(?:off|out|away)",
    r"get rid of",
    r"block",
    r"never (?:ever )?(?:show|recommend|suggest|give|offer)",
    r"do not (?:ever )?(?:want to see|want|show|recommend|suggest|give|offer|list|need)",
    r"stop (?:showing|recommending|suggesting)",
    r"not interested",
    r"no interest",
    r"banish",
    r"ban",
    r"kick (?:<\w+-?\d*> )?out",
    r"(?:throw|chuck|toss) (?:<\w+-?\d*> )?(?:out|away)",
    r"lose(?= <)",
    r"not <[ip]-?\w+> again",
    r"leave <\w+-?\d*> out",
    r"leave out",
    r"skip",
    r"^not <(?:it|p-?\d+|i\d+)>(?: please)?$",
    r"away with",
    r"not (?:show|recommend|suggest)",
)
SEEN = any_of(
    r"seen",
    r"watched",
    r"saw",
    r"i (?:already )?know",
    r"already (?:know|knew|read|heard|own|have|had|played|finished)",
    r"(?:have|has) (?:already )?(?:read|heard|played|finished|visited)",
    r"i (?:have )?(?:read|heard)",
    r"(?:read|heard|played) <\w+-?\d*> (?:already|before|last|twice|once)",
    r"know <\w+-?\d*> already",
    r"listened to",
)
BAD = any_of(
    r"not (?:really |particularly |much |even |at all )?(?:like|love|enjoy|care|for me|my|a fan"
    r"|keen|fond|good|great|into|impressed|bother)",
    r"(?:did|do) not (?:really |much |particularly )?(?:like|love|enjoy|care|do it|work)",
    r"hate[ds]?",
    r"dislike[ds]?",
    r"awful|terrible|boring|bored|bad|overrated|rubbish|dull|worst|horrible|stupid|dreadful",
    r"disappoint(?:ing|ed|ment)",
    r"(?:can|could) not (?:stand|bear|finish|get into)",
    r"thumbs down",
    r"suck(?:s|ed)?",
    r"meh",
    r"waste of time",
    r"detest(?:ed)?|loathe[d]?",
    r"no good",
)
GOOD = any_of(
    r"(?:i|we|and|also|really|quite|do|did|rather|absolutely|actually) (?:like|love|enjoy|adore)",
    r"liked|loved|adored?|enjoyed",
    r"love",
    r"great|brilliant|amazing|fantastic|excellent|wonderful|good|superb|perfect|awesome|fabulous",
    r"favou?rites?",
    r"masterpiece",
    r"thumbs up",
    r"fan of",
    r"best",
    r"(?:big|huge) fan",
    r"lovely|beautiful|terrific",
)
NO_VERDICT = re.compile(
    r"^(?:(?:have|did|do|can|could|would|will) you|is|was|are|were|what|which|who|where|when|how)\b"
)
THAT = r"(?:(?:the|that|this) (?:very )?)?"
_OFFERED = r"(?:recommendation|suggestion|pick|list|advice|top|choice|tip|best|first|next)"
TO_MACHINE = re.compile(
    r"^(?:how|what|who|where|when|which)(?: \w+){0,2} (?:are|is|was|were) you\b"
    rf"|^(?:how|what|who|where|when|which)(?: \S+){{0,2}} (?:is|are|was|were) your\b(?! {_OFFERED})"
    r"|^(?:are|were) you\b(?! (?:able|going|sure|saying|suggesting|recommending))"
    r"|^who (?:\w+ ){1,2}you(?: (?:up|first|for|in|here))?(?: [?.!])*$"
    r"|^(?:when|where|who) (?:do|did|can) you\b"
    r"(?! (?:say|think|know|recommend|suggest|mention|have|find|list|show|read))"
    r"|^(?:what|who)(?: \S+){0,2} do you (?:like|love|enjoy|prefer|hate|eat|feel|want|look)\b"
    r"|^do you (?:like|love|enjoy|hate|sleep|eat|dream|feel|live|speak|get tired)\b"
)
"""Questions to the machine itself, without names of items."""
NOUNS = "one|ones|film|movie|item|title|result|recommendation|suggestion|pick|entry|option|choice"
SOMETHING = any_of(
    r"(?:some|any)thing(?! to (?:eat|drink|wear|do))",
    r"ones?(?= |$)",
    r"recommendations|suggestions",
)
ASKS = re.compile(r"(?:what|who|when|where|how|which|is|was|does|did|(?:can|could) (?:you|i|we))\b")
