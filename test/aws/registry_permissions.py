"""Prints what AWS's registry schemas and its service authorization reference, as cfn-lint carries them, say of permissions."""

import importlib.util
import json
import sys
from pathlib import Path

# The package without what its __init__.py imports: all rules, which take a second of CPU.
cfnlint = importlib.util.module_from_spec(importlib.util.find_spec("cfnlint"))
sys.modules["cfnlint"] = cfnlint
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

HANDLERS = ("create", "read", "update", "delete")


def permissions(type_name: str, names: tuple[str, ...]) -> list[str]:
    """The permissions of the named handlers, which CloudFormation calls with the caller's rights."""
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema["handlers"]
    return sorted({action for name in names for action in handlers.get(name, {}).get("permissions", [])})


def bound(actions: list[str]) -> dict[str, bool]:
    """Whether an action can be bound to a resource, by lower-case name."""
    file = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json"
    services = json.loads(file.read_text(encoding="utf-8"))
    found = {}
    for action in actions:
        service, name = action.split(":")
        found[action] = bool(services[service]["Actions"].get(name.lower(), {}).get("Resources"))
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    json.dump(
        {
            "permissions": {name: permissions(name, HANDLERS) for name in asked["types"]},
            "read": {name: permissions(name, ("read",)) for name in asked["types"]},
            "bound": bound(asked["actions"]),
        },
        sys.stdout,
    )


main()
