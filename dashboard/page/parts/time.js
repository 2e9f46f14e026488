// A time, relative to now, with the exact one in its title.
import { ago, duration, exact } from '../format.js';
import { html, useEffect, useState } from '../html.js';

const listeners = new Set();

// One clock for all times on the screen. It stands still while nobody looks.
setInterval(() => {
  if (!document.hidden) for (const listener of listeners) listener();
}, 1000);

/** The text that `say` makes of the present time, made again each second. */
function useClock(say) {
  const [, redraw] = useState('');
  const text = say(Date.now());
  useEffect(() => {
    const tick = () => redraw(say(Date.now()));
    listeners.add(tick);
    return () => listeners.delete(tick);
  });
  return text;
}

export function Ago({ at }) {
  const text = useClock((now) => ago(Date.parse(at), now));
  return html`<time datetime=${at} title=${exact(at)}>${text}</time>`;
}

/** How long something has taken so far. */
export function Since({ at }) {
  const text = useClock((now) => duration(now - Date.parse(at)));
  return html`<time datetime=${at} title=${`since ${exact(at)}`}>${text}</time>`;
}
