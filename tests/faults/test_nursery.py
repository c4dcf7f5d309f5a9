"""The nursery runs what it is told, each job in a process of its own, and tells how it ended."""

from tests.faults.nursery import Job, Nursery

PID = Job(name="os:getpid", arguments={})


def test_each_job_has_a_process_of_its_own(nursery: Nursery) -> None:
    ends = nursery.run(PID, PID, PID)
    assert {end.status for end in ends} == {0}
    assert len({end.returned for end in ends}) == 3


def test_what_is_warmed_runs_in_the_one_process_that_children_come_from(nursery: Nursery) -> None:
    first, second = nursery.warm(PID, PID)
    assert first.returned == second.returned
    assert nursery.run(PID)[0].returned != first.returned


def test_a_job_of_any_module_runs_by_its_import_path(nursery: Nursery) -> None:
    (end,) = nursery.run(Job(name="json:loads", arguments={"s": "[1, 2]"}))
    assert end.returned == [1, 2]
    assert nursery.run(Job(name="json:work", arguments={}))[0].raised == "AttributeError"
    assert nursery.run(Job(name="nowhere:work", arguments={}))[0].raised == "ModuleNotFoundError"


def test_jobs_that_were_started_are_told_of_later_and_in_order(nursery: Nursery) -> None:
    nursery.start(Job(name="json:loads", arguments={"s": "1"}), PID)
    first, second = nursery.ends()
    assert first.returned == 1
    assert second.returned != 1


def test_a_job_that_takes_too_long_is_killed(nursery: Nursery) -> None:
    forever = {"stmt": "while True: pass"}
    (end,) = nursery.run(Job(name="timeit:timeit", arguments=forever, kill_after=0.05))
    assert (end.was_killed, end.returned, end.raised) == (True, None, None)
