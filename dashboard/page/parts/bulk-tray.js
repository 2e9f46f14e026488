// What changes of many tasks are under way, on every screen.
import { bulks, forgetBulk, resumeBulk, stopBulk } from '../bulk.js';
import { count, plural } from '../format.js';
import { html } from '../html.js';
import { useStore } from '../store.js';

export function BulkTray() {
  const all = useStore(bulks);
  if (all.length === 0) return null;
  return html`<section class="tray" aria-label="Changes of many tasks">
    ${all.map((one) => html`<${Bulk} key=${one.id} one=${one} />`)}
  </section>`;
}

function Bulk({ one }) {
  const { id, title, verb, total, steps, at, matched, done, refused, state, problem } = one;
  // The count was of an earlier moment, so more may match than were counted.
  const known = total > 0 ? Math.max(total, matched) : null;
  const value = state === 'done' ? 1 : known ? matched / known : at / steps.length;
  return html`
    <article class=${`bulk ${state}`}>
      <h2>${title}</h2>
      <progress max="1" value=${value} aria-label=${title}></progress>
      <p role="status">
        ${plural(done, 'task')} ${verb}${known && state !== 'done' ? ` of ${count(known)}` : ''}${matched > done ? `, ${count(matched - done)} had moved on` : ''}${state === 'stopped' ? '; stopped' : ''}${state === 'done' ? '.' : ''}
      </p>
      ${refused && html`<p class="faint">${refused}</p>`}
      ${state === 'failed' && html`<p class="bad">${problem}. What was done stays done.</p>`}
      <div class="buttons">
        ${state === 'running' && html`<button type="button" onClick=${() => stopBulk(id)}>Stop</button>`}
        ${(state === 'stopped' || state === 'failed') && html`<button type="button" class="primary" onClick=${() => resumeBulk(id)}>Go on</button>`}
        ${state !== 'running' && html`<button type="button" onClick=${() => forgetBulk(id)}>Close</button>`}
      </div>
    </article>
  `;
}
