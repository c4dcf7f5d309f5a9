"""The exam in small: every scene by its name."""

from tests.faults import teeth_scenes_orders, teeth_scenes_rules, teeth_scenes_watch
from tests.faults.teeth_world import Scene

SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for module in (teeth_scenes_orders, teeth_scenes_watch, teeth_scenes_rules)
    for scene in module.SCENES
}
