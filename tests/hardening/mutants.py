"""Changes a module in one place at a time and counts the changes that its tests notice.

    python tests/hardening/mutants.py MODULE TEST ... [--every N] [--floor 0.8] [--seconds 60]
    python tests/hardening/mutants.py bodycopy.page tests/test_page.py tests/hardening/test_silence.py

A change (mutant) turns round a comparison or a condition, moves a number by one, leaves out a
statement or an argument, returns None, empties a string. Each runs the tests, up to the first
that fails, in a process forked from one that has everything loaded; nothing on the disk is
changed. A mutant that takes `--seconds` of CPU time counts as noticed. Survivors are printed to
be read: each is a missing test, or a change that makes no difference. Exits with 1 below the floor.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from importlib.readers import FileReader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"

_OTHER: dict[type[ast.AST], Callable[[], ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip


class Mutant:
    """A change: `apply` makes it in the tree that it was found in, and `undo` takes it back."""

    def __init__(self, line: int, what: str, owner: ast.AST, name: str, at: int | None, new: object) -> None:
        self.line, self.what = line, what
        self._owner, self._name, self._at, self._new = owner, name, at, new
        self._old: object = None

    def apply(self) -> None:
        self._old = self._swap(self._new)

    def undo(self) -> None:
        self._swap(self._old)

    def _swap(self, value: object) -> object:
        if self._at is None:
            old = getattr(self._owner, self._name)
            setattr(self._owner, self._name, value)
            return old
        values = getattr(self._owner, self._name)
        old, values[self._at] = values[self._at], value
        return old


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    """Every change, in the order of the lines."""
    found: list[Mutant] = []
    for owner, name, at, node in _walk(tree):
        line = getattr(node, "lineno", getattr(owner, "lineno", 0))

        def add(what: str, new: object) -> None:
            found.append(Mutant(line, what, owner, name, at, new))  # noqa: B023

        if other := _OTHER.get(type(node)):
            add(f"{type(node).__name__} to {other.__name__}", other())
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            negated = ast.UnaryOp(ast.Not(), node.test)
            found.append(Mutant(line, "condition turned round", node, "test", None, negated))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            add("not left out", node.operand)
        elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
            found.append(Mutant(line, "returns None", node, "value", None, ast.Constant(None)))
        elif isinstance(node, ast.Constant) and not isinstance(owner, ast.Expr):
            if isinstance(node.value, bool):
                add(f"{node.value} to {not node.value}", ast.Constant(not node.value))
            elif isinstance(node.value, int):
                add(f"{node.value} to {node.value + 1}", ast.Constant(node.value + 1))
            elif isinstance(node.value, str | bytes) and not isinstance(owner, ast.JoinedStr) and node.value:
                add(f"{node.value!r:.40} emptied", ast.Constant(node.value[:0]))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            add("call left out", ast.copy_location(ast.Pass(), node))
        elif isinstance(node, ast.AugAssign):
            add("assignment left out", ast.copy_location(ast.Pass(), node))
        if isinstance(node, ast.Call):
            for number, keyword in enumerate(node.keywords):
                if keyword.arg:
                    rest = [k for k in node.keywords if k is not keyword]
                    found.append(
                        Mutant(line, f"argument {keyword.arg} left out ({number})", node, "keywords", None, rest)
                    )
    yield from sorted(found, key=lambda m: m.line)


def _walk(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Each node with its place, without annotations, decorators, documentation and `__all__`."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "format_spec"):
            continue
        for at, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield node, name, at, child
                yield from _walk(child)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed code for one module."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        self.module, self.path, self.tree = module, path, tree

    def find_spec(self, fullname: str, path: object, target: object = None) -> object:
        if fullname != self.module:
            return None
        places = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.path), is_package=places is not None)

    def get_resource_reader(self, fullname: str) -> FileReader:
        """What finds the files of a package, for those of its modules that read some."""
        return FileReader(SourceFileLoader(fullname, str(self.path)))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        if self.path.name == "__init__.py":
            module.__path__ = [str(self.path.parent)]
        exec(compile(ast.fix_missing_locations(self.tree), str(self.path), "exec"), module.__dict__)


def is_noticed(module: str, path: Path, tree: ast.Module, tests: list[str], seconds: int) -> bool:
    """Whether a test fails with `tree` in the place of `module`."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] != 0
    status = 1
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        used = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds))
        resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
        for name in [n for n in sys.modules if n.partition(".")[0] == "bodycopy"]:
            del sys.modules[name]
        sys.meta_path.insert(0, _Changed(module, path, tree))
        import pytest

        status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-o", "filterwarnings=default", *tests]))
    except BaseException:
        status = 1
    finally:
        os._exit(1 if status else 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--every", type=int, default=1, help="only each Nth mutant")
    parser.add_argument("--first", type=int, default=0, help="which of each N")
    parser.add_argument("--lines", type=int, nargs="+", help="only those of these lines")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--floor", type=float, default=0.8)
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(SERVER))
    # Plugins of other packages would be loaded anew for each mutant.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    __import__(options.module)
    import hypothesis  # noqa: F401  loaded once, for all
    import pytest  # noqa: F401

    path = Path(str(sys.modules[options.module].__file__))
    tree = ast.parse(path.read_text("utf-8"))
    if is_noticed(options.module, path, tree, options.tests, options.seconds):
        print("The tests fail without any change.")
        return 1
    lines = path.read_text("utf-8").splitlines()
    noticed = total = 0
    wanted = [m for m in mutants(tree) if not options.lines or m.line in options.lines]
    for mutant in wanted[options.first :: options.every]:
        mutant.apply()
        total += 1
        if is_noticed(options.module, path, tree, options.tests, options.seconds):
            noticed += 1
        else:
            print(f"{path.name}:{mutant.line}: {mutant.what}: {lines[mutant.line - 1].strip()}", flush=True)
        mutant.undo()
    print(f"{noticed} of {total} mutants of {options.module} noticed ({noticed / max(1, total):.1%}).")
    return 0 if noticed >= options.floor * total else 1


if __name__ == "__main__":
    sys.exit(main())
