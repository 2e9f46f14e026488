// Short notices of what was done. Screen readers read them out.
import { html } from '../html.js';
import { store, useStore } from '../store.js';

const SHOWN_FOR = 6000;
const shown = store([]);
let last = 0;

/** Says that something was done, or with tone `bad` that it was not. */
export function say(text, tone = 'good') {
  last += 1;
  const id = last;
  shown.set((all) => [...all.slice(-3), { id, text, tone }]);
  setTimeout(() => shown.set((all) => all.filter((one) => one.id !== id)), SHOWN_FOR);
}

export function Toasts() {
  const all = useStore(shown);
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${all.map(({ id, text, tone }) => html`<p key=${id} class=${`toast ${tone}`}>${text}</p>`)}
    </div>
  `;
}
