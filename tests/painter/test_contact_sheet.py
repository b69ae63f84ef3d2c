"""The page for people to look at."""

from pathlib import Path

from app.engine.providers.offline.painter.contact_sheet import HOURS, scenes, write


def test_the_sheet_shows_every_hour_and_weather_that_was_asked_for(tmp_path: Path) -> None:
    page = write(tmp_path / "sheet", scenes(["cave"], ["clear", "fog"]))

    names = sorted(path.name for path in page.parent.glob("*.webp"))
    assert len(names) == 2 * len(HOURS)
    assert all(name in page.read_text(encoding="utf-8") for name in names)
