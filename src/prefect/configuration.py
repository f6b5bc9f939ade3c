"""The settings: defaults, user file, backend file and environment, read once and laid over one another.

The later wins: the package's config.toml; the user file (~/.prefect/config.toml, or the path in
PREFECT__USER_CONFIG_PATH); the backend file (~/.prefect/backend.toml, or PREFECT__BACKEND_CONFIG_PATH);
environment variables such as PREFECT__FLOWS__CHECKPOINTING.
"""

import datetime
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from prefect.exceptions import ConfigurationError
from prefect.utilities.collections import AttributeDict

DEFAULT_CONFIG = os.path.join(os.path.dirname(__file__), "config.toml")
USER_CONFIG = "~/.prefect/config.toml"
BACKEND_CONFIG = "~/.prefect/backend.toml"
ENV_VAR_PREFIX = "PREFECT"

HOSTED_DOMAIN = "prefect.io"

# The innermost reference, so that `${${backend}.endpoint}` is filled in from the inside out.
_REFERENCE = re.compile(r"\$\{([^${}]+)\}")
_REFERENCE_DEPTH = 10

# Stands for the `$` of a reference that stays, so that it is not looked at again; no setting can contain it.
_STAYS = "\0"

# What text must begin with to be a Python literal other than a bare word.
_LITERAL_START = frozenset("0123456789+-.'\"([{bBrRuU")

Path = tuple[str, ...]


class Config(AttributeDict):
    """The settings, as a dictionary whose items are also its attributes: `config.flows.checkpointing`."""

    __slots__ = ()


def string_to_type(val: str) -> Any:
    """The Python value that `val` spells: true, 1, 1.5, None, [1, 2], {"a": 1}, 'text'; anything else as it is."""
    upper = val.upper()
    if upper == "TRUE":
        return True
    if upper == "FALSE":
        return False
    if val == "None":
        return None
    if val.lstrip()[:1] not in _LITERAL_START:
        return val
    import ast

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of odd escapes in what is only somebody's text
            return ast.literal_eval(val.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return val


def interpolate_env_vars(env_var: Any) -> Any:
    """Text with `$NAME` and a leading `~` filled in, until there are none left; other values as they are."""
    if not isinstance(env_var, str):
        return env_var
    for _ in range(_REFERENCE_DEPTH):
        filled = os.path.expanduser(os.path.expandvars(env_var))
        if filled == env_var:
            break
        env_var = filled
    return env_var


def load_toml(path: str) -> dict[str, Any]:
    """The content of a TOML file; `ConfigurationError` where it is none."""
    import tomllib

    with open(os.path.expanduser(os.path.expandvars(path)), "rb") as file:
        content = file.read()
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The configuration file {path} is not valid TOML ({error}). Correct it, or move it away."
        ) from None


def _leaves(section: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    for key, value in section.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _lay_over(flat: dict[Path, Any], path: Path, value: Any) -> None:
    """Set one leaf; it replaces the section, or stands where the value stood, that `path` runs into."""
    if path not in flat:
        for other in [other for other in flat if other[: len(path)] == path or path[: len(other)] == other]:
            del flat[other]
    flat[path] = value


def _environment_path(name: str, prefix: str) -> Path:
    path = tuple(name.removeprefix(prefix + "__").split("__"))
    lowered = tuple(part.lower() for part in path)
    if lowered[:2] == ("context", "secrets"):
        return lowered[:2] + path[2:]
    return lowered


def _fill_in_references(flat: dict[Path, Any]) -> None:
    """Replace every `${a.b}` by the value of that key; a text that is one reference takes the value with its type.

    A key that does not exist reads as empty text. A reference back to a key that is being filled in stays as it is
    written: there is no value to take.
    """
    with_references = [path for path, value in flat.items() if isinstance(value, str) and "${" in value]
    waiting = set(with_references)
    being_filled: set[Path] = set()
    names = {".".join(path): path for path in flat}

    def value_of(name: str) -> Any:
        path = names.get(name)
        if path is None:
            return ""
        if path in being_filled:
            return f"{_STAYS}{{{name}}}"
        if path in waiting:
            waiting.discard(path)
            being_filled.add(path)
            flat[path] = filled(flat[path])
            being_filled.discard(path)
        return flat[path]

    def filled(text: str) -> Any:
        for _ in range(_REFERENCE_DEPTH):
            whole = _REFERENCE.fullmatch(text)
            if whole:
                return value_of(whole[1])
            replaced = _REFERENCE.sub(lambda match: str(value_of(match[1])), text)
            if replaced == text:
                break
            text = replaced
        return text

    for path in with_references:
        value_of(".".join(path))
    for path in with_references:
        if isinstance(flat[path], str):
            flat[path] = flat[path].replace(_STAYS, "$")


def _nested(flat: Mapping[Path, Any]) -> Config:
    config = Config()
    for path, value in flat.items():
        section = config
        for key in path[:-1]:
            section = section.setdefault(key, Config())
        section[path[-1]] = value
    return config


def interpolate_config(config: dict[str, Any], env_var_prefix: str | None = None) -> Config:
    """A `Config` of `config`, laid over with the environment, with its texts typed and its references filled in."""
    flat: dict[Path, Any] = {}
    for path, value in _leaves(config):
        flat[path] = string_to_type(interpolate_env_vars(value)) if isinstance(value, str) else value

    if env_var_prefix:
        start = env_var_prefix + "__"
        for name in sorted(name for name in os.environ if name.startswith(start) and len(name) > len(start)):
            value = string_to_type(interpolate_env_vars(os.environ[name]))
            _lay_over(flat, _environment_path(name, env_var_prefix), value)

    _fill_in_references(flat)
    return _nested(flat)


def validate_config(config: Mapping[str, Any]) -> None:
    """Refuse keys that could not be read as attributes, being methods of `Config`."""
    reserved = frozenset(dir(dict)) | frozenset(vars(AttributeDict))
    for path, _ in _leaves(config):
        for key in path:
            if key in reserved:
                raise ConfigurationError(f'Invalid config key: "{key}"')


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = _merged(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def load_configuration(
    path: str,
    user_config_path: str | None = None,
    backend_config_path: str | None = None,
    env_var_prefix: str | None = None,
) -> Config:
    """The settings of the file at `path`, laid over with the other two files where they exist, then the environment."""
    settings = load_toml(path)
    for over in (user_config_path, backend_config_path):
        if over and os.path.isfile(os.path.expanduser(os.path.expandvars(over))):
            settings = _merged(settings, load_toml(over))
    config = interpolate_config(settings, env_var_prefix=env_var_prefix)
    validate_config(config)
    return config


def process_task_defaults(config: Config) -> Config:
    """Give `tasks.defaults` its types: `max_retries` a number, `retry_delay` a timedelta (from seconds) or None."""
    defaults = config.setdefault("tasks", {}).setdefault("defaults", {})
    if not defaults.setdefault("max_retries", 0):
        defaults.max_retries = 0
    delay = defaults.setdefault("retry_delay", None)
    if delay is None or delay is False:
        defaults.retry_delay = None
    elif not isinstance(delay, datetime.timedelta):
        defaults.retry_delay = datetime.timedelta(seconds=delay)
    if not defaults.setdefault("timeout", None):
        defaults.timeout = None
    return config


def user_config_path() -> str:
    """Where the user file of this process is looked for."""
    return os.environ.get("PREFECT__USER_CONFIG_PATH", USER_CONFIG)


def backend_config_path() -> str:
    """Where the backend file of this process is looked for."""
    return os.environ.get("PREFECT__BACKEND_CONFIG_PATH", BACKEND_CONFIG)


def load_default_config() -> Config:
    """The settings of this process, read anew."""
    config = load_configuration(
        path=DEFAULT_CONFIG,
        user_config_path=user_config_path(),
        backend_config_path=backend_config_path(),
        env_var_prefix=ENV_VAR_PREFIX,
    )
    return process_task_defaults(config)


def create_user_config(dest_path: str, source_path: str = DEFAULT_CONFIG) -> None:
    """Copy the file of defaults to `dest_path`, to start a user file from; ValueError where a file is there already."""
    dest_path = os.path.expanduser(os.path.expandvars(dest_path))
    if os.path.isfile(dest_path):
        raise ValueError(f"File already exists: {dest_path}")
    os.makedirs(os.path.dirname(dest_path) or ".", exist_ok=True)
    with open(source_path, encoding="utf-8") as source, open(dest_path, "x", encoding="utf-8") as destination:
        destination.write(source.read())


def to_environment_variables(
    config: Config, include: Iterable[str] | None = None, prefix: str = ENV_VAR_PREFIX
) -> dict[str, str]:
    """The environment variables that would set `config`, or the dotted keys of it named in `include`."""
    wanted = None if include is None else set(include)
    variables = {}
    for path, value in _leaves(config):
        if isinstance(value, dict) or (wanted is not None and ".".join(path) not in wanted):
            continue
        if path[:2] == ("context", "secrets"):
            path = ("CONTEXT", "SECRETS", *path[2:])
        else:
            path = tuple(key.upper() for key in path)
        variables["__".join((prefix, *path))] = str(value)
    return variables


def _is_hosted(url: object) -> bool:
    if not isinstance(url, str):
        return False
    try:
        host = urlsplit(url if "//" in url else "//" + url).hostname or ""
    except ValueError:
        return False
    return host == HOSTED_DOMAIN or host.endswith("." + HOSTED_DOMAIN)


def hosted_service_problem(config: Mapping[str, Any]) -> str | None:
    """One line that says why the backend of `config` cannot be used and the way out, where it is the hosted service.

    None for every other backend. Nothing is asked over the network: that service is gone, and waiting for it would
    only look like a hang.
    """
    backend = config.get("backend")
    cloud = config.get("cloud") or {}
    api = cloud.get("api")
    if not _is_hosted(api):
        return None
    if backend == "cloud":
        selected, way_out = (
            'backend = "cloud"',
            f"Run `prefect backend embedded` (or set `backend` in {user_config_path()})",
        )
        if "PREFECT__BACKEND" in os.environ:
            selected, way_out = "PREFECT__BACKEND=cloud", "Set PREFECT__BACKEND=embedded"
    elif "PREFECT__CLOUD__API" in os.environ:
        selected, way_out = "PREFECT__CLOUD__API", "Unset it"
    else:
        selected, way_out = "`cloud.api`", f"Remove it from {user_config_path()}"
    return (
        f"{api}, selected by {selected}, was the hosted service and no longer exists. "
        f'{way_out} to record runs in a local file, or use "server" with a server of your own.'
    )


config: Config = load_default_config()
