"""Builds a wheel whose labs are students' copies: the solutions stay in the repository."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudentCopies(BuildHookInterface):
    """Puts copies of labs/ without solutions and outputs into the wheel, as seglab/_labs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the copies, and tell the builder of them; an editable install has labs/ itself."""
        if version == "editable":
            return
        root = Path(self.root)
        self.folder = TemporaryDirectory()
        strip = _solutions(root).strip
        for path in sorted((root / "labs").glob("*.ipynb")):
            notebook = json.loads(path.read_text(encoding="utf-8"))
            strip(notebook)
            text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
            copy = Path(self.folder.name, path.name)
            copy.write_text(text, encoding="utf-8")
            build_data["force_include"][str(copy)] = f"seglab/_labs/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the copies again."""
        if version != "editable":
            self.folder.cleanup()


def _solutions(root: Path) -> Any:
    """The module seglab.course.solutions, which needs nothing of seglab to be installed."""
    spec = spec_from_file_location("solutions", root / "seglab" / "course" / "solutions.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError("seglab/course/solutions.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
