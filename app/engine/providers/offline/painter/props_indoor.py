"""What furnishes rooms: doors, windows, desks, beds, cupboards."""

from typing import Final

from app.engine.providers.offline.painter.mesh import Material, Shape, paint
from app.engine.providers.offline.painter.setting import Setting

_STEEL: Final = paint("8b9492", Material.METAL, second="4a3020")

_DARK_STEEL: Final = paint("454d4e", Material.METAL)

_ENAMEL: Final = paint("aab2aa", Material.METAL, second="5c4630")

_WOOD: Final = paint("6c5338", Material.PLANKS)

_SHEET: Final = paint("a9aca2", Material.CLOTH)

_BLACK: Final = paint("060707")


def door(setting: Setting) -> Shape:
    """A steel door in its frame, with a wired pane; `open` stands ajar on the dark."""
    if setting.old:
        return _plank_door(setting)
    shape = Shape()
    frame, leaf = paint("2a3233", Material.METAL), paint("6a7b79", Material.METAL)
    for x in (-0.62, 0.62):
        shape.box((x, 0, 0), (0.16, 2.3, 0.22), frame)
    shape.box((0, 2.2, 0), (1.4, 0.16, 0.22), frame)
    if setting.is_in("open", "ajar", "forced", "unlocked"):
        shape.face(
            [(-0.54, 0, -0.02), (0.54, 0, -0.02), (0.54, 2.2, -0.02), (-0.54, 2.2, -0.02)], _BLACK
        )
        panel = Shape().box((0.54, 0.02, 0), (1.06, 2.16, 0.06), leaf)
        shape.add(panel, (-0.54, 0, -0.06), 1.1)
        return shape
    shape.box((0, 0.02, -0.04), (1.08, 2.17, 0.08), leaf)
    shape.face(
        [(-0.16, 1.35, -0.09), (0.16, 1.35, -0.09), (0.16, 1.85, -0.09), (-0.16, 1.85, -0.09)],
        paint("1a2628", Material.GLASS, second="b8d8d2"),
    )
    shape.box((0.42, 1.0, -0.11), (0.05, 0.16, 0.06), _STEEL)
    shape.box((0, 0.95, -0.10), (0.95, 0.07, 0.05), _STEEL)
    shape.box(
        (0, 0.1, -0.085), (1.0, 0.28, 0.02), paint("8f7a2c", Material.STRIPES, second="15171a")
    )
    if setting.is_in("locked", "closed", "shut", ""):
        red = setting.is_in("locked")
        shape.box((0.80, 1.1, -0.10), (0.12, 0.2, 0.05), _DARK_STEEL)
        shape.box(
            (0.80, 1.22, -0.13),
            (0.05, 0.05, 0.03),
            paint("ff3a2c" if red else "9fd6cf", Material.GLOW, glow=1.1),
        )
    return shape


def _plank_door(setting: Setting) -> Shape:
    """A ledged door of boards with strap hinges and a latch; `open` stands ajar on the dark."""
    wood, iron = paint("5a5340", Material.PLANKS), paint("1d2020", Material.METAL)
    shape = Shape()
    for x in (-0.55, 0.55):
        shape.box((x, 0, 0), (0.16, 2.05, 0.2), wood.dim(0.7))
    shape.box((0, 2.0, 0), (1.26, 0.16, 0.2), wood.dim(0.7))
    leaf = Shape().box((0.47, 0.02, 0), (0.94, 1.97, 0.06), wood)
    for y in (0.35, 1.55):
        leaf.box((0.42, y, -0.045), (0.8, 0.09, 0.03), iron)
    leaf.box((0.8, 1.0, -0.06), (0.06, 0.16, 0.05), iron)
    opened = setting.is_in("open", "ajar", "forced", "unlocked")
    if opened:
        shape.face([(-0.47, 0, -0.02), (0.47, 0, -0.02), (0.47, 2.0, -0.02), (-0.47, 2.0, -0.02)],
                   _BLACK)  # fmt: skip
    shape.add(leaf, (-0.47, 0, -0.05), 1.1 if opened else 0.0)
    if setting.is_in("barred", "shut", "locked"):
        shape.box((0, 1.2, -0.16), (1.25, 0.12, 0.08), wood.dim(1.2))
    return shape


def desk(setting: Setting) -> Shape:
    """A desk with drawers, papers and a lamp; `open` has a drawer out."""
    shape = Shape()
    shape.box((0, 0.70, 0), (1.7, 0.06, 0.8), _WOOD)
    for x in (-0.6, 0.6):
        shape.box((x, 0, 0.02), (0.46, 0.70, 0.72), _WOOD)
        for k in range(3):
            y = 0.08 + k * 0.21
            out = 0.3 if setting.is_in("open", "forced") and x > 0 and k == 2 else 0.0
            shape.box(
                (x, y, -0.35 - out / 2), (0.42, 0.18, 0.03 + out), paint("7c6142", Material.PLANKS)
            )
            shape.box((x, y + 0.08, -0.38 - out), (0.12, 0.03, 0.03), _STEEL)
    for x, z, a in ((-0.3, -0.1, 0.2), (0.1, 0.1, -0.3), (0.25, -0.15, 0.6)):
        shape.box((x, 0.76, z), (0.22, 0.008, 0.30), paint("c9c6b4"), yaw=a)
    if setting.old:
        return shape
    shape.path([(0.6, 0.76, 0.2), (0.62, 1.12, 0.25), (0.4, 1.22, 0.1)], 0.03, _DARK_STEEL)
    shape.tube(
        (0.40, 1.24, 0.10),
        (0.34, 1.10, 0.06),
        0.04,
        paint("2f5a46", Material.METAL),
        end=0.13,
        sides=8,
    )
    if not setting.is_in("dark"):
        shape.bulb((0.33, 1.05, 0.03), "ffd7a0", 0.7, 3, 0.6)
    return shape


def cabinet(setting: Setting) -> Shape:
    """A steel cabinet with two doors; `open` shows bottles."""
    shape = Shape()
    shape.box((0, 0, 0.2), (1.0, 1.9, 0.42), _ENAMEL)
    if setting.is_in("open", "forced"):
        shape.face(
            [(-0.46, 0.08, -0.02), (0.46, 0.08, -0.02), (0.46, 1.84, -0.02), (-0.46, 1.84, -0.02)],
            paint("15191a"),
        )
        for k in range(4):
            y = 0.1 + k * 0.44
            shape.box((0, y, 0.0), (0.92, 0.03, 0.08), _STEEL)
            for j in range(6):
                colour = setting.random.choice(("7a4a20", "8fa6a0", "c4c0ae", "3f5a4c"))
                shape.box(
                    (-0.38 + j * 0.15, y + 0.03, -0.03),
                    (0.08, setting.random.uniform(0.12, 0.28), 0.06),
                    paint(colour),
                )
        for side in (-1, 1):
            leaf = Shape().box((side * 0.24, 0.05, 0), (0.48, 1.8, 0.03), _ENAMEL)
            shape.add(leaf, (side * 0.5, 0, -0.03), side * 1.9)
        return shape
    for side in (-1, 1):
        shape.box((side * 0.25, 0.06, -0.02), (0.47, 1.78, 0.03), _ENAMEL.dim(1.08))
        shape.box((side * 0.06, 0.9, -0.05), (0.03, 0.18, 0.03), _STEEL)
    shape.face(
        [(0.1, 1.35, -0.04), (0.38, 1.35, -0.04), (0.38, 1.63, -0.04), (0.1, 1.63, -0.04)],
        paint("a31414"),
    )
    return shape


def shelves(setting: Setting) -> Shape:
    """A rack of boxes, jars and files."""
    shape = Shape()
    for x in (-0.85, 0.85):
        for z in (0.05, 0.45):
            shape.box((x, 0, z), (0.05, 2.1, 0.05), _DARK_STEEL)
    for k in range(5):
        y = 0.1 + k * 0.46
        shape.box((0, y, 0.25), (1.75, 0.03, 0.45), _DARK_STEEL)
        x = -0.8
        while x < 0.7 and k < 5:
            w = setting.random.uniform(0.12, 0.4)
            if setting.random.random() < 0.82 and y < 2.0:
                colour = setting.random.choice(("8b7650", "6d7471", "5c4632", "a09a84", "3f5350"))
                shape.box(
                    (x + w / 2, y + 0.03, 0.2),
                    (w * 0.92, setting.random.uniform(0.15, 0.36), 0.32),
                    paint(colour),
                )
            x += w
    return shape


def window(setting: Setting) -> Shape:
    """An inner window with a sill and blinds; `lit` glows, `broken` is toothed."""
    shape = Shape()
    frame = paint("343c3d", Material.METAL)
    pane = paint("0c1214", Material.GLASS, second="7d9a9a")
    if setting.is_in("lit"):
        pane = paint("a8d0c4", Material.GLOW, glow=0.5)
        shape.bulb((0, 1.5, -0.5), "a8d8cc", 0.8, 3, 0)
    shape.face(
        [(-0.8, 0.95, -0.01), (0.8, 0.95, -0.01), (0.8, 2.05, -0.01), (-0.8, 2.05, -0.01)],
        _BLACK if setting.is_in("broken") else pane,
    )
    if setting.is_in("broken"):
        shape.card(
            [
                (-0.8, 0.95),
                (0.8, 0.95),
                (0.8, 1.5),
                (0.55, 1.15),
                (0.2, 1.4),
                (0.0, 1.05),
                (-0.4, 1.3),
                (-0.8, 1.9),
            ],
            paint("3c5454", Material.GLASS, second="b8d8d2"),
            z=-0.02,
        )
    for x in (-0.84, 0.0, 0.84):
        shape.box((x, 0.9, -0.03), (0.08 if x else 0.05, 1.2, 0.08), frame)
    for y in (0.88, 2.04):
        shape.box((0, y, -0.04), (1.8, 0.09, 0.12), frame)
    if setting.is_in("closed", "barred"):
        for k in range(-4, 5):
            shape.line((k * 0.19, 0.95, -0.08), (k * 0.19, 2.05, -0.08), 0.03, _STEEL)
    return shape


def bed(setting: Setting) -> Shape:  # noqa: ARG001 - it has one state
    """An iron bed with a thin mattress and a rucked blanket."""
    shape = Shape()
    for x in (-0.98, 0.98):
        for z in (-0.42, 0.42):
            shape.line((x, 0, z), (x, 1.0 if x < 0 else 0.75, z), 0.045, _ENAMEL)
        for y in (0.5, 0.72):
            shape.line((x, y, -0.42), (x, y, 0.42), 0.035, _ENAMEL)
    shape.box((0, 0.38, 0), (1.95, 0.16, 0.82), _SHEET)
    shape.box((-0.72, 0.54, 0), (0.42, 0.10, 0.55), paint("c4c4b8", Material.CLOTH))
    shape.prism(
        [
            (-0.3, 0.54),
            (0.95, 0.54),
            (0.95, 0.62),
            (0.5, 0.66),
            (0.2, 0.78),
            (-0.1, 0.68),
            (-0.25, 0.64),
        ],
        0.84,
        paint("4f5a50", Material.CLOTH),
    )
    shape.face(
        [(-0.25, 0.56, -0.43), (0.9, 0.56, -0.43), (0.8, 0.18, -0.46), (0.1, 0.28, -0.46)],
        paint("4f5a50", Material.CLOTH),
        two_sided=True,
    )
    return shape


def chair(setting: Setting) -> Shape:
    """A steel chair; `fallen` lies on its back."""
    shape = Shape()
    if setting.is_in("fallen", "broken", "overturned"):
        shape.box((0, 0.02, 0.2), (0.44, 0.04, 0.5), _WOOD)
        shape.box((0, 0.0, -0.05), (0.44, 0.45, 0.04), _WOOD)
        for x in (-0.2, 0.2):
            shape.line((x, 0.42, -0.05), (x, 0.40, -0.5), 0.03, _STEEL)
            shape.line((x, 0.03, -0.05), (x, 0.03, -0.5), 0.03, _STEEL)
        return shape
    shape.box((0, 0.43, 0), (0.44, 0.04, 0.44), _WOOD)
    shape.box((0, 0.62, 0.22), (0.44, 0.34, 0.03), _WOOD)
    for x in (-0.2, 0.2):
        shape.line((x, 0, -0.2), (x, 0.43, -0.2), 0.03, _STEEL)
        shape.line((x, 0, 0.22), (x, 0.96, 0.22), 0.03, _STEEL)
    return shape


def board(setting: Setting) -> Shape:
    """A notice board of papers; `clean` has none."""
    shape = Shape()
    shape.box(
        (0, 0.95, 0.0), (1.7, 1.1, 0.05), paint("4a3b2a", Material.PLANKS), front=paint("7d6644")
    )
    if setting.is_in("clean", "empty", "torn"):
        return shape
    for k in range(13):
        x, y = -0.68 + (k % 5) * 0.33, 1.05 + (k // 5) * 0.34
        w, h = setting.random.uniform(0.14, 0.26), setting.random.uniform(0.18, 0.28)
        t = setting.random.uniform(-0.04, 0.04)
        colour = setting.random.choice(("c9c6b4", "b9b59c", "d4d0bc", "a89c78", "8c2a22"))
        sheet = [
            (x - w / 2 + t, y, -0.035),
            (x + w / 2 + t, y + t, -0.035),
            (x + w / 2 - t, y + h, -0.035),
            (x - w / 2 - t, y + h - t, -0.035),
        ]
        shape.face(sheet, paint(colour, Material.SIGN, second=colour), two_sided=True)
    shape.path(
        [(-0.6, 1.3, -0.04), (-0.1, 1.75, -0.04), (0.5, 1.4, -0.04), (0.1, 1.15, -0.04)],
        0.012,
        paint("a31414"),
    )
    return shape


def locker(setting: Setting) -> Shape:
    """Three tall lockers; `open` has one ajar."""
    shape = Shape()
    steel = paint("5c4c38", Material.PLANKS) if setting.old else paint("4f6468", Material.METAL)
    shape.box((0, 0, 0.2), (1.2, 1.95, 0.45), steel)
    for k in range(3):
        x = -0.4 + k * 0.4
        ajar = setting.is_in("open", "forced") and k == 1
        if ajar:
            shape.face(
                [
                    (x - 0.18, 0.06, -0.035),
                    (x + 0.18, 0.06, -0.035),
                    (x + 0.18, 1.9, -0.035),
                    (x - 0.18, 1.9, -0.035),
                ],
                _BLACK,
            )
            leaf = Shape().box((0.18, 0.05, 0), (0.37, 1.84, 0.025), steel.dim(1.1))
            shape.add(leaf, (x - 0.19, 0, -0.05), 1.2)
            continue
        shape.box((x, 0.05, -0.035), (0.37, 1.85, 0.02), steel.dim(1.08))
        for j in range(0 if setting.old else 4):
            shape.line(
                (x - 0.1, 1.6 + j * 0.06, -0.05), (x + 0.1, 1.6 + j * 0.06, -0.05), 0.02, _BLACK
            )
        shape.box((x + 0.13, 1.0, -0.06), (0.03, 0.12, 0.03), _STEEL)
    return shape


def table(setting: Setting) -> Shape:
    """A plain table with things left on it."""
    shape = Shape()
    shape.box((0, 0.72, 0), (1.8, 0.05, 0.85), _WOOD)
    for x in (-0.82, 0.82):
        for z in (-0.36, 0.36):
            shape.box((x, 0, z), (0.07, 0.72, 0.07), _WOOD)
    for x, z in ((-0.5, 0.0), (0.3, 0.2), (0.5, -0.2)):
        shape.tube(
            (x, 0.77, z),
            (x, 0.77 + setting.random.uniform(0.08, 0.25), z),
            0.06,
            paint("8fa6a0"),
            sides=8,
        )
    shape.box((-0.1, 0.77, -0.1), (0.3, 0.01, 0.4), paint("c9c6b4"), yaw=0.3)
    return shape
