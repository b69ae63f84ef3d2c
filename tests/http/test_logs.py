"""Log lines: one event a line, whatever is in it and whatever the locale is."""

import io
import json
import logging
import sys

import pytest

from app.logs import JsonFormatter, TextFormatter, configure


def a_record(message: str = "turn played", **extra: object) -> logging.LogRecord:
    record = logging.makeLogRecord({"name": "app.x", "levelname": "INFO", "msg": message})
    record.created = 1_795_353_721.5
    vars(record).update(extra)
    return record


def test_a_line_for_people() -> None:
    line = TextFormatter().format(a_record(session_id="a", turn=3))
    assert line == "2026-11-22T13:22:01.500Z INFO app.x turn played session_id=a turn=3"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a b", '"a b"'),
        ("a\nINFO forged", '"a\\nINFO forged"'),
        ('say "x"', '"say \\"x\\""'),
        ("a=b", '"a=b"'),
        ("", '""'),
        ("café", "café"),
        (None, "None"),
        (0.5, "0.5"),
        (["a", 1], '["a", 1]'),
        ("\x1b[31m", '"\\u001b[31m"'),
        ("\u2028", '"\u2028"'),
    ],
)
def test_a_value_never_breaks_its_line(value: object, written: str) -> None:
    assert TextFormatter().format(a_record(value=value)).endswith(f" value={written}")


def test_a_message_never_breaks_its_line() -> None:
    assert "\n" not in TextFormatter().format(a_record("one\ntwo"))


def test_a_line_for_machines() -> None:
    line = json.loads(JsonFormatter().format(a_record(session_id="a", path=io.StringIO)))
    assert line["event"] == "turn played"
    assert (line["time"], line["level"]) == ("2026-11-22T13:22:01.500Z", "info")
    assert line["session_id"] == "a"


@pytest.mark.parametrize("style", [TextFormatter, JsonFormatter])
def test_a_traceback_is_told(style: type[logging.Formatter]) -> None:
    record = a_record()
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        record.exc_info = sys.exc_info()
    assert "ZeroDivisionError" in style().format(record)


def test_the_ascii_locale_costs_no_line() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    try:
        configure(style="text", level="info", stream=stream)
        logging.getLogger("app.y").info("told", extra={"a": "café", "b": "\ud800"})
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert not stream.closed
    assert 'a=café b="\\ud800"' in raw.getvalue().decode()
