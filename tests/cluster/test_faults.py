"""Kill -9 in the middle of a run, everywhere: afterwards nothing is lost and nothing is graded twice."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from nbgrader.api import Gradebook

from tests.autograder.test_survives import LAB, NAMES, SlowClass
from tests.cluster.services import cluster, hosts, kill, postgres
from tests.cluster.test_postgres import scores

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The same class, graded in one go by this machine."""
    found = SlowClass(tmp_path_factory.mktemp("undisturbed"))
    status, output = found.finish()
    assert status == 0, output
    return found


def resume(found: SlowClass, *options: str) -> None:
    """Run the command again: it grades what is not recorded, and nothing that is."""
    before = {name: record["graded"] for name, record in found.finished().items()}
    assert len(before) < len(NAMES)
    status, output = found.finish(*options)
    assert status == 0, output
    left = len(NAMES) - len(before)
    assert f"Graded now: {left}. Graded before and unchanged: {len(before)}." in output
    after = {name: record["graded"] for name, record in found.finished().items()}
    assert {name: after[name] for name in before} == before and len(after) == len(NAMES)


def test_a_killed_worker(tmp_path, undisturbed):
    """Its submissions go to another; the run does not notice."""
    found = SlowClass(tmp_path / "class")
    with cluster(tmp_path / "dask", workers=2) as dask:
        process = found.start("--scheduler", dask.address)
        found.wait_for(process, 2)
        kill(dask.workers[0])
        output = "".join(process.communicate())
        assert process.returncode == 0, output + dask.log()
    assert found.result() == undisturbed.result()


def test_all_workers_killed_and_others_started(tmp_path, undisturbed):
    """It waits for the next one."""
    found = SlowClass(tmp_path / "class")
    with cluster(tmp_path / "dask", workers=1) as dask:
        process = found.start("--scheduler", dask.address)
        found.wait_for(process, 2)
        kill(dask.workers[0])
        dask.start_worker()
        output = "".join(process.communicate())
        assert process.returncode == 0, output + dask.log()
    assert found.result() == undisturbed.result()


def test_a_killed_scheduler(tmp_path, undisturbed):
    """The command ends and says what to do; with another scheduler it goes on."""
    found = SlowClass(tmp_path / "class")
    with cluster(tmp_path / "dask", workers=2) as dask:
        process = found.start("--scheduler", dask.address)
        found.wait_for(process, 2)
        kill(dask.scheduler)
        output = "".join(process.communicate(timeout=240))
        assert process.returncode == 1 and "the scheduler is gone" in output, output
        assert "Traceback" not in output
        dask.start_scheduler()
        dask.start_worker()
        resume(found, "--scheduler", dask.address)
    assert found.result() == undisturbed.result()


def test_a_killed_command(tmp_path, undisturbed):
    """The workers drop what it had asked for, and serve the next one."""
    found = SlowClass(tmp_path / "class")
    with cluster(tmp_path / "dask", workers=2) as dask:
        process = found.start("--scheduler", dask.address)
        found.wait_for(process, 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        resume(found, "--scheduler", dask.address)
    assert found.result() == undisturbed.result()


def test_a_host_that_is_unplugged(tmp_path, undisturbed):
    """No connection is closed, packets vanish: after the scheduler's patience the others do its work."""
    found = SlowClass(tmp_path / "class")
    with hosts(2) as (address, machines), cluster(tmp_path / "dask", host=address) as dask:
        for machine in machines:
            dask.start_worker(inside=machine.inside)
        process = found.start("--scheduler", dask.address)
        found.wait_for(process, 2)
        machines[0].unplug()
        output = "".join(process.communicate(timeout=240))
        assert process.returncode == 0, output + dask.log()
    assert found.result() == undisturbed.result()


@pytest.fixture
def server():
    """A database server of its own: it gets killed."""
    with postgres() as found:
        yield found


def give_by_hand(url: str) -> None:
    """A person's points for the first student."""
    with Gradebook(url) as book:
        grade = book.find_grade("points", LAB, LAB, NAMES[0])
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        book.db.commit()


def kill_server(server) -> None:
    """All its processes, as a power cut does."""
    children = subprocess.run(
        ["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    kill(server.process)
    for pid in children:
        subprocess.run(["kill", "-9", pid], check=False, capture_output=True)


def test_a_killed_database(tmp_path, undisturbed, server):
    """The command ends and says what to do; what was recorded and what a person gave is there afterwards."""
    found = SlowClass(tmp_path / "class")
    process = found.start("--db", server.url)
    found.wait_for(process, 3)
    give_by_hand(server.url)
    kill_server(server)
    output = "".join(process.communicate(timeout=120))
    assert process.returncode == 1 and "the database does not answer" in output, output
    assert "Traceback" not in output
    (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    server.start()
    resume(found, "--db", server.url)
    expected = scores(f"sqlite:///{undisturbed.folder / 'gradebook.db'}")
    expected[NAMES[0], "points"] = (expected[NAMES[0], "points"][0], 0.5, False)
    assert scores(server.url) == expected


def test_everything_at_once(tmp_path, undisturbed, server):
    """A cluster and a server: the command, a worker and the database are killed one after another."""
    found = SlowClass(tmp_path / "class")
    with cluster(tmp_path / "dask", workers=2) as dask:
        options = ("--scheduler", dask.address, "--db", server.url)
        process = found.start(*options)
        found.wait_for(process, 1)
        kill(dask.workers[0])
        found.wait_for(process, 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        kill_server(server)
        (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        server.start()
        resume(found, *options)
    assert scores(server.url) == scores(f"sqlite:///{undisturbed.folder / 'gradebook.db'}")
