"""The reducer, run where it runs: fixtures, and ten thousand orders of the same events."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from app.engine.world.world import World
from tests.web.browser import new_context
from tests.web.events import filled
from tests.web.stage import staged

pytestmark = [pytest.mark.asyncio(loop_scope="session")]

FIXTURES: Final = sorted((Path(__file__).parent / "reducer").glob("*.json"))
STORE: Final = "document.querySelector('script[src]').src"
REPLAY: Final = (
    """async ([seat, events]) => {
      const {modules} = await import("""
    + STORE
    + """);
      const store = modules['js/store.js'];
      let game = store.newGame('s', seat);
      return events.map((event, n) => {
        const id = event.id ? store.parseId(event.id) : undefined;
        const before = JSON.stringify(game);
        const next = store.reduce(game, {...event, id, now: n * 1000});
        if (JSON.stringify(game) !== before) throw new Error('the old state was changed');
        game = next;
        const image = store.imageOf(game);
        const clip = store.clipOf(game);
        const clock = store.clockOf(game);
        return {
          mode: store.modeOf(game), link: game.link, turn: game.told?.turn.turn ?? null,
          dispatch: game.told?.turn.dispatch ?? null, text: game.making?.text ?? null,
          gap: game.making?.gap ?? null, fate: game.making?.fate ?? null,
          choices: store.choicesOf(game).map((one) => one.text),
          intent: game.intent?.choice?.text ?? null, problem: game.intent?.problem?.code ?? null,
          stale: game.stale?.choice.text ?? null, dropped: game.dropped?.choice.text ?? null,
          picture: image?.status ?? null, clip: clip?.status ?? null, heldBy: clock?.heldBy ?? null,
          deadline: Boolean(clock?.at), outdated: store.outdated(game),
        };
      });
    }"""
)
ORDERS: Final = 10_000
SHUFFLE: Final = (
    """async ([log, orders]) => {
      const {modules} = await import("""
    + STORE
    + """);
      const store = modules['js/store.js'];
      const events = log.map((event) => ({...event, id: store.parseId(event.id), now: 0}));
      const play = (list) => {
        const {skew, ...game} = list.reduce(store.reduce, store.newGame('s'));
        return JSON.stringify(game);
      };
      const expected = play(events);
      let seed = 1993;
      const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
      for (let n = 0; n < orders; n += 1) {
        const twice = events.filter(() => random() < 0.3);
        const list = [...events, ...twice].map((event) => [random(), event])
          .sort((a, b) => a[0] - b[0]).map(([, event]) => event);
        const found = play(list);
        if (found !== expected) {
          return {order: list.map((one) => one.type + ' ' + one.id), found, expected};
        }
      }
      return null;
    }"""
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(
    chromium: Browser, worlds: Mapping[str, World], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Page]:
    """One page for all of them: pure functions leave nothing behind."""
    async with staged(tmp_path_factory.mktemp("store"), worlds=worlds) as stage:
        context = await new_context(chromium)
        made = await context.new_page()
        await made.goto(f"{stage.url}/p/nobody")
        yield made
        await context.close()


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
async def test_the_reducer_does_as_its_fixture_says(page: Page, fixture: Path) -> None:
    told = json.loads(fixture.read_text("utf-8"))
    events = [filled(step["event"]) for step in told["steps"]]
    found: list[dict[str, Any]] = await page.evaluate(REPLAY, [told["seat"], events])
    for step, view in zip(told["steps"], found, strict=True):
        shown = {name: view[name] for name in step["then"]}
        assert shown == step["then"], (told["about"], step["event"])


async def test_every_order_of_the_same_events_comes_to_the_same(page: Page) -> None:
    log = [
        filled(event)
        for event in (
            {"type": "turn.started", "id": "1.9.1", "turn": 1},
            {"type": "turn.failed", "id": "1.9.2", "turn": 1},
            {"type": "turn.started", "id": "1.9.3", "turn": 1},
            {
                "type": "turn.committed",
                "id": "2",
                "turn": 1,
                "image": "pending one",
                "video": "pending one",
            },
            {"type": "image.failed", "id": "2.9.3", "turn": 1, "image": "failed one"},
            {"type": "image.ready", "id": "2.9.4", "turn": 1, "image": "ready one"},
            {"type": "video.failed", "id": "2.9.5", "turn": 1, "video": "failed one"},
            {"type": "video.ready", "id": "2.9.6", "turn": 1, "video": "ready one"},
            {"type": "choices.changed", "id": "3", "turn": 1, "choices": ["Sing", "Dig"]},
            {"type": "deadline", "id": "4", "turn": 1, "deadline_at": None, "held_by": "Ada"},
            {"type": "session.reset", "id": "5", "turn": 0, "reason": "rewind"},
            {"type": "turn.started", "id": "5.9.5", "turn": 1},
            {
                "type": "turn.committed",
                "id": "6",
                "turn": 1,
                "image": "pending two",
                "video": "pending two",
            },
            {"type": "turn.started", "id": "6.9.6", "turn": 2},
            {"type": "image.failed", "id": "6.9.7", "turn": 1, "image": "failed two"},
            {"type": "video.ready", "id": "6.9.9", "turn": 1, "video": "ready two"},
            {"type": "turn.committed", "id": "6.9.8", "turn": 2, "phase": "over"},
            {"type": "session.over", "id": "7", "turn": 2, "reason": "death"},
            {"type": "choices.changed", "id": "8", "turn": 2, "choices": ["Wake", "Sleep"]},
            {"type": "deadline", "id": "9", "turn": 2, "deadline_at": None, "held_by": None},
            {"type": "turn.started", "id": "9.9.9", "turn": 3},
            {"type": "turn.started", "id": "9.12.1", "turn": 3},
        )
    ]
    assert await page.evaluate(SHUFFLE, [log, ORDERS]) is None
