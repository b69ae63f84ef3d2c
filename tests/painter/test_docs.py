"""docs/pictures.md says what is painted, and its pictures are light enough to load."""

from tests.painter.catalogue import PAGE, page, states_of


def test_the_page_says_what_the_painter_can_paint() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert text == page(text), "run python -m tests.painter.catalogue"


def test_the_states_in_the_page_are_those_that_change_a_picture() -> None:
    assert {"open", "locked"} <= set(states_of("door"))
    assert "lit" in states_of("lighthouse")


def test_the_pictures_of_the_docs_are_light() -> None:
    sizes = {path.stem: path.stat().st_size for path in (PAGE.parent / "pictures").glob("*.webp")}

    assert set(sizes) >= {"sheet", "walk", "wash", "motorpool", "b_wing"}
    assert max(sizes["sheet"], sizes["walk"]) <= 400_000
    assert all(sizes[name] <= 80_000 for name in ("wash", "motorpool", "b_wing"))
