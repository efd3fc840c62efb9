"""Reads the settings from the environment and `.env`, with a sentence for each problem."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv.parser import parse_stream
from pydantic import ValidationError

from index.models import SettingsError
from settings import ENCODING, ENV_FILE, Settings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def load(env_file: Path = ENV_FILE, **overrides: object) -> Settings:
    """Return the settings. Command line options (`overrides`) win over the environment, and that over the file.

    An empty value means the default. Relative paths start at HOME. Raises SettingsError with one sentence for
    each unknown name in the file and each invalid value.
    """
    problems = _problems_of_file(env_file) if env_file.is_file() else []
    if problems:
        raise SettingsError("\n".join(problems))
    options = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(_env_file=env_file, **options)  # type: ignore[arg-type] # the mypy plugin does not know `_env_file`
    except ValidationError as error:
        found = error.errors(include_url=False)
    raise SettingsError("\n".join(_malformed(problem["loc"], problem["msg"]) for problem in found))


def load_usable(env_file: Path = ENV_FILE, **overrides: object) -> tuple[Settings, list[str]]:
    """Return the settings, with the defaults for those that cannot be used, and a sentence for each problem."""
    problems = _problems_of_file(env_file) if env_file.is_file() else []
    readable = env_file if not any("UTF-8" in problem for problem in problems) else None
    options = {key: value for key, value in overrides.items() if value is not None}
    for _ in range(3):  # invalid values hide that values do not fit together
        try:
            return Settings(_env_file=readable, **options), problems  # type: ignore[arg-type] # as in `load`
        except ValidationError as error:
            found = error.errors(include_url=False)
        problems += [_malformed(one["loc"], one["msg"]) for one in found]
        names = {str(one["loc"][0]) for one in found if one["loc"]} or _not_fitting(found)
        options |= {name: Settings.model_fields[name].default for name in names}
    return Settings(_env_file=None, **{name: field.default for name, field in Settings.model_fields.items()}), problems


def _not_fitting(found: list[ErrorDetails]) -> set[str]:
    """Return the settings that do not fit together."""
    of_stores = any("VECTOR_STORE" in one["msg"] for one in found)
    return {"vector_store"} if of_stores else {"answer_confidence", "closest_confidence"}


def _problems_of_file(env_file: Path) -> list[str]:
    """Return a sentence for each line that would be ignored. It does not quote the line, which may be the token."""
    try:
        with env_file.open(encoding=ENCODING) as stream:
            lines = list(parse_stream(stream))
    except UnicodeDecodeError:
        return [f"{env_file.name} is not UTF-8 text; save it as UTF-8."]
    broken = [line.original.line for line in lines if line.error]
    unknown = [line.key for line in lines if line.key and line.key.lower() not in Settings.model_fields]
    return [f"Line {number} of {env_file.name} is neither NAME=value nor a comment." for number in broken] + [
        _unknown(name, env_file.name) for name in unknown
    ]


def _unknown(name: str, file: str) -> str:
    names = [field.upper() for field in Settings.model_fields]
    near = get_close_matches(name.upper(), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(names)}."
    return f"{file} sets {name}, which is not a setting: {hint}"


def _malformed(place: tuple[int | str, ...], reason: str) -> str:
    detail = reason.removeprefix("Value error, ")
    if not place:
        return f"The settings do not fit together: {detail}."
    name = str(place[0])
    meaning = Settings.model_fields[name].description
    return f"{name.upper()} cannot be used: {detail[0].lower()}{detail[1:]}. Its meaning: {meaning}"
