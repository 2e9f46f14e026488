// What went wrong, in the API's words, and what to do about it.
import { Unanswered } from '../api.js';
import { html } from '../html.js';

/** What to do, by the problem's type. */
const ADVICE = {
  '/problems/not-found': 'It may have been deleted, or its record was kept only until its time was over.',
  '/problems/state-conflict': 'It has moved on in the meantime. Look at its state, and decide again.',
  '/problems/throttled': 'DynamoDB throttles the stack. Wait a moment, and try again.',
  '/problems/unavailable': 'DynamoDB or SQS does not answer the stack. Wait a moment, and try again.',
  '/problems/unauthorized': 'Start `taskway ui` with credentials that may call this API.',
  '/problems/read-only': 'This dashboard only looks. Start it without --read-only to change something.',
  '/problems/internal': 'The log of the stack has the cause under this request id.',
};

/**
 * `retry` asks again. A screen that still has its data leaves a stack that does not answer to the banner; `alone` is for one
 * that has nothing else to show.
 */
export function Problem({ problem, retry, alone = false }) {
  if (!problem || (retry && !alone && problem instanceof Unanswered)) return null;
  const body = problem.problem ?? {};
  const advice = ADVICE[body.type];
  return html`
    <div class="problem" role="alert">
      <p><strong>${title(problem, body)}</strong></p>
      ${!body.errors?.length && problem.message !== body.title && html`<p>${problem.message}</p>`}
      ${
        body.errors?.length > 0 &&
        html`<ul>
        ${body.errors.map((fault) => html`<li><code>${where(fault)}</code> ${fault.detail}</li>`)}
      </ul>`
      }
      ${advice && html`<p>${advice}</p>`}
      ${problem.id && html`<p class="faint">request id <code>${problem.id}</code></p>`}
      ${retry && html`<p><button type="button" onClick=${retry}>Try again</button></p>`}
    </div>
  `;
}

function title(problem, body) {
  if (body.title) return body.title;
  if (problem instanceof Unanswered) return 'The stack does not answer';
  return problem.status ? `The API refused this with ${problem.status}` : 'This page failed';
}

function where({ pointer, header, parameter }) {
  return pointer ?? header ?? parameter ?? '';
}

/** Stands in for data that has not come yet. It ends, because every request does. */
export function Loading({ problem, retry }) {
  return problem
    ? html`<${Problem} problem=${problem} retry=${retry} alone />`
    : html`<p class="faint loading" role="status">Loading…</p>`;
}
