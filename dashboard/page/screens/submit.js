// A task to submit: from a template, or from another task, edited.
import { to } from '../address.js';
import { read } from '../api.js';
import { html } from '../html.js';
import { useLive } from '../live.js';
import { Loading } from '../parts/problem.js';
import { SubmitForm } from '../parts/submit-form.js';
import { useReadOnly } from '../server.js';
import { submitted } from '../take-along.js';
import { path } from '../where.js';

/** What the shipped executor can run, and the other kinds of target. */
const TEMPLATES = {
  echo: { name: 'Echo', fields: { target: { handler: 'echo' } }, payload: '{"hello": "world"}' },
  retries: { name: 'Fails twice, then succeeds', fields: { target: { handler: 'fail' } }, payload: '{"times": 2}' },
  fails: {
    name: 'Fails for good',
    fields: { target: { handler: 'fail' }, labels: { tenant: 'acme' } },
    payload: '{"fatal": true}',
  },
  sleeps: { name: 'Takes 10 seconds', fields: { target: { handler: 'sleep' } }, payload: '{"seconds": 10}' },
  later: { name: 'In five minutes', fields: { target: { handler: 'echo' }, delay_seconds: 300 }, payload: '{"remind": "me"}' },
  http: {
    name: 'Calls a URL',
    fields: { target: { http: { url: 'https://example.com/hook', method: 'POST', headers: {} } } },
    payload: '{"n": 1}',
  },
  lambda: {
    name: 'Calls a Lambda function',
    fields: { target: { lambda: { function: 'report', invocation: 'request' } } },
    payload: '{"month": 11}',
  },
};

export function Submit({ query }) {
  const from = query.get('from');
  const chosen = query.get('template') ?? 'echo';
  const template = TEMPLATES[chosen] ?? TEMPLATES.echo;
  const readOnly = useReadOnly();
  const { data, problem, refresh } = useLive(
    from ? `submit from ${from}` : null,
    async (signal) => {
      const { json, text } = await read(path('tasks', from), signal);
      return submitted(json, text);
    },
    // What is being edited does not change under the reader's hands.
    Number.MAX_SAFE_INTEGER,
  );
  if (readOnly)
    return html`<h1>Submit</h1><p class="empty">This dashboard only looks. Start it without <code>--read-only</code> to submit tasks.</p>`;
  if (from) {
    return html`<h1>Submit again</h1>
      <p>A new task like <a href=${to(['tasks', from])}><code>${from}</code></a>. That one stays as it is.</p>
      ${data ? html`<${SubmitForm} key=${from} ...${data} />` : html`<${Loading} problem=${problem} retry=${refresh} />`}`;
  }
  return html`<h1>Submit</h1>
    <nav class="tabs" aria-label="Templates">
      ${Object.entries(TEMPLATES).map(([key, { name }]) => html`<a class="tab" key=${key} aria-current=${template === TEMPLATES[key] ? 'true' : null} href=${to(['submit'], { template: key })}>${name}</a>`)}
    </nav>
    <${SubmitForm} key=${chosen} ...${template} />`;
}
