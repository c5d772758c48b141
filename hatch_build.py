"""Puts a bill of materials into the wheel when it is built: CycloneDX, in its folder ``.dist-info/sboms`` (PEP 770)."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.requirements import Requirement

_TARGETS = Path("plugins", "benchbox_plugins", "targets", "manifest.json")


class BillOfMaterials(BuildHookInterface):
    """Writes what the project's metadata requires, and the weights that the wheel holds. The same source, the same bytes."""

    PLUGIN_NAME = "custom"
    _folder: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the file before the wheel is put together; an editable one, which is nobody's to check, has none."""
        if version == "editable":
            return
        self._folder = Path(tempfile.mkdtemp(prefix="benchbox-sbom-"))
        path = self._folder / "benchbox-attacks.cdx.json"
        path.write_text(json.dumps(self._bill(), indent=1) + "\n", encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the file, which is in the wheel now."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _bill(self) -> dict[str, Any]:
        core = self.metadata.core
        own = f"pkg:pypi/{core.name}@{self.metadata.version}"
        extras = {text for group in core.optional_dependencies.values() for text in group}
        required = [_library(text, "required") for text in sorted(core.dependencies)]
        optional = [_library(text, "optional") for text in sorted(extras - set(core.dependencies))]
        components = [*required, *optional, *self._weights()]
        return {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "lifecycles": [{"phase": "build"}],
                "component": {
                    "type": "library",
                    "bom-ref": own,
                    "name": core.name,
                    "version": self.metadata.version,
                    "purl": own,
                    "licenses": [{"expression": core.license_expression or "MIT"}],
                },
            },
            "components": components,
            "dependencies": [{"ref": own, "dependsOn": [each["bom-ref"] for each in components]}],
        }

    def _weights(self) -> list[dict[str, Any]]:
        targets = json.loads(Path(self.root, _TARGETS).read_text(encoding="utf-8"))["targets"]
        return [
            {
                "type": "machine-learning-model",
                "bom-ref": f"target:{target['name']}",
                "name": target["file"],
                "hashes": [{"alg": "SHA-256", "content": target["sha256"]}],
            }
            for target in targets
        ]


def _library(text: str, scope: str) -> dict[str, Any]:
    """Return a requirement: which version is installed is the installer's choice, so the bill names the range."""
    asked = Requirement(text)
    return {
        "type": "library",
        "bom-ref": f"requirement:{text}",
        "name": asked.name,
        "purl": f"pkg:pypi/{asked.name.lower()}",
        "scope": scope,
        "properties": [{"name": "benchbox:versions", "value": str(asked.specifier) or "any"}],
    }
