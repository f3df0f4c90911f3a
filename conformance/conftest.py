"""The product, driven from outside. CAIRN_BINARY names another binary than build/release/cairn."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cairn import ROOT, Cairn  # noqa: E402

FAST = "delivery: {interval: 1s}\n"


def pytest_configure(config):
    config.addinivalue_line("markers", "soak: long runs, by ./dev soak")


def pytest_collection_modifyitems(config, items):
    """Long runs are for ./dev soak alone: elsewhere they are no part of the suite, and so not "skipped" either."""
    if os.environ.get("CAIRN_SOAK"):
        return
    long_runs = [item for item in items if "soak" in item.keywords]
    config.hook.pytest_deselected(items=long_runs)
    items[:] = [item for item in items if item not in long_runs]


@pytest.fixture(scope="session")
def binary() -> Path:
    path = Path(os.environ.get("CAIRN_BINARY", ROOT / "build/release/cairn"))
    if not path.exists():
        pytest.skip(f"{path} is not there: ./dev build")
    return path


@pytest.fixture
def cairn(binary, tmp_path):
    """A fresh Cairn for one test."""
    with Cairn(binary, tmp_path, FAST) as running:
        yield running


@pytest.fixture(scope="module")
def shared(binary, tmp_path_factory):
    """A Cairn for a whole file of tests that do not mind each other."""
    with Cairn(binary, tmp_path_factory.mktemp("cairn"), FAST) as running:
        yield running


@pytest.fixture(scope="session")
def data() -> Path:
    """Real records and answers that the repository does not hold."""
    path = Path(os.environ.get("CAIRN_TEST_DATA", ROOT.parent / "shared/data"))
    if not path.exists():
        pytest.skip(f"{path} is not there: set CAIRN_TEST_DATA to a folder of real CloudTrail data")
    return path
