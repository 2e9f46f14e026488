/** What runs in the measured page, before its own scripts. It is sent there as text, so it uses nothing of this module. */
export function probe({ rows, least }) {
  const measured = { rowsAt: null, events: [], shown: [] };
  window.measured = measured;

  // A frame is on the screen when the task after its callbacks runs.
  const painted = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => then(performance.now());
      port2.postMessage(null);
    });
  measured.painted = () => new Promise(painted);

  const hasRows = () => document.querySelectorAll(rows).length >= least;
  let awaited = null;
  new MutationObserver(() => {
    if (measured.rowsAt === null && hasRows()) {
      measured.rowsAt = 0;
      painted((at) => {
        measured.rowsAt = at;
      });
    }
    if (awaited && window.location.hash !== awaited.hash && document.querySelector(awaited.selector)) {
      const { resolve, begun } = awaited;
      awaited = null;
      painted((at) => resolve(at - begun.at));
    }
  }).observe(document, { childList: true, subtree: true, characterData: true });

  /** The time from the next key or click until another address shows what the selector finds. */
  measured.follow = (selector) => {
    const begun = { at: null };
    const note = ({ timeStamp }) => {
      begun.at ??= timeStamp;
    };
    for (const type of ['keydown', 'pointerdown']) window.addEventListener(type, note, { capture: true, once: true });
    measured.shown.push(
      new Promise((resolve) => {
        awaited = { selector, hash: window.location.hash, begun, resolve };
      }),
    );
  };
  measured.followed = () => measured.shown[measured.shown.length - 1];

  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId) measured.events.push({ interactionId, duration });
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}
