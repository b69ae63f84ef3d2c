// Speaking to the API: one envelope in, data or a `Problem` out.

import {prefs} from './prefs.js';

/** Something that the server refused, or that could not be asked. */
export class Refusal extends Error {
  /** @param {import('./types').Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

const READ_MS = 15_000;
const PLAY_MS = 130_000;

/**
 * @typedef {object} Asking
 * @property {unknown} [body]
 * @property {string} [key] one per intent; a retry with the same key plays nothing twice
 * @property {boolean} [soon] answer 202 at once: the event stream tells the rest
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive] even while the page is being left
 */

/**
 * Ask the API. Throws `Refusal`.
 * @param {string} method
 * @param {string} path
 * @param {Asking} [asking]
 * @returns {Promise<{status: number, data: unknown, at: number}>} `at`: when, by the server's clock; NaN if it does not say
 */
export async function ask(method, path, asking = {}) {
  const {body, key, soon, signal, keepalive} = asking;
  /** @type {Record<string, string>} */
  const headers = {'Elsewhere-Client': 'web'};
  if (prefs().name) headers['Elsewhere-Player'] = encodeURIComponent(prefs().name);
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  if (soon) headers['Prefer'] = 'respond-async';
  const limit = AbortSignal.timeout(method === 'GET' ? READ_MS : PLAY_MS);
  const response = await reach(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    keepalive,
  });
  return {status: response.status, data: await opened(response), at: Date.parse(response.headers.get('Date') ?? '')};
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function reach(path, init) {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted && /** @type {Error} */ (error).name === 'AbortError') throw error;
    throw new Refusal({code: 'unreachable', message: '', status: 0, retryAfter: 2});
  }
}

/** @param {Response} response */
async function opened(response) {
  const answer = await response.json().catch(() => null);
  if (response.ok && answer?.success) return answer.data;
  const retryAfter = Number(response.headers.get('Retry-After')) || null;
  throw new Refusal({
    code: answer?.code ?? (response.status >= 500 ? 'unreachable' : 'unreadable'),
    message: answer?.error ?? '',
    status: response.status,
    retryAfter,
  });
}

const at = (/** @type {string} */ session) => `/api/sessions/${encodeURIComponent(session)}`;

/**
 * What is there, of the type that the caller knows from the API's document.
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {Asking} [asking]
 * @returns {Promise<T>}
 */
const get = async (method, path, asking) => /** @type {T} */ ((await ask(method, path, asking)).data);

/** @param {unknown} error @returns {import('./types').Problem} */
export function problemOf(error) {
  if (error instanceof Refusal) return error.problem;
  return {code: 'unreadable', message: String(error), status: 0, retryAfter: null};
}

const ANSWER_MS = 3000;

/** Whether the server is there. */
export async function answers() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    return (await fetch('/api/health', {cache: 'no-store', signal})).ok;
  } catch {
    return false;
  }
}

/** @param {string} session @returns {Promise<{state: import('./types').State, at: number}>} */
export async function readNow(session) {
  const {data, at} = await ask('GET', `/api/state?session_id=${encodeURIComponent(session)}`);
  return {state: /** @type {import('./types').State} */ (data), at};
}

/** @param {string} session */
export const readState = async (session) => (await readNow(session)).state;

/**
 * The newest turns before one, newest first.
 * @param {string} session
 * @param {{limit: number, before?: number}} page
 * @returns {Promise<{total: number, items: import('./types').Entry[], next_before: number | null}>}
 */
export const readHistory = (session, {limit, before}) =>
  get('GET', `${at(session)}/history?limit=${limit}${before === undefined ? '' : `&before=${before}`}`);

/** @returns {Promise<{items: import('./types').Meta[], next_cursor: string | null}>} */
export const listSessions = (limit = 50) =>
  get('GET', `/api/sessions?limit=${limit}`);

/** @param {string} session @returns {Promise<import('./types').Meta>} */
export const readMeta = async (session) => (await /** @type {Promise<{meta: import('./types').Meta}>} */ (get('GET', at(session)))).meta;

/**
 * @param {{world: string, name: string, settings: Partial<import('./types').Settings>}} body
 * @returns {Promise<import('./types').Meta>}
 */
export const createSession = (body) => get('POST', '/api/sessions', {body});

/** @param {string} session @param {number} turn @param {string} [name] @returns {Promise<import('./types').Meta>} */
export const fork = (session, turn, name) =>
  get('POST', `${at(session)}/fork`, {body: {turn, ...(name && {name})}});

/** @param {string} session @param {number} turn @returns {Promise<import('./types').State>} */
export const rewind = (session, turn) =>
  get('POST', `${at(session)}/rewind`, {body: {turn}});

/** @param {string} session @param {object} settings @returns {Promise<import('./types').Meta>} */
export const changeSettings = (session, settings) =>
  get('PATCH', at(session), {body: {settings}});

/**
 * @param {string} session
 * @param {'hold' | 'resume' | 'extend'} action
 * @param {{seconds?: number, keepalive?: boolean}} [more]
 * @returns {Promise<import('./types').State>}
 */
export const changeDeadline = (session, action, {seconds, keepalive} = {}) =>
  get('POST', `${at(session)}/deadline`, {body: {action, ...(seconds && {seconds})}, keepalive});

/** @typedef {{name: string, session_id: string, archived_at: string, turns: number}} Archive */

/** @returns {Promise<Archive[]>} */
export const listArchives = async () =>
  (await /** @type {Promise<{items: Archive[]}>} */ (get('GET', '/api/archives'))).items;

/** @param {string} name @param {number} limit @returns {Promise<{items: import('./types').Entry[]}>} */
export const readArchive = async (name, limit) =>
  (await /** @type {Promise<{history: {items: import('./types').Entry[]}}>} */ (
    get('GET', `/api/archives/${encodeURIComponent(name)}?limit=${limit}`))).history;

/** An ended run as a session of its own; the archive stays. @param {string} name @returns {Promise<import('./types').Meta>} */
export const restore = (name) =>
  get('POST', `/api/archives/${encodeURIComponent(name)}/restore`, {body: {}});

/** @param {string} session @returns {Promise<Codes>} */
export const readCodes = (session) => codesOf(session, {});

/** Other codes: those given away before lead nowhere. @param {string} session @returns {Promise<Codes>} */
export const replaceCodes = (session) =>
  codesOf(session, {method: 'POST', headers: {'Content-Type': 'application/json'}});

/** @typedef {{play?: string, watch: string}} Codes */
/** @param {string} session @param {RequestInit} init @returns {Promise<Codes>} */
async function codesOf(session, init) {
  const response = await reach(`/share/${encodeURIComponent(session)}`, init);
  const codes = await response.json().catch(() => null);
  if (response.ok && codes) return codes;
  throw new Refusal({code: codes?.code ?? 'unreadable', message: codes?.error ?? '', status: response.status, retryAfter: null});
}

/** @param {string} session @param {string} [after] */
export const eventsUrl = (session, after) =>
  `${at(session)}/events${after ? `?after=${encodeURIComponent(after)}` : ''}`;

/** @param {string} session */
export const transcriptUrl = (session) => `${at(session)}/transcript?format=md`;
/** @param {string} session */
export const exportUrl = (session) => `${at(session)}/export`;
