"""The user's pip settings, reduced to those that say where packages come from.

A company's index, proxy or certificate must work. Everything else in pip's variables and
configuration files (`user = true`, a target folder, constraints, a dry run) would change what a
command of this project installs, so it is left out.

Standard library only: the set-up runs this before anything is installed.
"""

import ast
import os
import re
import subprocess
from collections.abc import Mapping

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
    PYTHONPATH, are left out too. Raises CalledProcessError if pip cannot read the files.
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

    uv reads no settings of pip. If the user has set uv's own index variables, they win, and only
    the rest is handed over.
    """
    has_own_index = any(name.startswith(("UV_DEFAULT_INDEX", "UV_INDEX")) for name in environment)
    options = ["--index-strategy=unsafe-best-match"]  # as pip does; the hashes decide
    if not has_own_index:
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


def _in_files(python: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options in pip's configuration files; those for `install` win."""
    quiet = without(environment, "PIP_", "PYTHON")
    if "PIP_CONFIG_FILE" in environment:
        quiet["PIP_CONFIG_FILE"] = environment["PIP_CONFIG_FILE"]
    listed = subprocess.run(
        # The files themselves may ask for silence.
        [python, "-m", "pip", "config", "list", "-vvv"],
        env=quiet,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options: dict[str, str] = {}
    for section in ("global", "install"):
        for option, value in re.findall(rf"^{section}\.([\w-]+)=(['\"].*)$", listed, re.MULTILINE):
            options[option] = str(ast.literal_eval(value))
    return options


def _in_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options in pip's variables. Empty ones do not count, as for pip."""
    return {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in environment.items()
        if name.startswith("PIP_") and value
    }
