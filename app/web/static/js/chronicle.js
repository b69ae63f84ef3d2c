// What has happened in a session, oldest first, with the branches that left it.

import {listArchives, listSessions, readArchive, readHistory} from './client.js';

/** @typedef {import('./types').Entry} Entry */

/**
 * One turn as it is told again.
 * @typedef {object} Told
 * @property {number} turn
 * @property {string | null} action
 * @property {boolean} is_timeout
 * @property {import('./types').Fate | null} fate
 * @property {string} situation
 * @property {string} dispatch
 * @property {boolean} alive
 * @property {string} phase
 * @property {string} world
 * @property {string} place
 * @property {string} hour
 * @property {string} at
 * @property {string[]} offered what could be done before it
 * @property {string[]} choices what can be done after it
 * @property {{id: string, url: string, small: string, alt: string, width: number, height: number} | null} image
 */

/**
 * A run that shares the beginning of another one.
 * @typedef {object} Branch
 * @property {string} label A, B, ...
 * @property {string | null} session null for a run that has ended in the archives
 * @property {string | null} archive its name there
 * @property {number} from the last turn that both have
 * @property {Told[]} turns those after it
 */

const PAGE = 200;
const MOST_BRANCHES = 12;

/** @param {Entry} entry @param {string} smallAt @returns {Told} */
function told(entry, smallAt) {
  const {image, state} = entry;
  return {
    turn: entry.turn, action: entry.action, is_timeout: entry.is_timeout ?? false, fate: entry.fate,
    situation: entry.situation, dispatch: entry.dispatch, alive: entry.alive, phase: entry.phase,
    world: state.world, place: state.location.id, hour: state.time_of_day, at: entry.at,
    offered: entry.offered.map(({text}) => text),
    choices: entry.choices.map(({text}) => text),
    image: image?.url && image.status === 'ready'
      ? {id: image.id, url: image.url, small: `/small/${smallAt}/${image.id}.webp`, alt: image.alt, width: image.width, height: image.height}
      : null,
  };
}

/**
 * The whole run, oldest first.
 * @param {string} session
 * @returns {Promise<Told[]>}
 */
export async function readRun(session, after = -1) {
  /** @type {Told[]} */
  const found = [];
  /** @type {number | undefined} */
  let before;
  do {
    const page = await readHistory(session, {limit: PAGE, before});
    found.push(...page.items.map((entry) => told(entry, session)));
    before = page.next_before ?? undefined;
  } while (before !== undefined && before > after);
  const run = found.reverse().filter(({turn}) => turn > after);
  if (after < 0) keep(session, run);
  return run;
}

/**
 * Forks of a session, and what was left behind when it was rewound or reset.
 * @param {string} session
 * @param {Told[]} trunk
 * @returns {Promise<{branches: Branch[], parent: {session_id: string, turn: number} | null}>}
 */
export async function readBranches(session, trunk) {
  const [{items: metas}, archives] = await Promise.all([listSessions(PAGE), listArchives()]);
  const forks = metas.filter(({parent}) => parent?.session_id === session).slice(0, MOST_BRANCHES);
  const ended = archives.filter((one) => one.session_id === session).slice(0, MOST_BRANCHES);
  const found = await Promise.all([
    ...forks.map((meta) => readFork(meta.session_id, meta.parent?.turn ?? 0)),
    ...ended.map(({name}) => readEnded(name, trunk)),
  ]);
  const branches = found
    .flatMap((branch) => (branch?.turns.length ? branch : []))
    .sort((a, b) => a.from - b.from)
    .slice(0, MOST_BRANCHES)
    .map((branch, n) => ({...branch, label: String.fromCharCode(65 + n)}));
  return {branches, parent: metas.find((meta) => meta.session_id === session)?.parent ?? null};
}

/** @param {string} session @param {number} from */
async function readFork(session, from) {
  try {
    return {label: '', session, archive: null, from, turns: await readRun(session, from)};
  } catch {
    return null; // It was deleted meanwhile.
  }
}

/** @param {string} name @param {Told[]} trunk */
async function readEnded(name, trunk) {
  try {
    const {items} = await readArchive(name, PAGE);
    const run = items.map((entry) => told(entry, `archives/${name}`)).reverse();
    const same = run.findIndex((one) => trunk[one.turn]?.at !== one.at);
    if (same < 1) return null; // Another story, or nothing of its own.
    return {label: '', session: null, archive: name, from: /** @type {Told} */ (run[same - 1]).turn, turns: run.slice(same)};
  } catch {
    return null;
  }
}

/**
 * A row of the reel: a turn, its lane, and the lines that pass it.
 * @typedef {object} Row
 * @property {Told} told
 * @property {number} lane
 * @property {Branch | null} branch
 * @property {boolean} last of its branch
 * @property {{lane: number, from: number, kind: 'down' | 'up' | 'through' | 'fork'}[]} lines
 */

/**
 * The turns in order, each branch behind the turn that it leaves. Pure.
 * @param {Told[]} trunk
 * @param {Branch[]} branches
 * @returns {Row[]}
 */
export function reel(trunk, branches) {
  /** @type {Row[]} */
  const rows = [];
  const end = trunk.length - 1;
  trunk.forEach((one, n) => {
    const leaving = branches.filter(({from}) => from === one.turn);
    const trunkLines = line(0, n > 0, n < end);
    rows.push({told: one, lane: 0, branch: null, last: n === end, lines: [
      ...trunkLines, ...leaving.map((branch) => ({lane: 1 + branches.indexOf(branch), from: 0, kind: /** @type {const} */ ('fork')})),
    ]});
    leaving.forEach((branch, k) => rows.push(...branchRows(branch, branches, leaving.slice(k + 1), n < end)));
  });
  return rows;
}

/**
 * @param {Branch} branch @param {Branch[]} branches @param {Branch[]} waiting @param {boolean} goesOn
 * @returns {Row[]}
 */
function branchRows(branch, branches, waiting, goesOn) {
  const lane = 1 + branches.indexOf(branch);
  const passing = [...(goesOn ? [0] : []), ...waiting.map((one) => 1 + branches.indexOf(one))];
  const end = branch.turns.length - 1;
  return branch.turns.map((one, n) => ({
    told: one, lane, branch, last: n === end,
    lines: [...passing.flatMap((other) => line(other, true, true)), ...line(lane, true, n < end)],
  }));
}

/** @param {number} lane @param {boolean} up @param {boolean} down @returns {Row['lines']} */
const line = (lane, up, down) =>
  up && down ? [{lane, from: lane, kind: 'through'}] :
  up ? [{lane, from: lane, kind: 'up'}] :
  down ? [{lane, from: lane, kind: 'down'}] : [];

// -- for when there is no network -----------------------------------------------------------------

const KEPT = 'elsewhere.read.';
const MOST_KEPT = 4;

/** @param {string} session @param {Told[]} run */
function keep(session, run) {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(KEPT) && name !== KEPT + session);
    for (const name of names.slice(0, Math.max(0, names.length - MOST_KEPT + 1))) localStorage.removeItem(name);
    localStorage.setItem(KEPT + session, JSON.stringify(run));
  } catch {
    // Full, or a private window: it can be read while there is a network.
  }
}

/** What was read here before. @param {string} session @returns {Told[] | null} */
export function keptRun(session) {
  try {
    return JSON.parse(localStorage.getItem(KEPT + session) ?? 'null');
  } catch {
    return null;
  }
}
