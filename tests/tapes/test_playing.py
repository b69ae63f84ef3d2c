"""A tape as people meet it, 41 scenes in a browser; and a run too long for anybody to see."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.engine.requests import Asked
from app.engine.tapes_script import Form
from app.engine.world.world import World
from app.main import create_app
from app.models.tape import FILM, STILLS
from app.settings import ServiceSettings
from tests.clients.conftest import listening
from tests.doubles import QuickIllustrator
from tests.tapes.runs import chapters, cues, entries, write
from tests.web.browser import browsing, new_context

PLAY = """
async ([film, captions]) => {
  const video = document.createElement('video');
  video.muted = true;
  const track = document.createElement('track');
  track.kind = 'captions'; track.srclang = 'en'; track.src = captions; track.default = true;
  video.append(track);
  document.body.append(video);
  const heard = (who, what) => new Promise((done, failed) => {
    who.addEventListener(what, done, {once: true});
    const broken = () => failed(new Error(video.error?.message ?? 'no track'));
    who.addEventListener('error', broken, {once: true});
  });
  const known = heard(video, 'loadedmetadata'), read = heard(track, 'load');
  track.track.mode = 'showing';
  video.src = film;
  await known;
  await read;
  const seek = async (second) => {
    const there = heard(video, 'seeked');
    video.currentTime = second;
    await there;
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0);
    return {
      at: video.currentTime,
      pixel: [...pen.getImageData(4, 4, 1, 1).data],
      cue: [...track.track.activeCues].map(({id, text}) => [id, text]),
    };
  };
  const seen = [];
  for (const share of [0.9, 0.1, 0.5]) seen.push(await seek(video.duration * share));
  video.currentTime = 0;
  const moved = heard(video, 'timeupdate');
  await video.play();
  await moved;
  return {
    duration: video.duration, width: video.videoWidth, height: video.videoHeight,
    cues: [...track.track.cues].map(({id, startTime, text}) => [id, startTime, text]), seen,
  };
}
"""


@pytest.mark.slow
async def test_a_tape_of_forty_turns_plays_in_a_browser(
    tmp_path: Path, worlds: Mapping[str, World]
) -> None:
    settings = ServiceSettings(
        sessions_dir=tmp_path / "sessions", durability="process", tapes=False
    )
    app = create_app(settings, illustrator=QuickIllustrator(), worlds=worlds)
    game = app.state.service.game
    game.tapes._form = Form(width=160, height=120)
    async with listening(app) as base:
        await game.turns.intro("tale", world=None, seed=7, asked=Asked())
        for turn in range(40):
            state = await game.sessions.state("tale")
            assert state.phase == "choosing", "choose another seed"
            words = f"Wait and count to {turn + 2}"
            await game.turns.act("tale", choice=words, choice_id=None, fate="LUCKY", asked=Asked())
        tape = await game.tapes.finished("tale", lambda _: None)
        film = await game.store.media("tale", "tapes", f"{tape.name}.mp4")
        vtt = (await game.store.media("tale", "tapes", f"{tape.name}.vtt")).read_text()
        assert tape.turns == 41
        assert len(chapters(film)) == 41 + 2
        async with browsing() as browser:
            context = await new_context(browser, bypass_csp=True)  # no page of ours: any will do
            page = await context.new_page()
            await page.goto(f"{base}/api/health")
            shown = await page.evaluate(PLAY, [tape.url, tape.captions_url])
    assert shown["duration"] == pytest.approx(tape.duration_s, abs=0.2)
    assert (shown["width"], shown["height"]) == (160, 120)
    told = cues(vtt)
    assert [[cue.name, cue.text] for cue in told] == [[one[0], one[2]] for one in shown["cues"]]
    for seen in shown["seen"]:
        due = [[cue.name, cue.text] for cue in told if cue.start <= seen["at"] < cue.end]
        assert seen["cue"] == due
    assert len({tuple(seen["pixel"]) for seen in shown["seen"]}) == 3, "three places of the film"


MEMORY = """
import resource, sys
from pathlib import Path
from app.engine.providers.offline.tape.worker import record
record(Path(sys.argv[1]), lambda _: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _memory_of(folder: Path, turns: int) -> int:
    """The most memory that the worker of such a film has held (KiB)."""
    write(folder, entries(turns), Form(width=96, height=72, fps=1))
    done = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, "-c", MEMORY, str(folder)], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "turns",
    [pytest.param(100, marks=pytest.mark.slow), pytest.param(500, marks=pytest.mark.soak)],
)
def test_a_long_run_takes_no_more_memory(tmp_path: Path, turns: int) -> None:
    short, long = _memory_of(tmp_path / "short", 20), _memory_of(tmp_path / "long", turns)
    assert long < short + 40 * 1024
    assert len(chapters(tmp_path / "long" / FILM)) == turns + 1 + 2
    assert (tmp_path / "long" / STILLS).stat().st_size <= 8_000_000
