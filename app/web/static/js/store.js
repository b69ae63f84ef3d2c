// The game as this page knows it: `reduce(game, event)` and what can be read off. No DOM, no clock.
//
// Durable events carry ids that grow. Each part of the game remembers the id that it stems from
// and gives way only to a newer one, so that events may come twice or in any order and the game
// ends up the same.

/** @typedef {import('./types').Game} Game */
/** @typedef {import('./types').Event} Event */
/** @typedef {import('./types').EventId} EventId */
/** @typedef {import('./types').Mode} Mode */

/** @type {EventId} */
export const NEVER = Object.freeze([-1, 0, 0]);
const BETWEEN = Number.MAX_SAFE_INTEGER;
const LATE_KEPT = 8;

/** @param {string} text `13` or `13.<opened>.<number>` @returns {EventId | null} */
export function parseId(text) {
  const parts = text.split('.').map(Number);
  const [commit = NaN, opened = 0, number = 0] = parts;
  return parts.every(Number.isSafeInteger) && parts.length <= 3 ? [commit, opened, number] : null;
}

/** @param {EventId} id */
export const idText = (id) => (id[1] ? id.join('.') : String(id[0]));

/** @param {EventId} a @param {EventId} b negative if a is older */
export const compare = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/**
 * @param {string} session
 * @param {import('./types').Role} role
 * @returns {Game}
 */
export function newGame(session, role = 'play') {
  return {
    session, role, link: 'connecting', retryAt: null, skew: 0, state: null, told: null,
    making: null, ended: NEVER, actor: null, offer: null, late: [], clips: [], clock: null, reset: NEVER,
    failure: null, intent: null, stale: null, dropped: null, players: 0, watchers: 0, gone: null,
  };
}

/**
 * The game after an event. What changes nothing answers the same object.
 * @param {Game} game
 * @param {Event} event
 * @returns {Game}
 */
export function reduce(game, event) {
  // A type of another version is nothing to us.
  const handle = /** @type {((game: Game, event: Event) => Game) | undefined} */ (HANDLERS[event.type]);
  return handle ? handle(game, event) : game;
}

/** @type {{[T in Event['type']]: (game: Game, event: Extract<Event, {type: T}>) => Game}} */
const HANDLERS = {
  'hello': hello,
  'resync': (game, event) => ({...game, reset: newer(game.reset, event.id ?? game.reset)}),
  'turn.started': started,
  'dispatch.delta': heard,
  'turn.committed': committed,
  'turn.failed': failed,
  'image.ready': (game, {id, image}) => ({...game, late: later(game.late, id, image)}),
  'image.failed': (game, {id, image}) => ({...game, late: later(game.late, id, image)}),
  'video.ready': (game, {id, video}) => ({...game, clips: later(game.clips, id, video)}),
  'video.failed': (game, {id, video}) => ({...game, clips: later(game.clips, id, video)}),
  'tape.ready': (game) => game,
  'choices.changed': (game, {id = NEVER, turn, choices}) =>
    game.offer && compare(id, game.offer.id) <= 0 ? game : {...game, offer: {id, turn, choices}},
  'deadline': (game, {id = NEVER, turn, deadline_at, held_by}) =>
    game.clock && compare(id, game.clock.id) <= 0
      ? game
      : {...game, clock: {id, turn, at: time(deadline_at), heldBy: held_by ?? null}},
  'session.reset': reset,
  'session.over': (game, event) =>
    event.reason === 'deleted' ? {...game, gone: deleted()} : game,
  'presence': (game, {players, watchers}) => ({...game, players, watchers}),
  'page.link': (game, {link, retryAt}) =>
    game.link === link && game.retryAt === retryAt ? game : {...game, link, retryAt},
  'page.loaded': loaded,
  'page.sent': (game, {intent}) =>
    ({...game, intent: {...intent, since: game.ended}, stale: null, dropped: null}),
  'page.accepted': accepted,
  'page.answered': answered,
  'page.refused': refused,
  'page.retried': (game) => game.intent
    ? {...game, intent: {...game.intent, since: game.ended, accepted: false, problem: null}}
    : game,
  'page.dismissed': (game) => ({...game, intent: null, stale: null, dropped: null}),
  'page.gone': (game, {problem}) => ({...game, gone: problem, intent: null, making: null}),
};

/** @param {Game} game @param {Extract<Event, {type: 'hello'}>} event */
function hello(game, event) {
  const running = event.running_turn;
  const id = event.id ?? NEVER;
  return {
    ...game,
    link: /** @type {const} */ ('live'),
    retryAt: null,
    skew: new Date(event.server_time).getTime() - event.now,
    players: event.players,
    watchers: event.watchers,
    actor: running ? {id, turn: running.turn, actor: running.actor} : game.actor,
    making: running
      ? {...running, id, heard: count(running.text), gap: false, at: game.making?.at ?? event.now}
      : null,
  };
}

/** @param {Game} game @param {Extract<Event, {type: 'turn.started'}>} event */
function started(game, event) {
  const {id = NEVER, turn, expected_turn, actor, choice, fate, image} = event;
  const latest = !game.actor || compare(id, game.actor.id) > 0 ? {id, turn, actor} : game.actor;
  const over = compare(id, game.ended) <= 0 || (game.told && compare(id, game.told.id) <= 0);
  const old = game.making && compare(id, game.making.id) <= 0;
  if (over || old) return {...game, actor: latest};
  const making = {
    id, turn, expected_turn, actor, choice, fate, image,
    text: '', heard: 0, gap: false, at: event.now,
  };
  return {...game, actor: latest, making};
}

/** @param {Game} game @param {Extract<Event, {type: 'dispatch.delta'}>} event */
function heard(game, {turn, offset, text}) {
  const making = game.making;
  if (!making || making.turn !== turn) return game;
  if (offset === 0 && making.gap) return {...game, making: {...making, text, heard: count(text), gap: false}};
  if (offset > making.heard) return {...game, making: {...making, gap: true}};
  const fresh = [...text].slice(making.heard - offset);
  if (!fresh.length) return game;
  return {
    ...game,
    making: {...making, text: making.text + fresh.join(''), heard: making.heard + fresh.length},
  };
}

/** @param {Game} game @param {Extract<Event, {type: 'turn.committed'}>} event */
function committed(game, event) {
  const {type: _, id = NEVER, ...turn} = event;
  if (game.told && compare(id, game.told.id) <= 0) return game;
  return settle(tell(game, {id, turn}), turn.turn);
}

/**
 * The turn that is shown now. What was being made before it is done with.
 * @param {Game} game
 * @param {import('./types').Told} told
 * @returns {Game}
 */
function tell(game, told) {
  const ended = newer(game.ended, told.id);
  const making = game.making && compare(game.making.id, told.id) < 0 ? null : game.making;
  return {...game, told, ended, making, gone: null};
}

/**
 * An accepted intent is fulfilled by the turn that follows the one it was meant for. One that had
 * failed is overtaken by it, and so is one that was not taken because that turn was being made.
 * @param {Game} game
 * @param {number} turn
 */
function settle(game, turn) {
  const {intent, dropped} = game;
  if (dropped && turn > dropped.turn) return {...game, dropped: null, stale: dropped};
  if (!intent || turn <= intent.expected) return game;
  if (intent.problem && intent.choice) {
    return {...game, intent: null, stale: {turn: intent.expected, choice: intent.choice}};
  }
  return intent.accepted ? {...game, intent: null} : game;
}

/** @param {Game} game @param {Extract<Event, {type: 'turn.failed'}>} event */
function failed(game, {id = NEVER, turn, code, error, retry_after}) {
  if (game.failure && compare(id, game.failure.id) <= 0) return game;
  const ended = newer(game.ended, id);
  const making = game.making && compare(game.making.id, id) < 0 ? null : game.making;
  const problem = {code, message: error, status: 0, retryAfter: retry_after};
  return broken({...game, ended, making, failure: {id, turn, problem}});
}

/** An accepted intent whose turn has failed. The news of both may come in any order. @param {Game} game */
function broken(game) {
  const {intent, failure} = game;
  const ours = intent?.accepted && failure?.turn === intent.expected + 1;
  if (!ours || compare(failure.id, intent.since) <= 0) return game;
  return {...game, intent: {...intent, accepted: false, problem: failure.problem}};
}

/** @param {Game} game @param {Extract<Event, {type: 'page.accepted'}>} event */
function accepted(game, {key}) {
  if (game.intent?.key !== key) return game;
  const next = {...game, intent: {...game.intent, accepted: true}};
  return broken(settle(next, next.told?.turn.turn ?? -1));
}

/**
 * What became of pictures, or of clips, after their turns were told.
 * @template {{id: string}} Media
 * @param {readonly {id: EventId, media: Media}[]} known
 * @param {EventId | undefined} told
 * @param {Media} media
 */
function later(known, told, media) {
  const id = told ?? NEVER;
  const others = known.filter((one) => one.media.id !== media.id || compare(one.id, id) > 0);
  if (others.some((one) => one.media.id === media.id)) return known;
  return [...others, {id, media}].sort((a, b) => compare(b.id, a.id)).slice(0, LATE_KEPT);
}

/** @param {Game} game @param {Extract<Event, {type: 'session.reset'}>} event */
function reset(game, {id = NEVER}) {
  if (compare(id, game.reset) <= 0) return game;
  const making = game.making && compare(game.making.id, id) < 0 ? null : game.making;
  return {...game, reset: id, ended: newer(game.ended, id), making};
}

/** @param {Game} game @param {Extract<Event, {type: 'page.loaded'}>} event */
function loaded(game, {state, entry, now, at = NaN}) {
  /** @type {EventId} */
  const id = [state.last_event_id, 0, 0];
  if (game.state && compare(id, game.state.id) < 0) return game;
  const clock = {id, turn: state.turn, at: time(state.deadline_at), heldBy: state.held_by ?? null};
  const next = {
    ...game,
    skew: skewed(game, at - now),
    state: {id, state},
    clock: game.clock && compare(id, game.clock.id) < 0 ? game.clock : clock,
    gone: null,
  };
  if (state.turn < 0) return {...next, told: null, making: madeNow(game, state, id, now)};
  if (!entry || (game.told && compare(id, game.told.id) < 0)) return next;
  const phase = state.phase === 'resolving' ? entry.phase : state.phase;
  const turn = {...entry, choices: state.choices, image: state.image, video: state.video, phase};
  const told = {id: again(game.told, turn) ? newer(game.told.id, id) : id, turn};
  return settle({...tell(next, told), making: madeNow(game, state, id, now)}, turn.turn);
}

const COARSE_MS = 2000;

/**
 * How far our clock is off. A stream says it to the millisecond; without one, an answer says it to
 * the second, which is enough for a clock that is quite wrong.
 * @param {Game} game
 * @param {number} off
 */
const skewed = ({link, skew}, off) => (link !== 'live' && Math.abs(off) > COARSE_MS ? off : skew);

/**
 * What is being made, if a snapshot says so, or if the stream has told of it since.
 * @param {Game} game
 * @param {import('./types').State} state
 * @param {EventId} id
 * @param {number} now
 * @returns {import('./types').Making | null}
 */
function madeNow({making, link}, state, id, now) {
  // A live stream tells of every turn that is begun. A snapshot may be of the moment in which the
  // last one is just being put away.
  if (link === 'live') return making && compare(making.id, id) > 0 ? making : null;
  if (state.phase !== 'resolving') return null;
  return making?.expected_turn === state.turn ? making : {
    id, turn: state.turn + 1, expected_turn: state.turn, actor: {name: null, client: 'api'},
    choice: null, fate: null, image: {status: 'pending', width: 0, height: 0},
    text: '', heard: 0, gap: false, at: now,
  };
}

/**
 * Whether a turn is the one that we show already.
 * @param {import('./types').Told | null} told
 * @param {import('./types').Turn} turn
 * @returns {told is import('./types').Told}
 */
const again = (told, turn) => told !== null && told.turn.turn === turn.turn;

/** @param {Game} game @param {Extract<Event, {type: 'page.answered'}>} event */
function answered(game, {key, turn}) {
  const {intent, told} = game;
  if (!intent || intent.key !== key) return game;
  const known = told && compare(told.id, intent.base) > 0 && told.turn.turn >= turn.turn;
  if (known) return {...game, intent: null};
  // Newer than what we had, older than whatever the stream will tell of it.
  /** @type {EventId} */
  const id = [intent.base[0], BETWEEN, 0];
  return {...tell(game, {id, turn}), making: null, intent: null};
}

const MOVED_ON = new Set(['stale_turn', 'choice_not_offered']);
const NOT_OURS = new Set(['turn_in_progress', 'session_over', 'not_started']);

/** @param {Game} game @param {Extract<Event, {type: 'page.refused'}>} event */
function refused(game, {key, problem}) {
  const {intent} = game;
  if (!intent || intent.key !== key) return game;
  const choice = intent.choice;
  if (MOVED_ON.has(problem.code) && choice) {
    return {...game, intent: null, stale: {turn: intent.expected, choice}};
  }
  if (MOVED_ON.has(problem.code) || NOT_OURS.has(problem.code)) {
    const dropped = choice && {turn: intent.expected, choice};
    return settle({...game, intent: null, dropped}, game.told?.turn.turn ?? -1);
  }
  return {...game, intent: {...intent, accepted: false, problem}};
}

/** @param {EventId} a @param {EventId} b */
const newer = (a, b) => (compare(a, b) >= 0 ? a : b);

/** @param {string} text in code points, as the server counts */
function count(text) {
  let n = 0;
  for (const _ of text) n += 1;
  return n;
}

/** @param {string | null | undefined} at */
const time = (at) => (at ? new Date(at).getTime() : null);

const deleted = () => ({
  code: 'session_not_found', message: 'This story was deleted.', status: 404, retryAfter: null,
});

// -- what can be read off ------------------------------------------------------------------

/** Whether our own wish is still on its way. @param {Game} game */
export const pending = ({intent, told}) =>
  intent !== null && !intent.problem && !(told && told.turn.turn > intent.expected);

/** Whether what we know is of before a reset. @param {Game} game */
export const outdated = (game) => !game.state || compare(game.reset, game.state.id) > 0;

/** The one state of the screen. @param {Game} game @returns {Mode} */
export function modeOf(game) {
  const {told, making, intent} = game;
  if (game.gone) return 'gone';
  if (!game.state && !told) return 'loading';
  if (intent?.problem) return 'error';
  if (game.stale) return 'stale';
  if (making && (making.text || (told && told.turn.turn >= making.turn))) return 'streaming';
  if (pending(game)) return 'sending';
  if (making) return 'elsewhere';
  if (!told) return 'new';
  if (told.turn.phase === 'over') return 'over';
  if (told.turn.phase === 'awaiting_choices') return 'streaming';
  if (game.role === 'watch') return 'spectator';
  return clockOf(game)?.heldBy ? 'held' : 'choosing';
}

/** The choices on offer. @param {Game} game */
export function choicesOf({told, offer}) {
  if (!told) return [];
  const changed = offer && offer.turn === told.turn.turn && compare(offer.id, told.id) > 0;
  return changed ? offer.choices : told.turn.choices;
}

/** The picture of the turn that is shown, late news included. @param {Game} game */
export function imageOf({told, making, late}) {
  const image = told?.turn.image ?? null;
  if (making?.text && making.image.status === 'pending') {
    const {width, height} = making.image;
    return {...(image ?? NOTHING), id: `of turn ${making.turn}`, url: null, status: /** @type {const} */ ('pending'), width, height};
  }
  if (!image || image.status !== 'pending') return image;
  return late.find((one) => one.media.id === image.id)?.media ?? image;
}

/** The clip of the turn that is shown, late news included. @param {Game} game */
export function clipOf({told, clips}) {
  const clip = told?.turn.video ?? null;
  if (clip?.status !== 'pending') return clip;
  return clips.find((one) => one.media.id === clip.id)?.media ?? clip;
}

const NOTHING = {alt: '', mime: 'image/webp'};

/** The clock of the turn that is shown. @param {Game} game */
export function clockOf({told, clock}) {
  if (clock && (!told || compare(clock.id, told.id) >= 0)) return clock;
  return told && {id: told.id, turn: told.turn.turn, at: time(told.turn.deadline_at), heldBy: null};
}
