// A page of tasks.
import { to } from '../address.js';
import { target } from '../format.js';
import { html } from '../html.js';
import { labelText } from '../labels.js';
import { State } from './state.js';
import { Ago, Since } from './time.js';

/** `selected` is a set of ids, or null where nothing can be selected. */
export function TaskTable({ tasks, selected, onSelect }) {
  const all = selected && tasks.length > 0 && tasks.every(({ id }) => selected.has(id));
  return html`<div class="scroll"><table class="rows tasks">
    <thead><tr>
      ${selected && html`<td class="check"><input type="checkbox" aria-label="Select all on this page" checked=${all} onChange=${() => onSelect(tasks, !all)} /></td>`}
      <th scope="col">State</th><th scope="col">Task</th><th scope="col" class="wide">Queue</th>
      <th scope="col" class="num wide">Attempt</th><th scope="col" class="wide">Details</th><th scope="col" class="num">When</th>
    </tr></thead>
    <tbody>${tasks.map((task) => html`<${Row} key=${task.id} task=${task} selected=${selected} onSelect=${onSelect} />`)}</tbody>
  </table></div>`;
}

function Row({ task, selected, onSelect }) {
  const chosen = selected?.has(task.id);
  return html`<tr data-row class=${chosen ? 'chosen' : ''}>
    ${selected && html`<td class="check"><input type="checkbox" aria-label=${`Select ${task.id}`} checked=${chosen} onChange=${() => onSelect([task], !chosen)} /></td>`}
    <td><${State} of=${task.state} /></td>
    <th scope="row"><a class="row" href=${to(['tasks', task.id])}><span class="name">${target(task.target)}</span><code class="id">${task.id}</code></a></th>
    <td class="wide"><a href=${to(['tasks'], { queue: task.queue })}>${task.queue}</a></td>
    <td class="num wide">${task.attempt}<span class="faint"> / ${task.retry.max_attempts}</span></td>
    <td class="wide known">${known(task)}</td>
    <td class="num when">${when(task)}</td>
  </tr>`;
}

/** The one thing that says most about a task in its state. */
function known({ error, progress, schedule, labels, state, fairness_key: key }) {
  if (error && state !== 'cancelled')
    return html`<span class="bad" title=${error.message}>${error.kind}: ${error.message}</span>`;
  if (state === 'running' && progress)
    return html`<progress max=${progress.total || 1} value=${progress.done} aria-label="progress"></progress> ${progress.done} / ${progress.total}`;
  const parts = Object.entries(labels ?? {}).map(([name, value]) => labelText(name, value));
  if (key) parts.unshift(`key ${key}`);
  if (schedule) parts.unshift(`schedule ${schedule}`);
  return html`<span class="faint">${parts.join(', ')}</span>`;
}

function when(task) {
  if (task.state === 'running') return html`<${Since} at=${task.started_at} />`;
  if (task.finished_at) return html`<${Ago} at=${task.finished_at} />`;
  // A queued task may be due only in some minutes, and one that is held back was due before now.
  const at = task.next_attempt_at ?? task.run_at;
  return html`${Date.parse(at) < Date.now() && 'due '}<${Ago} at=${at} />`;
}
