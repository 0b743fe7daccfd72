// Subscribes this browser to push messages. Loaded by a page's own tag; see docs/web-push.md.
((w, d, n) => {
  const tag = d.currentScript, set = tag ? tag.dataset : {};
  const host = (set.host || (tag && tag.src ? new URL(tag.src).origin : "")).replace(/\/$/, "");
  const worker = set.worker || "/push-worker.js";
  const can = "serviceWorker" in n && "PushManager" in w && "Notification" in w;
  const visitor = () => (d.cookie.match(/(?:^|; )pn_id=([\w-]{8,64})/) || [])[1];
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const same = (key, wanted) => {
    const now = new Uint8Array(key || new ArrayBuffer(0));
    return now.length === wanted.length && now.every((byte, index) => byte === wanted[index]);
  };
  const tell = async (path, body) => {
    const answer = await fetch(`${host}/t/push/${path}?key=${encodeURIComponent(set.key || "")}`,
      { method: "POST", body: JSON.stringify(body), keepalive: true });
    if (!answer.ok) throw new Error(`push: ${answer.status}`);
  };
  const registered = async () => {
    await n.serviceWorker.register(worker);
    return n.serviceWorker.ready;
  };
  const keep = async (registration) => {
    const answer = await fetch(`${host}/t/push/key?key=${encodeURIComponent(set.key || "")}`);
    if (!answer.ok) throw new Error(`push: ${answer.status}`);
    const key = bytes((await answer.json()).key);
    let found = await registration.pushManager.getSubscription();
    // Made for another key: it could not be pushed to.
    if (found && !same(found.options.applicationServerKey, key)) { await found.unsubscribe(); found = null; }
    found = found || await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await tell("subscriptions", { subscription: found.toJSON(), anonymousId: visitor() });
  };
  const api = w.perennialPush = {
    // "unsupported", "denied", "default" (nobody was asked) or "granted".
    state: () => can ? Notification.permission : "unsupported",
    // Asks the person; call it when they pressed something. Returns whether messages will come.
    async subscribe() {
      if (!can || !visitor() || await Notification.requestPermission() !== "granted") return false;
      await keep(await registered());
      return true;
    },
    async unsubscribe() {
      if (!can) return;
      const registration = await n.serviceWorker.getRegistration(worker);
      const found = registration && await registration.pushManager.getSubscription();
      if (!found) return;
      await tell("unsubscriptions", { endpoint: found.endpoint });
      await found.unsubscribe();
    }
  };
  // A browser that subscribed before says whose it is now: somebody else may have signed in.
  const again = async () => {
    if (api.state() !== "granted" || !visitor()) return;
    const registration = await n.serviceWorker.getRegistration(worker);
    if (registration && await registration.pushManager.getSubscription()) await keep(registration);
  };
  setTimeout(() => again().catch(() => {}), 2000);
})(window, document, navigator);
