"""Writes the generated files: `python -m tools openapi` and `python -m tools sdk`."""

import importlib
import os
import sys

from tools.environment import ignore_aws_settings
from tools.project import PROJECT, SERVICE_VARIABLES

ignore_aws_settings()
# The files do not depend on the settings, but app.py needs some.
os.environ.update(dict.fromkeys([*SERVICE_VARIABLES, "STAGE"], "docs"))
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
os.environ["USER_POOL_ARN"] = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/docs"
modules = {"openapi": "tools.openapi", "sdk": "tools.sdk_data"}
generator = importlib.import_module(modules[sys.argv[1]])
print(generator.write().relative_to(PROJECT))
