"""The exam has teeth: sound code passes every scene, and every broken variant is found by one.

Each variant is played on the scene that is made for it; `EXAM=full` plays it on every other one too.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.exam_table import IS_FULL, Area, Exam
from tests.faults.judge import Findings
from tests.faults.nursery import Nursery
from tests.faults.teeth_patches import answering, applied, right_code, variant
from tests.faults.teeth_scenes import SCENES
from tests.faults.teeth_variants import VARIANTS
from tests.faults.teeth_world import Stage

Play = Callable[[str, str | None], tuple[Findings, dict[str, int]]]
FEWEST = 50
PLACES = {patch.where for each in VARIANTS.values() for patch in each.patches}


@pytest.fixture
def play(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Play:
    """Plays a scene, with a variant's wrong code in child processes; also returns its calls there."""

    def nursery() -> Nursery:
        found: Nursery = request.getfixturevalue("nursery")
        return found

    def played(scene: str, broken: str | None) -> tuple[Findings, dict[str, int]]:
        folder = tmp_path / scene
        folder.mkdir()
        with Stage(folder, sqlite_template, nursery, broken).opened() as stage:
            try:
                found = SCENES[scene](stage)
            except Exception as error:
                if broken is None:
                    raise
                found = Findings(wrong=[f"raised {type(error).__name__}: {error}"])
            return found, stage.child_hits

    return played


@pytest.mark.parametrize("scene", SCENES)
def test_sound_code_passes(scene: str, play: Play, exam: Exam) -> None:
    found, _ = play(scene, None)
    exam.record(Area.VARIANTS, cases=0, findings=[found])
    assert found.all == []


@pytest.mark.parametrize("name", VARIANTS)
def test_a_broken_variant_is_found(name: str, play: Play, exam: Exam) -> None:
    broken, found = VARIANTS[name], dict[str, Findings]()
    with applied(broken) as hits:
        for scene in SCENES if IS_FULL else (broken.scene,):
            found[scene], child_hits = play(scene, name)
            hits.update(child_hits)
    finders = [scene for scene, each in found.items() if each.all]
    print(f"{name}: found by {len(finders)} of {len(found)} scenes")  # noqa: T201 - pytest keeps it
    unused = [where for where, calls in hits.items() if not calls]
    own = getattr(found[broken.scene], broken.kind)
    caught = [text for text in own if broken.says in text]
    exam.record(Area.VARIANTS, cases=1, findings={"wrong": 0 if caught and not unused else 1})
    assert not unused, f"wrong code that never ran: {unused}"
    assert caught, f"{broken.scene} did not find it: {found[broken.scene].all}"


def test_every_scene_is_made_for_a_variant_and_every_variant_has_its_scene() -> None:
    assert {each.scene for each in VARIANTS.values()} == SCENES.keys()
    assert len(VARIANTS) >= FEWEST


def test_after_a_variant_the_right_code_is_back() -> None:
    before = {where: right_code(where) for where in PLACES}
    for broken in VARIANTS.values():
        with applied(broken):
            for patch in broken.patches:
                assert right_code(patch.where) is not before[patch.where]
    assert {where: right_code(where) for where in PLACES} == before


def test_wrong_code_that_never_runs_is_told() -> None:
    where = "ztrade_core.trading.ticks:judge_tick"
    with applied(variant("unused", "old_tick", "wrong: ", answering(where, None))) as hits:
        assert right_code(where)() is None
    assert hits == {where: 1}
    with applied(variant("unused", "old_tick", "wrong: ", answering(where, None))) as hits:
        pass
    assert hits == {where: 0}
