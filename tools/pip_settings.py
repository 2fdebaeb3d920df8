"""The user's pip settings that define package sources.

A company's index, proxy or certificate must work. Other settings (`user = true`, a target folder,
constraints, a dry run) are left out, because they change what is installed.

It imports only the standard library, because the set-up uses it before anything is installed.
"""

import configparser
import json
import os
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tools import CommandError
from tools.environment import without_variables

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
    """Return an environment in which pip has the user's package sources and no other settings.

    `python` is the interpreter of that pip. Python's own variables, such as PYTHONPATH, are left
    out. Raises CommandError if a configuration file cannot be read.
    """
    options = _options_in_files(python, environment) | {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environment.items()
        if name.startswith("PIP_") and value  # pip ignores empty variables, too
    }
    settings = {
        f"PIP_{option.upper().replace('-', '_')}": value
        for option, value in options.items()
        if option in _SOURCE_OPTIONS
    }
    return {
        **without_variables(environment, "PIP_", "PYTHON"),
        **settings,
        "PIP_CONFIG_FILE": os.devnull,  # read no configuration file
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def uv_options(pip: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Return the options of uv for the package sources of `pip_environment`.

    uv does not read pip's settings. An index in uv's own variables or in `uv.toml` takes
    precedence.
    """
    options = ["--index-strategy=unsafe-best-match"]  # as pip does; the hashes protect
    uv_indexes = _uv_index_options(environment)
    options += uv_indexes
    if not uv_indexes and not any(
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
    result = without_variables(pip, "UV_", "PIP_")
    result |= {
        name: value for name, value in environment.items() if name.startswith(_UV_SOURCE_VARIABLES)
    }
    for variable, option in {
        "SSL_CERT_FILE": "PIP_CERT",
        "SSL_CLIENT_CERT": "PIP_CLIENT_CERT",
        "HTTPS_PROXY": "PIP_PROXY",
        "HTTP_PROXY": "PIP_PROXY",
    }.items():
        if pip.get(option):
            result[variable] = pip[option]
    return result


def _uv_index_options(environment: Mapping[str, str]) -> list[str]:
    """Return the indexes in uv's configuration file, as options.

    https://docs.astral.sh/uv/concepts/configuration-files/
    """
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    config_file = environment.get("UV_CONFIG_FILE")
    files = [Path(config_file)] if config_file else [home / "uv/uv.toml", Path("/etc/uv/uv.toml")]
    options = []
    for file in files:
        try:
            settings = tomllib.loads(file.read_text())
        except (OSError, ValueError):
            continue  # then pip's settings are used
        for table in (settings, settings.get("pip", {})):
            if url := table.get("index-url"):
                options.append(f"--default-index={url}")
            options += [f"--index={url}" for url in table.get("extra-index-url", [])]
            for index in table.get("index", []):
                option = "--default-index" if index.get("default") else "--index"
                options.append(f"{option}={index['url']}")
    return options


def _options_in_files(python: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options in pip's configuration files. The section `install` takes precedence."""
    parser = configparser.RawConfigParser()
    for path in _config_files(python, environment):
        try:
            parser.read(path)
        except (configparser.Error, UnicodeDecodeError) as error:
            raise CommandError(f"pip's settings in {path} cannot be read: {error}") from None
    sections = [dict(parser[name]) for name in ("global", "install") if name in parser]
    return {name.replace("_", "-"): options[name] for options in sections for name in options}


def _config_files(python: str, environment: Mapping[str, str]) -> list[str]:
    """Return pip's configuration files; later ones take precedence.

    `pip config list` can fail because of the settings in the files.
    """
    config_file = environment.get("PIP_CONFIG_FILE")
    if config_file == os.devnull:
        return []
    code = (
        "import json; from pip._internal.configuration import get_configuration_files as files; "
        "print(json.dumps(files()))"
    )
    process = subprocess.run(
        [python, "-c", code],
        env=without_variables(environment, "PIP_", "PYTHON"),
        capture_output=True,
        text=True,
        check=True,
    )
    files = json.loads(process.stdout)
    if config_file and Path(config_file).exists():
        return [*files["global"], *files["site"], config_file]  # pip skips the user's file, too
    return [*files["global"], *files["user"], *files["site"]]
