"""Studies of optuna: made, or read from a file and gone on with."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING

from kg_rec.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import optuna

__all__ = ["open_study", "quiet_optuna"]


def open_study(
    path: str | Path | None, task: str, start: Mapping[str, float], seed: int
) -> optuna.Study:
    """Return a new study, or the one that a file keeps.

    Args:
        path: The SQLite file; None keeps the study in memory.
        task: Digits that tell what is studied from all else.
        start: The parameters of the first trial.
        seed: Of the sampler.

    Raises:
        ConfigError: The file keeps no study, or one of something else.
    """
    import optuna  # noqa: PLC0415 - heavy
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - comes with optuna

    storage = None if path is None else f"sqlite:///{path}"
    try:
        study = optuna.create_study(
            study_name="kg-rec",
            direction="maximize",
            storage=storage,
            load_if_exists=True,
            pruner=optuna.pruners.SuccessiveHalvingPruner(reduction_factor=3),
        )
    except SQLAlchemyError as error:
        raise ConfigError(f"{path}: keeps no study: {str(error).splitlines()[0]}") from None
    if study.user_attrs.get("task", task) != task:
        raise ConfigError(f"{path}: keeps a study of other data or settings; name a new file")
    study.set_user_attr("task", task)
    study.sampler = optuna.samplers.TPESampler(
        seed=seed + len(study.trials), multivariate=True, constant_liar=False
    )
    if not study.trials:
        study.enqueue_trial(dict(start))
    return study


@contextlib.contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep optuna from logging each trial, and from warning of its newer parts."""
    import optuna  # noqa: PLC0415 - heavy

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
