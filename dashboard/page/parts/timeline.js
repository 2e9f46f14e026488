// The life of a task as one list, the earliest first.
import { to } from '../address.js';
import { html } from '../html.js';
import { hasUntold, timeline } from '../timeline.js';
import { State } from './state.js';
import { Ago, Since } from './time.js';

export function Timeline({ task, callbacks }) {
  const now = Date.now();
  return html`<section class="panel" aria-labelledby="timeline">
    <h2 id="timeline">Timeline</h2>
    <ol class="plain timeline">
      ${timeline(task, callbacks, now).map((step) => html`<${Step} key=${step.key} step=${step} queue=${task.queue} now=${now} />`)}
    </ol>
    ${hasUntold(task) && html`<p class="faint">The record keeps the failed attempts that it has room for, the latest first. Waits, and attempts that did not count or reported nothing, are not kept.</p>`}
  </section>`;
}

function Step({ step: { at, what, note, tone, runs, why, callback }, queue, now }) {
  const later = at && Date.parse(at) > now;
  return html`<li class=${`${later ? 'later' : ''} ${tone ?? ''}`}>
    <div class="step"><span>${callback ? html`<a href=${to(['tasks', callback.id])}>${what}</a> <${State} of=${callback.state} />` : what}</span>${at && html`<${Ago} at=${at} />`}</div>
    ${(note || runs) && html`<p class="note faint">${runs && html`runs for <${Since} at=${at} /> `}${note}</p>`}
    ${why === 'held' && html`<p class="note faint">A pause, a limit or a rate of <a href=${to(['queues', queue])}>${queue}</a> holds it back.</p>`}
    ${why === 'behind' && html`<p class="note faint">Its queue does not hold it back: its lane is behind, or no program has its handler.</p>`}
  </li>`;
}
