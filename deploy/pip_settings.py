"""The user's pip settings, reduced to those that say where packages come from.

A company's index, proxy or certificate must work. Everything else in pip's variables and
configuration files (`user = true`, a target folder, constraints, a dry run) would change what a
command of this project installs, so it is left out.

Standard library only: the set-up runs this before anything is installed.
"""

import configparser
import json
import os
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

from deploy import CommandError
from deploy.environment import without

# Options of pip, https://pip.pypa.io/en/stable/topics/configuration/, by their long names.
_SOURCE_OPTIONS = {
    *("index-url", "extra-index-url", "no-index", "find-links", "keyring-provider"),
    *("cert", "client-cert", "trusted-host", "proxy", "use-feature"),
    *("timeout", "default-timeout", "retries", "resume-retries", "cache-dir", "no-cache-dir"),
}
_UV_SOURCE_VARIABLES = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_OFFLINE"),
    *("UV_KEYRING_PROVIDER", "UV_CREDENTIALS_DIR", "UV_INSECURE_HOST", "UV_NATIVE_TLS"),
    *("UV_SYSTEM_CERTS", "UV_HTTP_", "UV_CACHE_DIR", "UV_NO_CACHE", "UV_LINK_MODE"),
)
_OFF = {"", "0", "false", "no", "off"}


def pip_environment(python: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pip knows the user's package sources and no other settings.

    `python` is the interpreter whose pip reads the configuration files. Its own settings, such as
    PYTHONPATH, are left out too. Raises CommandError if a file cannot be read.
    """
    options = _in_files(python, environment) | _in_variables(environment)
    settings = {
        f"PIP_{option.upper().replace('-', '_')}": value
        for option, value in options.items()
        if option in _SOURCE_OPTIONS
    }
    return {
        **without(environment, "PIP_", "PYTHON"),
        **settings,
        "PIP_CONFIG_FILE": os.devnull,  # pip then reads no configuration file at all
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def uv_options(pip: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Return the options that tell uv the package sources of `pip_environment`.

    uv reads no settings of pip. An index in the user's settings for uv wins over pip's: in its
    variables, or in `uv.toml`, whose other settings are left out.
    """
    options = ["--index-strategy=unsafe-best-match"]  # as pip does; the hashes decide
    own = _in_uv_files(environment)
    options += own
    if not own and not any(
        name.startswith(("UV_DEFAULT_INDEX", "UV_INDEX")) for name in environment
    ):
        options += [f"--default-index={url}" for url in pip.get("PIP_INDEX_URL", "").split()[-1:]]
        options += [f"--index={url}" for url in pip.get("PIP_EXTRA_INDEX_URL", "").split()]
    options += [f"--find-links={place}" for place in pip.get("PIP_FIND_LINKS", "").split()]
    options += [f"--allow-insecure-host={host}" for host in pip.get("PIP_TRUSTED_HOST", "").split()]
    if pip.get("PIP_NO_INDEX", "").lower() not in _OFF:
        options.append("--no-index")
    if pip.get("PIP_NO_CACHE_DIR", "").lower() not in _OFF:
        options.append("--no-cache")
    return options


def uv_environment(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which uv has the user's package sources and no other settings."""
    own = {name: environment[name] for name in environment if name.startswith(_UV_SOURCE_VARIABLES)}
    result = without(pip, "UV_", "PIP_") | own
    for option, variables in {
        "PIP_CERT": ["SSL_CERT_FILE"],
        "PIP_CLIENT_CERT": ["SSL_CLIENT_CERT"],
        "PIP_PROXY": ["HTTPS_PROXY", "HTTP_PROXY"],
    }.items():
        if pip.get(option):
            result |= dict.fromkeys(variables, pip[option])
    return result


def _in_uv_files(environment: Mapping[str, str]) -> list[str]:
    """Return the indexes in uv's own configuration file, as options.

    https://docs.astral.sh/uv/concepts/configuration-files/
    """
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    named = environment.get("UV_CONFIG_FILE")
    files = [Path(named)] if named else [home / "uv/uv.toml", Path("/etc/uv/uv.toml")]
    options = []
    for file in files:
        try:
            settings = tomllib.loads(file.read_text())
        except (OSError, ValueError):
            continue  # the user's uv would not get far either; pip has its own settings
        for table in (settings, settings.get("pip", {})):
            if url := table.get("index-url"):
                options.append(f"--default-index={url}")
            options += [f"--index={url}" for url in table.get("extra-index-url", [])]
            for index in table.get("index", []):
                kind = "--default-index" if index.get("default") else "--index"
                options.append(f"{kind}={index['url']}")
    return options


def _in_files(python: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options in pip's configuration files; those for `install` win."""
    parser = configparser.RawConfigParser()
    for path in _files(python, environment):
        try:
            parser.read(path)
        except (configparser.Error, UnicodeDecodeError) as error:
            raise CommandError(f"pip's settings in {path} cannot be read: {error}") from None
    sections = [dict(parser[name]) for name in ("global", "install") if name in parser]
    return {name.replace("_", "-"): each[name] for each in sections for name in each}


def _files(python: str, environment: Mapping[str, str]) -> list[str]:
    """Return pip's configuration files; later ones win.

    `pip config list` would do it, but the settings in the files can make that fail.
    """
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    code = (
        "import json; from pip._internal.configuration import get_configuration_files as files; "
        "print(json.dumps(files()))"
    )
    found = subprocess.run(
        [python, "-c", code],
        env=without(environment, "PIP_", "PYTHON"),
        capture_output=True,
        text=True,
        check=True,
    )
    files = json.loads(found.stdout)
    if named and Path(named).exists():
        return [*files["global"], *files["site"], named]  # as pip, without the user's
    return [*files["global"], *files["user"], *files["site"]]


def _in_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options in pip's variables. Empty ones do not count, as for pip."""
    return {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environment.items()
        if name.startswith("PIP_") and value
    }
