// The handlers of a stack, and how many programs have each.
import { count } from '../format.js';
import { handlersOf } from '../handlers.js';
import { html } from '../html.js';
import { Snippet } from './copy.js';
import { Ago } from './time.js';

export function Handlers({ programs }) {
  // An older API does not tell its programs, which is not the same as to have none.
  if (!programs) return null;
  return html`<section class="panel" aria-labelledby="handlers">
    <h2 id="handlers">Handlers</h2>
    ${programs.length === 0 ? html`<${None} />` : html`<${Table} handlers=${handlersOf(programs)} />`}
  </section>`;
}

function Table({ handlers }) {
  return html`
    <div class="scroll">
      <table class="rows handlers">
        <thead><tr><th scope="col">Handler</th><th scope="col" class="num">Programs</th><th scope="col" class="num wide">Running</th><th scope="col" class="num">Last seen</th></tr></thead>
        <tbody>${handlers.map(
          ({ name, programs, running, seen }) => html`<tr key=${name}>
            <th scope="row">${name}</th>
            <td class="num">${count(programs)}</td>
            <td class=${`num wide ${running === 0 ? 'faint' : ''}`}>${count(running)}</td>
            <td class="num when"><${Ago} at=${seen} /></td>
          </tr>`,
        )}</tbody>
      </table>
    </div>
    <p class="faint">Executors with the same handlers are one program. A program counts as running for two minutes after it was last seen. A function is seen when it has work.</p>
  `;
}

function None() {
  return html`
    <p>No program has announced handlers within the last week. A worker announces its handlers when it starts, and every 30 s. A function does so when it gets tasks.</p>
    <p>Start a worker in a shell whose <code>TASKWAY_TABLE</code> and <code>TASKWAY_QUEUE_…</code> name this stack, and its handlers appear here.</p>
    <${Snippet} label="A worker with the shipped handlers" text="taskway worker" />
    <p class="faint">A task that calls a URL or a Lambda function needs no handler.</p>
  `;
}
