from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from postgres_server import new_schema

from benchbox.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """The database of ``store``: each in turn, or one alone, where a test is marked ``only_sqlite``."""
    return request.param


@pytest.fixture
def new_place(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Return where a store may be made, by database and name."""

    def place(dialect: str, name: str) -> str:
        if dialect == "sqlite":
            return str(tmp_path / f"{name}.db")
        return new_schema(request.getfixturevalue("postgresql"), name)

    return place


@pytest.fixture
def new_store(new_place: Callable[[str, str], str], request: pytest.FixtureRequest) -> Callable[[str, str], Store]:
    """Return what makes a store, by database and name."""

    def make(dialect: str, name: str) -> Store:
        store = Store.open(new_place(dialect, name))
        request.addfinalizer(store.close)
        return store

    return make


@pytest.fixture
def store(dialect: str, new_store: Callable[[str, str], Store]) -> Store:
    return new_store(dialect, "results")
