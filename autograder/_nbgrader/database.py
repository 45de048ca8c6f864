"""The database behind a gradebook: its address, its schema, and what its errors mean."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from alembic.script import ScriptDirectory
from nbgrader import api
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from tornado.log import app_log

from autograder._errors import GradebookError
from autograder._submission import visible

CONNECT_SECONDS = 10
LOOKED_UP = {"grade": "notebook_id", "comment": "notebook_id", "submitted_notebook": "assignment_id"}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """nbgrader logs a database's error with its traceback before it raises: our message says it."""
    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before


def explain(reason: str) -> tuple[str, str]:
    if "is full" in reason or "disk I/O" in reason:
        return "the disk is full, or a quota", "Make room, then run this command again; what was recorded stays."
    if "locked" in reason:
        return "locked by another program", "Close formgrader or the other command, then run this one again."
    if "not a database" in reason or "malformed" in reason:
        return "not a database, or a damaged one", "Restore it from a copy, or move it away and grade anew."
    if "no such column" in reason or "no such table" in reason:
        return f"not what this nbgrader expects ({reason})", "Copy it, then run `nbgrader db upgrade`."
    if "readonly" in reason or "unable to open" in reason:
        return reason, "Look at the permissions of the file and of its folder."
    return reason, "Look at the database, then run this command again; what was recorded stays."


def require_current(db_url: str) -> None:
    """Refuse an older nbgrader's database before anything is created in it; mark a new one with the schema.

    nbgrader would ask the command `alembic` for the schema, which is not on the path of every environment.
    """
    current = ScriptDirectory(str(Path(api.__file__).parent / "alembic")).get_current_head()
    engine = _engine(db_url)
    try:
        with engine.begin() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:current)"), {"current": current})
            has_version = not tables or "alembic_version" in tables
            query = text("SELECT version_num FROM alembic_version")
            version = connection.execute(query).scalar() if has_version else None
    finally:
        engine.dispose()
    if version != current:
        raise GradebookError(
            f"{shown(db_url)}: the gradebook of another nbgrader version (schema "
            f"{version or 'none'}, wanted {current}). Copy the file, then run `nbgrader db upgrade` in its folder."
        )


def add_indexes(engine: Engine) -> None:
    """Index what is looked up for every submission; nbgrader's tables would be read whole each time."""
    with engine.begin() as connection:
        known = inspect(connection)
        for table, column in LOOKED_UP.items():
            name = f"autograder_{table}_{column}"
            if name not in {index["name"] for index in known.get_indexes(table)}:
                connection.execute(text(f"CREATE INDEX {name} ON {table} ({column})"))


@contextlib.contextmanager
def alone(db_url: str) -> Iterator[None]:
    """Let no other command make the tables at the same time; SQLite sees to that itself."""
    engine = _engine(db_url)
    try:
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(hashtext('autograder'))"))
            yield  # closing the connection unlocks
    finally:
        engine.dispose()


def _engine(db_url: str) -> Engine:
    try:
        return create_engine(db_url)
    except (ArgumentError, NoSuchModuleError) as error:
        what = f"{visible(db_url)}: no database's address ({error})"
        raise GradebookError(f"{what}. One is postgresql://USER@HOST/NAME.") from error
    except ModuleNotFoundError as error:
        raise GradebookError(
            f"{shown(db_url)}: the driver {error.name!r} is missing. pip install 'convnet-course[cluster]'."
        ) from error


def answers(db_url: str) -> bool:
    """Whether a database server can be reached; a file always can."""
    if db_url.startswith("sqlite"):
        return True
    engine = create_engine(db_url, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return True


def shown(db_url: str) -> str:
    """A database's address for messages: a file's path, or a server's without the password."""
    if db_url.startswith("sqlite:///"):
        return visible(db_url.removeprefix("sqlite:///"))
    return visible(make_url(db_url).render_as_string(hide_password=True))


def locks_of(db_url: str, labs: Sequence[str]) -> list[str]:
    """What one run keeps others away from: the class, or its labs where a database takes several writers."""
    return [""] if db_url.startswith("sqlite") else list(labs)
