"""Submissions on the workers of a Dask scheduler."""

from __future__ import annotations

import shutil

import pytest
import trustme

from autograder import UsageError
from autograder import _cluster as module
from autograder._work import grade_submission
from tests.autograder.small_lab import ROOT
from tests.autograder.test_survives import NAMES, SlowClass
from tests.cluster.services import cluster, hosts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The same class, graded by this machine alone."""
    found = SlowClass(tmp_path_factory.mktemp("undisturbed"), seconds=0)
    status, output = found.finish()
    assert status == 0, output
    return found


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A scheduler with two workers."""
    with cluster(tmp_path_factory.mktemp("two"), workers=2) as found:
        yield found


def test_workers_grade_as_one_machine_does(tmp_path, undisturbed, two):
    """Records, gradebook and kept notebooks are the same."""
    found = SlowClass(tmp_path, seconds=0)
    status, output = found.finish("--scheduler", two.address)
    assert status == 0, output + two.log()
    assert found.result() == undisturbed.result()


def test_a_worker_has_its_own_sandbox(tmp_path, two):
    """The student's process sees itself as one of the first of a new system, and not the worker's files."""
    found = SlowClass(tmp_path, NAMES[:1], seconds=0)
    place = str(two.folder)
    found.submit(NAMES[0], f"__import__('os').getpid() < 50 and 3 - __import__('os').path.exists({place!r})")
    status, output = found.finish("--scheduler", two.address)
    assert status == 0, output
    assert found.finished()[NAMES[0]]["questions"]["points"]["points"] == 3


def test_hosts_of_their_own(tmp_path, undisturbed):
    """Two workers in network namespaces, which share no address with the command."""
    found = SlowClass(tmp_path / "class", seconds=0)
    with hosts(2) as (address, machines), cluster(tmp_path / "dask", host=address) as dask:
        for machine in machines:
            dask.start_worker(inside=machine.inside)
        status, output = found.finish("--scheduler", dask.address)
        assert status == 0, output + dask.log()
    assert found.result() == undisturbed.result()


def another_version(folder):
    """A copy of the package in which one line differs; the environment that makes a worker use it."""
    shutil.copytree(ROOT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    with open(folder / "autograder" / "_compare.py", "a") as file:
        file.write("# another version\n")
    return {"PYTHONPATH": str(folder)}


def test_another_version_is_refused_and_the_others_grade(tmp_path, undisturbed):
    """The line names the worker, the package and what to do."""
    found = SlowClass(tmp_path / "class", seconds=0)
    with cluster(tmp_path / "dask", workers=1) as dask:
        dask.start_worker(environment=another_version(tmp_path / "other"))
        with module.cluster(dask.address, ["autograder"], say=lambda line: None) as executor:
            while len(executor._threads) < 2:  # both have joined
                executor._asked = 0.0
                executor.slots  # noqa: B018 - asks
        status, output = found.finish("--scheduler", dask.address)
    assert status == 0, output
    assert "is refused: another version of 'autograder'" in output
    assert "Install the same there, restart the worker." in " ".join(output.split())
    assert found.result() == undisturbed.result()


def test_only_another_version(tmp_path, monkeypatch):
    """Wrong use: nothing is graded, and every refused worker is listed with its reason."""
    monkeypatch.setattr(module, "PATIENCE", 8.0)
    with cluster(tmp_path / "dask") as dask:
        dask.start_worker(environment=another_version(tmp_path / "other"))
        with pytest.raises(UsageError, match=r"no worker that can be used.*\n.*another version of 'autograder'"):
            with module.cluster(dask.address, ["autograder"], say=lambda line: None):
                pass


def test_a_worker_without_the_package(tmp_path, monkeypatch):
    """It is told to install it."""
    monkeypatch.setattr(module, "PATIENCE", 8.0)
    (tmp_path / "other" / "autograder").mkdir(parents=True)
    (tmp_path / "other" / "autograder" / "__init__.py").write_text("raise ImportError('half installed')\n")
    with cluster(tmp_path / "dask") as dask:
        dask.start_worker(environment={"PYTHONPATH": str(tmp_path / "other")})
        with pytest.raises(UsageError, match=r"the package cannot be used there.*half installed"):
            with module.cluster(dask.address, ["autograder"], say=lambda line: None):
                pass


def test_no_scheduler(tmp_path, monkeypatch):
    """The message says how to start one."""
    monkeypatch.setattr(module, "PATIENCE", 2.0)
    with pytest.raises(UsageError, match=r"no Dask scheduler answers .* Start it: dask scheduler"):
        with module.cluster("tcp://127.0.0.1:9", ["autograder"]):
            pass


def test_no_worker(tmp_path, monkeypatch):
    """It waits a while for the first one."""
    monkeypatch.setattr(module, "PATIENCE", 2.0)
    with cluster(tmp_path / "dask") as dask, pytest.raises(UsageError, match="Start some: dask worker tcp://"):
        with module.cluster(dask.address, ["autograder"]):
            pass


def test_slots_are_the_threads_of_all_workers(tmp_path):
    """So many submissions are on their way that no worker waits, and not more."""
    with cluster(tmp_path) as dask:
        dask.start_worker(threads=3)
        with module.cluster(dask.address, ["autograder"]) as executor:
            assert executor.slots == 3


def test_only_bytes_cross(two):
    """A job that is none fails on the worker, and the error comes back."""
    with module.cluster(two.address, ["autograder"]) as executor:
        with pytest.raises(ValueError):
            executor.submit(grade_submission, b"\xc1").result(timeout=60)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """An authority, and a certificate that it signed: Dask's `--tls-...` options for every process."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    return {name: str(folder / f"{name}.pem") for name in ("ca", "cert", "key")}


def test_tls(tmp_path, undisturbed, certificates):
    """Encrypted with the class's own authority; without its files nobody gets in."""
    found = SlowClass(tmp_path / "class", seconds=0)
    dask_options = ["--tls-ca-file", certificates["ca"], "--tls-cert", certificates["cert"]]
    dask_options += ["--tls-key", certificates["key"]]
    own = [part for name, path in certificates.items() for part in (f"--tls-{name}", path)]
    with cluster(tmp_path / "dask", workers=1, protocol="tls://", options=dask_options) as dask:
        status, output = found.finish("--scheduler", dask.address, *own)
        assert status == 0, output + dask.log()
        assert found.result() == undisturbed.result()
        refused, said = found.finish("--scheduler", dask.address, "--regrade")
        assert refused == 2 and "Traceback" not in said, said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tls-ca", "ca.pem"], "belong to --scheduler"),
        (["--scheduler", "tls://x", "--tls-ca", "ca.pem"], "needs all three"),
        (
            ["--scheduler", "tls://x", "--tls-ca", "a.pem", "--tls-cert", "b.pem", "--tls-key", "c.pem"],
            "a.pem: no such file",
        ),
    ],
)
def test_tls_files_belong_together(tmp_path, options, message):
    """Wrong use is said at once."""
    status, output = SlowClass(tmp_path, NAMES[:1]).finish(*options)
    assert status == 2 and message in output, output
