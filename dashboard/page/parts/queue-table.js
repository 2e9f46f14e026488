// Queues with what is known of each.
import { to } from '../address.js';
import { count, rate } from '../format.js';
import { html } from '../html.js';
import { details, isLimited } from '../queues.js';
import { useStore } from '../store.js';
import { Gauge } from './spark.js';

export function QueueTable({ queues, more }) {
  const known = useStore(details);
  return html`
    <div class="scroll">
      <table class="rows queues">
        <thead><tr>
          <th scope="col">Queue</th><th scope="col"><span class="word">State</span></th><th scope="col">Running</th>
          <th scope="col" class="num">Held</th><th scope="col" class="num">Failed</th>
        </tr></thead>
        <tbody>
          ${queues.map((queue) => html`<${Row} key=${queue.name} queue=${{ ...known.get(queue.name), ...queue }} />`)}
        </tbody>
      </table>
    </div>
    ${more && html`<p class="faint">These are the first ${queues.length} queues. Others are found by name: <code>${'#/queues/NAME'}</code>.</p>`}
  `;
}

function Row({ queue }) {
  const { name, paused, concurrency, rate: perTime, held, failed, running } = queue;
  return html`<tr data-row>
    <th scope="row"><a class="row" href=${to(['queues', name])}>${name}</a></th>
    <td>${paused ? html`<span class="state paused"><span class="shape" aria-hidden="true">‖</span><span class="word">paused</span></span>` : isLimited(queue) ? html`<span class="faint word">limited</span>` : html`<span class="faint word">open</span>`}</td>
    <td>${concurrency ? html`<${Gauge} name=${`running in ${name}`} value=${running} of=${concurrency} />` : html`<span class="faint">${perTime ? rate(perTime) : 'no limit'}</span>`}</td>
    <td class="num">${link(held, ['tasks'], { queue: name, state: 'scheduled' })}</td>
    <td class="num">${link(failed, ['dead'], { queue: name }, 'bad')}</td>
  </tr>`;
}

function link(value, parts, parameters, tone = '') {
  if (value == null || value === 0) return html`<span class="faint">${count(value)}</span>`;
  return html`<a class=${tone} href=${to(parts, parameters)}>${count(value)}</a>`;
}
