"""The settings of a stage in Chalice's own config."""

import json
import shutil
from pathlib import Path

from deploy import project


def test_stage_is_recorded_in_chalices_config(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    shutil.copy(project.CHALICE_CONFIG, config)
    variables = project.service_environment(
        "the-table", "the-shops", "arn:aws:cognito-idp:x:1:userpool/pool", "client"
    )
    project.record_variables("dev", variables, config)
    stages = json.loads(config.read_text())["stages"]
    assert stages["dev"]["environment_variables"] == {
        "STAGE": "dev",
        "ORDERS_TABLE": "the-table",
        "SHOPS_TABLE": "the-shops",
        "USER_POOL_ARN": "arn:aws:cognito-idp:x:1:userpool/pool",
        "CLIENT_ID": "client",
    }
    assert stages["prod"] == json.loads(project.CHALICE_CONFIG.read_text())["stages"]["prod"]
    before = config.read_text()
    project.record_variables("dev", variables, config)
    assert config.read_text() == before
