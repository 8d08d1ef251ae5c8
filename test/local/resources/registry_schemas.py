"""Prints what AWS's registry schemas, as cfn-lint carries them, say of the properties of the named types."""

import importlib.util
import json
import sys

# The package without what its __init__.py imports: all rules, which take a second of CPU.
sys.modules["cfnlint"] = importlib.util.module_from_spec(importlib.util.find_spec("cfnlint"))
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER


def top_level(pointers: list[str] | None) -> list[str]:
    """Names of whole properties among JSON pointers such as /properties/Name."""
    names = [pointer.split("/")[2:] for pointer in pointers or []]
    return sorted(name[0] for name in names if len(name) == 1)


def main() -> None:
    types: dict[str, object] = {}
    for name in sys.argv[1:]:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
        types[name] = {
            "properties": sorted(schema["properties"]),
            "required": sorted(schema.get("required", [])),
            "readOnly": top_level(schema.get("readOnlyProperties")),
            "createOnly": top_level(schema.get("createOnlyProperties")),
            "conditional": top_level(schema.get("conditionalCreateOnlyProperties")),
            "taggable": schema.get("tagging", {}).get("taggable", False),
            "systemTags": schema.get("tagging", {}).get("cloudFormationSystemTags", False),
        }
    json.dump(types, sys.stdout)


main()
