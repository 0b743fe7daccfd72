// Shows push messages. A site's own worker loads it with importScripts; see docs/web-push.md.
((w) => {
  const set = w.perennialPush || {};
  w.addEventListener("push", (event) => {
    let told = {};
    try { told = event.data.json(); } catch (error) { return; }
    if (!told.title) return;
    event.waitUntil(w.registration.showNotification(told.title, {
      body: told.body, icon: told.icon, image: told.image, tag: told.tag, data: { url: told.url }
    }).then(() => told.shown && fetch(told.shown, { mode: "no-cors" }).catch(() => {})));
  });
  w.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const url = event.notification.data && event.notification.data.url;
    if (url) event.waitUntil(w.clients.openWindow(url));
  });
  // The browser changed its address by itself: the new one takes the place of the old one.
  w.addEventListener("pushsubscriptionchange", (event) => {
    const old = event.oldSubscription;
    if (!set.host || !set.key || !old) return;
    const found = event.newSubscription ? Promise.resolve(event.newSubscription)
      : w.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: old.options.applicationServerKey });
    event.waitUntil(found.then((subscription) => fetch(
      `${set.host}/t/push/subscriptions?key=${encodeURIComponent(set.key)}`,
      { method: "POST", body: JSON.stringify({ subscription: subscription.toJSON(), replaces: old.endpoint }) })));
  });
})(self);
