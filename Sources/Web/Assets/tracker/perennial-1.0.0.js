const perennial = ((w, d) => {
  const VERSION = "1.0.0", IDLE = 18e5, LONGEST = 864e5, STILL = 3e5, QUEUE = 300, BATCH = 25, BYTES = 6e4, STALE = 3e4;
  const nav = navigator, loc = location, now = () => Date.now(), iso = (t) => new Date(t).toISOString();
  const utm = { utm_source: "source", utm_medium: "medium", utm_campaign: "name", utm_term: "term", utm_content: "content" };
  const clicks = "gclid,gbraid,wbraid,fbclid,msclkid,ttclid,twclid,bd_vid,gdt_vid,qz_gdt,clickid".split(",");
  const clickable = "a,button,input,select,textarea,label,summary,[role=button],[role=link],[onclick],[data-pn]";
  let o = {}, key, host, mode = "off", started, me = {}, queue = [], waiting, tries = 0, busy, slot = "pn_q." + id();
  let page, forms = new Map(), seen = 0, since = 0, moved = 0, beats = 0, last = "";

  function id() {
    if (w.crypto && crypto.randomUUID) return crypto.randomUUID();
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    return [...b].map((x, i) => (/^(4|6|8|10)$/.test(i) ? "-" : "") + x.toString(16).padStart(2, "0")).join("");
  }

  // Storage: only with consent, and never an error where it is forbidden.
  const store = (name, value) => {
    try {
      const s = w.localStorage;
      if (value === undefined) return JSON.parse(s.getItem(name));
      if (value === null) s.removeItem(name);
      else s.setItem(name, JSON.stringify(value));
    } catch (e) {}
    return null;
  };
  const cookie = (value) => {
    if (value === undefined) return (d.cookie.match(/(?:^|; )pn_id=([\w-]{8,64})/) || [])[1];
    d.cookie = `pn_id=${value || ""}; path=/; max-age=${value ? 34128e3 : 0}; samesite=lax` +
      (o.domain ? "; domain=" + o.domain : "") + (loc.protocol === "https:" ? "; secure" : "");
  };
  const keep = () => {
    if (mode !== "on") return;
    cookie(me.a);
    store("pn", me);
    store(slot, queue.length ? { t: now(), q: queue } : null);
  };
  const refused = () => o.dnt !== "ignore" && (nav.globalPrivacyControl || nav.doNotTrack === "1" || w.doNotTrack === "1");

  // What the address says: campaign, ids of ad clicks, code of a poster.
  const arrival = () => {
    const q = new URLSearchParams(loc.search), c = {}, k = {};
    for (const p in utm) if (q.get(p)) c[utm[p]] = q.get(p).slice(0, 200);
    for (const p of clicks) if (q.get(p)) k[p] = q.get(p).slice(0, 200);
    const code = q.get("pn_code");
    const a = {};
    if (Object.keys(c).length) a.campaign = c;
    if (Object.keys(k).length) a.clickIds = k;
    if (code) a.channelCode = code.slice(0, 64);
    return a;
  };

  const session = () => {
    const t = now(), a = arrival(), mark = Object.keys(a).length ? JSON.stringify(a) : "";
    const s = me.s;
    if (s && t - s.l < IDLE && t - s.t < LONGEST && (!mark || mark === s.m)) {
      s.l = t;
      return;
    }
    me.s = { i: id(), t, l: t, m: mark, a };
    me.n = (me.n || 0) + 1;
    const first = { first_referrer: d.referrer || null, first_landing_page: loc.href.slice(0, 1000) };
    for (const n in a.campaign || {}) first["first_campaign_" + n] = a.campaign[n];
    if (a.channelCode) first.first_channel_code = a.channelCode;
    push("track", "Session Started", {
      landing_page: loc.href.slice(0, 1000), referrer: d.referrer, session_number: me.n, ...(a.channelCode && { channel_code: a.channelCode })
    }, { traits: first, traitOperation: "set_once" });
  };

  const context = () => ({
    page: { url: loc.href.slice(0, 2000), path: loc.pathname, search: loc.search, title: d.title, referrer: page ? page.r : d.referrer },
    screen: { width: screen.width, height: screen.height, innerWidth: w.innerWidth, innerHeight: w.innerHeight, density: w.devicePixelRatio },
    locale: nav.language, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    library: { name: "perennial.js", version: VERSION }, sessionId: me.s && me.s.i, ...(me.s && me.s.a),
    ...(nav.webdriver && { webdriver: true }), ...(mode === "anonymous" && { cookieless: true })
  });

  function push(type, event, properties, more) {
    if (mode === "off") return;
    const e = { type, messageId: id(), timestamp: iso(now()), context: context(), ...more };
    if (event) e.event = event;
    if (properties) e.properties = properties;
    // Without storage the server tells visitors apart, for a day.
    e.anonymousId = mode === "on" ? me.a : "cookieless";
    if (me.u) e.userId = me.u;
    queue.push(e);
    if (queue.length > QUEUE) queue.splice(0, queue.length - QUEUE);
    keep();
    later(queue.length < BATCH ? 1500 : 0);
  }
  const event = (type, name, properties, more) => {
    if (mode === "off") return;
    session();
    push(type, name, properties, more);
  };

  // Sending: again until the server has it; the server knows what it has by messageId.
  const later = (ms) => {
    if (busy || (waiting && waiting.at <= now() + ms)) return;
    if (waiting) clearTimeout(waiting.t);
    waiting = { at: now() + ms, t: setTimeout(() => { waiting = 0; send(); }, ms) };
  };
  const part = () => {
    let n = 0, size = 0;
    while (n < queue.length && n < BATCH && (!n || size < BYTES)) size += JSON.stringify(queue[n++]).length;
    if (size > BYTES && n > 1) n--;
    return queue.slice(0, n);
  };
  const pack = (events) => JSON.stringify(events.map((e) => ({ ...e, sentAt: iso(now()) })));
  const address = () => `${host}/t/events?key=${encodeURIComponent(key)}`;
  const drop = (events) => {
    const gone = new Set(events.map((e) => e.messageId));
    queue = queue.filter((e) => !gone.has(e.messageId));
    keep();
  };
  const send = async () => {
    if (busy || !queue.length || mode === "off") return;
    busy = 1;
    const events = part(), body = pack(events), stop = new AbortController(), limit = setTimeout(() => stop.abort(), 15e3);
    let status = 0;
    try {
      status = (await fetch(address(), {
        method: "POST", body, headers: { "Content-Type": "text/plain" }, credentials: "omit", keepalive: body.length < BYTES, signal: stop.signal
      })).status;
    } catch (e) {}
    clearTimeout(limit);
    busy = 0;
    const again = !status || status === 401 || status === 408 || status === 429 || status >= 500;
    if (status === 401 && !tries) console.warn("perennial: the write key is unknown");
    if (!again) {
      tries = 0;
      drop(events);
      if (queue.length) later(0);
    } else later(Math.min(6e4, 1000 * 2 ** Math.min(tries++, 6)) * (0.5 + Math.random() / 2));
  };
  // The page is going away: the browser takes it from here. What it loses is sent by the next page.
  const beacon = () => {
    let rest = queue;
    while (rest.length && mode !== "off") {
      const all = queue;
      queue = rest;
      const events = part();
      queue = all;
      if (!nav.sendBeacon || !nav.sendBeacon(address(), pack(events))) break;
      rest = rest.slice(events.length);
    }
    if (mode === "anonymous") queue = rest;
  };
  // What pages that died left behind.
  const adopt = () => {
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith("pn_q.") || name === slot) continue;
        const left = store(name);
        if (left && now() - left.t < STALE && left.t <= now()) continue;
        store(name, null);
        if (left && left.q) queue = left.q.concat(queue).slice(-QUEUE);
      }
    } catch (e) {}
    keep();
    if (queue.length) later(0);
  };

  // Time on the page: only while it can be seen and somebody is there.
  const count = () => {
    const t = now();
    if (since) seen += Math.max(0, Math.min(t, moved + STILL) - since);
    since = d.visibilityState === "visible" ? t : 0;
  };
  const depth = () => {
    const h = d.documentElement.scrollHeight;
    page.d = Math.max(page.d, h ? Math.min(100, Math.round(((w.scrollY + w.innerHeight) / h) * 100)) : 100);
  };
  const dwell = (least) => {
    if (!page || mode === "off") return;
    count();
    if (seen < least && !(least < 1000 && page.d > page.sent)) return;
    const seconds = Math.round(seen / 100) / 10;
    seen = 0;
    page.sent = page.d;
    if (o.dwell !== false) push("track", "Page Dwelt", { seconds, scroll_depth: page.d, page_id: page.i, url: page.u, path: page.p });
  };
  const beat = () => {
    count();
    if (seen >= (beats ? 6e4 : 15e3)) { beats++; if (me.s) me.s.l = Math.max(me.s.l, moved); dwell(0); }
  };
  const leave = () => {
    dwell(500);
    forms.forEach((f) => {
      push("track", "Form Abandoned", { form: f.f, last_field: f.l, fields: f.n.size, seconds: Math.round((now() - f.t) / 1000) });
    });
    forms.clear();
  };

  const view = (name, properties, type) => {
    if (mode === "off") return;
    if (page) leave();
    const referrer = page ? page.u : d.referrer;
    page = { i: id(), u: loc.href.slice(0, 2000), p: loc.pathname, r: referrer, d: 0, sent: 0 };
    [seen, beats, moved, since] = [0, 0, now(), d.visibilityState === "visible" ? now() : 0];
    last = loc.pathname + loc.search;
    depth();
    event(type || "page", null, { title: d.title, url: page.u, path: page.p, referrer, page_id: page.i, ...properties }, name ? { name } : {});
  };

  // An element by what does not change when the page around it does.
  const stable = (v) => v && v.length < 60 && !/\d{3,}|[:.[\]"\\]/.test(v);
  const selector = (e) => {
    const path = [];
    for (; e && e.nodeType === 1 && path.length < 5; e = e.parentElement) {
      const tag = e.localName, mark = e.getAttribute("data-pn");
      if (mark || stable(e.id)) { path.unshift(mark ? `[data-pn="${mark}"]` : "#" + e.id); break; }
      if (tag === "body" || tag === "html") { path.unshift(tag); break; }
      const name = e.getAttribute("name");
      if (stable(name)) { path.unshift(`${tag}[name="${name}"]`); continue; }
      const same = e.parentElement ? [...e.parentElement.children].filter((x) => x.localName === tag) : [e];
      path.unshift(tag + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : ""));
    }
    return path.join(">");
  };
  const onClick = (ev) => {
    moved = now();
    const at = ev.target && ev.target.nodeType === 1 ? ev.target : null;
    if (!at || at.closest("[data-pn-ignore]")) return;
    const e = at.closest(clickable) || at, b = e.getBoundingClientRect(), r = (v) => Math.round(Math.min(1, Math.max(0, v || 0)) * 1000) / 1000;
    const link = e.closest("a[href]"), isField = /^(input|select|textarea)$/.test(e.localName);
    event("track", "Element Clicked", {
      selector: selector(e), tag: e.localName, text: isField ? "" : (e.innerText || e.getAttribute("aria-label") || "").trim().slice(0, 80),
      x: r((ev.clientX - b.left) / b.width), y: r((ev.clientY - b.top) / b.height),
      page_x: Math.round(ev.pageX), page_y: Math.round(ev.pageY), viewport_width: w.innerWidth,
      page_width: d.documentElement.scrollWidth, page_height: d.documentElement.scrollHeight,
      path: loc.pathname, page_id: page && page.i, ...(link && { href: link.href.slice(0, 1000) })
    });
  };
  const onField = (ev) => {
    const e = ev.target, f = e.form;
    if (!f || e.type === "hidden" || f.closest("[data-pn-ignore]")) return;
    const field = e.name || e.id || e.type;
    if (!forms.has(f)) {
      forms.set(f, { f: selector(f), t: now(), n: new Set() });
      event("track", "Form Started", { form: selector(f), first_field: field, path: loc.pathname });
    }
    const s = forms.get(f);
    s.l = field;
    s.n.add(field);
  };
  const onSubmit = (ev) => {
    const s = forms.get(ev.target);
    forms.delete(ev.target);
    event("track", "Form Submitted", { form: selector(ev.target), fields: s ? s.n.size : 0, seconds: s ? Math.round((now() - s.t) / 1000) : 0, path: loc.pathname });
  };
  const routed = () => setTimeout(() => { if (loc.pathname + loc.search !== last) view(); });

  const listen = () => {
    if (started) return;
    started = 1;
    if (o.clicks !== false) d.addEventListener("click", onClick, true);
    if (o.forms !== false) {
      d.addEventListener("focusin", onField, true);
      d.addEventListener("submit", onSubmit, true);
    }
    for (const n of ["scroll", "keydown", "pointermove", "touchstart"])
      w.addEventListener(n, () => { count(); moved = now(); if (n === "scroll" && page) depth(); }, { passive: true });
    for (const n of ["pushState", "replaceState"]) {
      const own = history[n];
      history[n] = function () { const r = own.apply(this, arguments); if (o.pages !== false) routed(); return r; };
    }
    w.addEventListener("popstate", () => o.pages !== false && routed());
    d.addEventListener("visibilitychange", () => {
      moved = now();
      if (d.visibilityState === "hidden") { dwell(500); send(); } else { count(); adopt(); }
    });
    w.addEventListener("pagehide", () => { leave(); beacon(); });
    w.addEventListener("pageshow", (e) => e.persisted && o.pages !== false && view());
    w.addEventListener("online", () => { tries = 0; later(0); });
    setInterval(beat, 5000);
    setInterval(() => mode === "on" && queue.length && keep(), 1e4);
  };
  const begin = (next) => {
    const before = mode;
    mode = next;
    if (mode === "off") return;
    if (mode === "on") {
      const old = store("pn") || {};
      me = { ...old, ...(me.u && { u: me.u }) };
      me.a = cookie() || old.a || id();
      queue.forEach((e) => { if (e.anonymousId === "cookieless") { e.anonymousId = me.a; delete e.context.cookieless; } });
      keep();
      adopt();
    }
    listen();
    if (before === "off" && o.pages !== false) view();
  };

  const api = {
    version: VERSION,
    load(writeKey, options) {
      if (key) return api;
      key = writeKey;
      o = options || {};
      host = (o.host || "").replace(/\/$/, "");
      const go = () => {
        const said = store("pn_consent");
        if (said === "granted") begin("on");
        else if (refused() || (o.consent || "granted") === "required") begin("off");
        else begin(o.consent === "cookieless" ? "anonymous" : "on");
      };
      if (d.prerendering) d.addEventListener("prerenderingchange", go, { once: true });
      else go();
      return api;
    },
    consent(word) {
      if (word === "granted") { store("pn_consent", "granted"); if (mode !== "on") begin("on"); return; }
      try {
        for (const n of Object.keys(localStorage)) if (/^pn(_q\.|_consent$|$)/.test(n)) store(n, null);
      } catch (e) {}
      cookie("");
      [queue, me] = [[], {}];
      const had = mode;
      mode = word === "cookieless" && !refused() ? "anonymous" : "off";
      if (mode !== "off" && had === "off") { mode = "off"; begin("anonymous"); }
    },
    page(name, properties) { view(name, properties); },
    screen(name, properties) { view(name, properties, "screen"); },
    track(name, properties) { event("track", name, properties); },
    identify(user, traits) {
      if (typeof user === "object") [user, traits] = [null, user];
      if (user) me.u = String(user);
      event("identify", null, null, { traits: traits || {} });
    },
    reset() {
      me = mode === "on" ? { a: id() } : {};
      forms.clear();
      keep();
    },
    flush() { return send(); }
  };
  return api;
})(window, document);
