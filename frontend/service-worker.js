// Keeps the page's own files, so that it opens without its relay and says so, and takes texts that are shared with it.
// The bundler fills in SHELL: every file of this version, by name.
//
// It never answers for the relay: what is under /api and the link pass by, and the entry comes from the network
// whenever that answers in time. A page of another version than its relay is told so by the protocol, and asks for
// the entry with `?fresh`, which is never taken from what is kept here.

const SHELL = [];
const VERSION = "";
const CACHE = `shell-${VERSION}`;
const SHARED = "shared";

/** How long the network has for the entry before the kept one is shown, in milliseconds. */
const ENTRY_LIMIT_MS = 3000;

/** The most characters of a shared text. */
const TEXT_MAX = 1 << 20;

addEventListener("install", (event) => event.waitUntil(keepShell()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", (event) => event.data === "take over" && skipWaiting());
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/share" && request.method === "POST") event.respondWith(takeShared(request));
  else if (url.pathname === "/shared-text") event.respondWith(giveShared());
  else if (request.method !== "GET" || url.pathname.startsWith("/api/")) return;
  else if (request.mode === "navigate") event.respondWith(entry(request, url));
  else if (SHELL.includes(url.pathname)) event.respondWith(file(request));
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((name) => new Request(name, { cache: "no-cache" })));
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith("shell-") && name !== CACHE) await caches.delete(name);
  }
  await clients.claim();
}

async function entry(request, url) {
  if (url.searchParams.has("fresh")) return fetch(request);
  const kept = await (await caches.open(CACHE)).match("/");
  if (!kept) return fetch(request);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ENTRY_LIMIT_MS);
  try {
    return await fetch(request, { signal: limit.signal });
  } catch {
    return kept;
  } finally {
    clearTimeout(timer);
  }
}

async function file(request) {
  const kept = await (await caches.open(CACHE)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

/** Keeps a shared text on this device until the page fetches it; it does not go to the relay. */
async function takeShared(request) {
  const form = await request.formData();
  const parts = ["title", "text", "url"].map((name) => form.get(name)).filter((part) => typeof part === "string");
  const text = [...new Set(parts.filter(Boolean))].join("\n").slice(0, TEXT_MAX);
  await (await caches.open(SHARED)).put("/shared-text", new Response(text, { headers: { "x-shared": "1" } }));
  return Response.redirect("/?open=type-text", 303);
}

async function giveShared() {
  const cache = await caches.open(SHARED);
  const text = await cache.match("/shared-text");
  await cache.delete("/shared-text");
  return text ?? new Response(null, { status: 404 });
}
