"""Stands everything of the facts in the world, and what grows or lies there by nature."""

from app.engine.providers.offline.painter.light import Light
from app.engine.providers.offline.painter.relief import Relief
from app.engine.providers.offline.painter.stage import Stage
from app.models.scene import SceneFacts


def furnish(stage: Stage, scene: SceneFacts, relief: Relief, light: Light) -> None:
    from app.engine.providers.offline.painter.mesh import Shape, paint, Material
    s = Shape().box((0, 0, 0), (10, 7, 8), paint("6b6a60", Material.FACADE, glow=1.))
    stage.place(s, 8, relief.ground(8, 22), 22)
    s = Shape().tube((0,0,0),(0,3,0),.5,paint("884422",Material.METAL))
    stage.place(s, -3, relief.ground(-3, 10), 10)
    s = Shape().path([(-5,0,0),(-5,3,0),(5,3,0),(5,0,0)],.06,paint("333333"))
    stage.place(s, -8, relief.ground(-8, 14), 14)
