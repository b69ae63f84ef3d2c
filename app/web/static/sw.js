// Keeps the page for when there is no network, and the last pictures. Never the API.

const SHELL = `elsewhere-${BUILD}`;
const PICTURES = 'elsewhere-pictures';
const PICTURES_KEPT = 50;
const NETWORK_MS = 3000;

addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(['/', ...FILES])));
});

addEventListener('activate', (event) => {
  event.waitUntil(dropOld().then(() => clients.claim()));
});

addEventListener('message', (event) => {
  if (event.data === 'take over') skipWaiting();
});

addEventListener('fetch', (event) => {
  const {request} = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && /^\/($|p\/|t\/)/.test(url.pathname)) {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (/^\/(api\/(sessions|archives)\/[^/]+\/images|small|covers)\//.test(url.pathname)) {
    event.respondWith(picture(request));
  }
});

/** The network's page; the kept one if there is none. */
async function page(request) {
  try {
    return await fetch(request, {signal: AbortSignal.timeout(NETWORK_MS)});
  } catch {
    return (await caches.match('/')) ?? Response.error();
  }
}

async function picture(request) {
  const cache = await caches.open(PICTURES);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) {
    const copy = answer.clone();
    cache.put(request, copy).then(() => trim(cache)).catch(() => undefined);
  }
  return answer;
}

async function trim(cache) {
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - PICTURES_KEPT)).map((old) => cache.delete(old)));
}

async function dropOld() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('elsewhere-') && name !== SHELL && name !== PICTURES);
  await Promise.all(old.map((name) => caches.delete(name)));
}
