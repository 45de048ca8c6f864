"""The rule "write it yourself": which forbidden names does an answer's source use?"""

from __future__ import annotations

import ast
import builtins
import functools
import linecache
import symtable
import textwrap
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MAX_SOURCE = 300_000  # characters; reading source takes a thousand times its memory
TOO_LONG = "more code than can be looked through"


def source_of(value: Any) -> str:
    """The text of the cell (or file) that defines a function; "" when it is not to be had."""
    code = getattr(_function(value), "__code__", None)
    return "".join(linecache.getlines(code.co_filename)) if isinstance(code, types.CodeType) else ""


def _function(value: Any) -> Any:
    """The function behind a partial application, or behind an object that can be called."""
    if isinstance(value, functools.partial):
        return _function(value.func)
    call = getattr(type(value), "__call__", None)  # noqa: B004 - not whether, but which function is called
    return call if isinstance(call, types.FunctionType) else value


def own_source(value: Any) -> str:
    """The text of the function alone."""
    code = getattr(value, "__code__", None)
    if not isinstance(code, types.CodeType):
        return ""
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    end = next(
        (number for number, line in enumerate(lines[1:], 1) if line[:1] not in (" ", "\t", "\n", "#", ")")), None
    )
    return "".join(lines[:end])


def is_stub(value: Any) -> bool:
    """Whether a function is still as it was released: nothing in it but a docstring and `...`."""
    try:
        tree = ast.parse(textwrap.dedent(own_source(value)))
    except SyntaxError:
        return False
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return False
    return all(
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and (item.value.value is ... or index == 0)
        for index, item in enumerate(tree.body[0].body)
    )


def library_name(value: Any, forbidden: Sequence[str]) -> str | None:
    """The name of an answer that is itself a function of a library with forbidden names, or None.

    `softmax = keras.ops.softmax` defines nothing, so there is no source to read.
    """
    value = _function(value)
    if not isinstance(value, types.FunctionType | types.BuiltinFunctionType):
        return None
    name = f"{value.__module__}.{value.__qualname__}".replace(".src.", ".")  # where Keras keeps its public names
    return name if any(name == rule or name.startswith(f"{rule}.") for rule in forbidden) else None


def forbidden_in_cells(cells: Sequence[str], names: Sequence[str], forbidden: Sequence[str]) -> str | None:
    """The first forbidden dotted name in the cells that define an answer, or None; nothing is executed.

    What the answer uses of other cells (a helper, a name for a module) is looked through too. A name that is put
    together from text is not seen.

    Args:
        cells: Source of the notebook's code cells in the order in which they ran.
        names: What the question reads; of several cells that define a name, the last one counts.
        forbidden: Dotted names; everything below one of them is forbidden too.
    """
    if sum(map(len, cells)) > MAX_SOURCE:
        return TOO_LONG
    trees = [_parsed(cell) for cell in cells]
    known: dict[str, str] = {}
    bound: dict[str, ast.AST] = {}
    defining: dict[str, ast.AST] = {}
    for tree in trees:
        known.update(_imports(tree))
        known.update(_aliases(tree, known))
        bound.update(_bound(tree))
        defining.update(dict.fromkeys(dict(_bound(tree)), tree))
    waiting = [(defining[name], bound[name]) for name in names if name in bound]
    seen: set[str] = set(names)
    while waiting:
        whole, node = waiting.pop()
        used = _forbidden_in(whole, known, {}, forbidden)
        if used:
            return used
        for name in _loaded(node) & bound.keys() - seen:
            seen.add(name)
            waiting.append((bound[name], bound[name]))
    return None


def _loaded(node: ast.AST) -> set[str]:
    """Names that a statement takes from the notebook; variables of its functions' own are not among them."""
    try:
        waiting = [symtable.symtable(ast.unparse(node), "cell", "exec")]
    except (RecursionError, SyntaxError, ValueError):  # too deep, or put together by hand: then every name counts
        return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    names: set[str] = set()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        scoped = table.get_type() == "function"
        names |= {
            item.get_name()
            for item in table.get_symbols()
            if item.is_referenced() and (item.is_global() or not scoped)
        }
    return names


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(_without_magics(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _bound(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Names that a cell binds outside its functions and classes, each with the statement that binds it."""
    waiting = [(node, node) for node in ast.iter_child_nodes(tree)]
    while waiting:
        node, statement = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, statement
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.split(".")[0], statement
        elif not isinstance(node, ast.Lambda):
            inner = (child for child in ast.iter_child_nodes(node))
            waiting += [(child, child if isinstance(child, ast.stmt) else statement) for child in inner]


def _aliases(tree: ast.AST, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """`conv = scipy.signal.convolve2d`, `other = np`: a new name for what is known by a dotted one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute | ast.Name):
            full = next(_uses(ast.Expression(node.value), known, {}), "")
            for target in node.targets:
                if full.split(".")[0] in {name.split(".")[0] for name in known.values()} and isinstance(
                    target, ast.Name
                ):
                    yield target.id, full


def forbidden_name(source: str, namespace: Mapping[str, Any], forbidden: Sequence[str]) -> str | None:
    """The first forbidden dotted name that a source uses, or None.

    Names are followed through `import ... as` in the source, and through modules and functions that the
    namespace holds, so `sp.correlate2d` is found to be `scipy.signal.correlate2d`. Text and comments do
    not count.

    Args:
        source: Python source; text that does not parse uses nothing.
        namespace: The learner's names.
        forbidden: Dotted names; everything below one of them is forbidden too.
    """
    return _forbidden_in(_parsed(source), {}, namespace, forbidden)


def _forbidden_in(
    tree: ast.AST, known: Mapping[str, str], namespace: Mapping[str, Any], forbidden: Sequence[str]
) -> str | None:
    own = dict(_imports(tree))
    imported = {**known, **own}
    used = [*own.values(), *_uses(tree, imported, namespace)]
    for star in (name.removesuffix(".*") for name in imported.values() if name.endswith(".*")):
        used += [f"{star}.{name}" for name in used if "." not in name]
    for name in used:
        for rule in forbidden:
            if name == rule or name.startswith(rule + "."):
                return name
    return None


def _without_magics(source: str) -> str:
    return "\n".join("pass" if line[:1] in "%!" and line else line for line in source.splitlines())


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    (alias.asname or alias.name.split(".")[0]),
                    (alias.name if alias.asname else alias.name.split(".")[0]),
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = alias.asname or alias.name
                yield (f"* of {node.module}" if name == "*" else name), f"{node.module}.{alias.name}"


def _uses(tree: ast.AST, imported: Mapping[str, str], namespace: Mapping[str, Any]) -> Iterator[str]:
    """The full names of all names and dotted chains, each chain once."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.Name | ast.Attribute):
            waiting += ast.iter_child_nodes(node)
            continue
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield ".".join([_full_name(node.id, imported, namespace), *reversed(parts)])
        else:
            waiting.append(node)


def _full_name(name: str, imported: Mapping[str, str], namespace: Mapping[str, Any]) -> str:
    if name in imported:
        return imported[name]
    value = namespace.get(name, getattr(builtins, name, None))
    if isinstance(value, types.ModuleType):
        return value.__name__
    module, qualified = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(module, str) and isinstance(qualified, str) and not module.startswith("__"):
        return f"{module}.{qualified}"
    return name
