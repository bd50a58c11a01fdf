"""Run by a kit's own Python: writes which of its source files are loaded, as paths below the kit's folder, one a line.

Loaded is every module of steeliq and every module that it names, and what these import.
"""

import ast
import contextlib
import importlib
import os
import sys
from pathlib import Path

import steeliq


def named(package: Path) -> set[str]:
    """Every module of a package, and every name it imports from anywhere, also within functions."""
    found = set()
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if parts[-1] == "__main__":
            continue
        found.add(".".join(parts).removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def main() -> None:
    """Import it all, then write what that loaded."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "steeliq.webui.settings"
    import django

    django.setup()
    for name in sorted(named(Path(steeliq.__path__[0]))):
        with contextlib.suppress(ImportError):  # functions and classes are named too, and modules of other systems
            importlib.import_module(name)
    base = Path(sys.prefix).resolve()
    files = {
        Path(file).resolve() for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))
    }
    sys.stdout.writelines(f"{file.relative_to(base)}\n" for file in sorted(files) if file.is_relative_to(base))


if __name__ == "__main__":
    main()
