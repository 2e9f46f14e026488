// About: what serves this page, what it talks to, and what AWS bills for the calls.

import { read } from '../api.js';
import { count } from '../format.js';
import { html } from '../html.js';
import { useLive } from '../live.js';
import { Loading, Problem } from '../parts/problem.js';
import { server, useApiUrl } from '../server.js';
import { useStore } from '../store.js';
import { path } from '../where.js';

const SERVERS = {
  dev: 'taskway dev: the embedded stack, in one process on this machine',
  ui: 'taskway ui: a server on this machine that passes calls on to the API',
  api: 'the API itself. The page sends it your token, and keeps the token in memory only',
};

const loadUsage = async (signal) => (await read(path('stats'), signal)).json.usage ?? [];

function Usage() {
  const { data, problem, refresh } = useLive('usage', loadUsage, 60_000);
  return html`
    <section class="panel" aria-labelledby="usage">
      <h2 id="usage">What the calls cost</h2>
      <${Problem} problem=${problem} retry=${refresh} />
      ${
        data?.length > 0 &&
        html`<table class="rows">
          <thead><tr><th scope="col">Month</th><th scope="col" class="num">Write units</th><th scope="col" class="num">Read units</th><th scope="col" class="num">SQS</th></tr></thead>
          <tbody>${data.map(
            ({ month, write_units, read_units, sqs_requests }) =>
              html`<tr key=${month}><th scope="row">${month}</th>
                <td class="num">${count(write_units)}</td><td class="num">${count(read_units)}</td><td class="num">${count(sqs_requests)}</td></tr>`,
          )}</tbody>
        </table>`
      }
      ${data?.length === 0 && html`<p>No process has told yet. Each tells its own once in five minutes.</p>`}
      ${!data && !problem && html`<${Loading} />`}
      <p>Units of DynamoDB and requests to SQS that AWS bills for the calls of Taskway's processes, as far as they have told. Months are those of UTC. Lambda's time and its own polls of SQS, API Gateway, storage and logs come on top. The embedded stack counts what AWS would bill.</p>
    </section>`;
}

export function About() {
  const about = useStore(server);
  const api = useApiUrl();
  if (!about) return html`<h1>About</h1><${Loading} />`;
  return html`
    <h1>About</h1>
    <section class="panel"><dl class="fields">
      <dt>version</dt><dd>${about.version}</dd>
      <dt>served by</dt><dd>${SERVERS[about.serves] ?? about.serves}</dd>
      <dt>API</dt><dd><code>${api}</code></dd>
      <dt>may change things</dt><dd>${about.read_only ? 'no: it was started with --read-only' : 'yes'}</dd>
    </dl></section>
    <${Usage} />
    <section class="panel">
      <h2>What this page asks for</h2>
      <p>At most two requests a second while you look at it, and none while it is hidden. Nothing leaves for any other place. The numbers are those of the API: SQS's may be a minute old.</p>
      <p>It is drawn with Preact and htm: <a href="licences.txt">their licences</a>.</p>
    </section>
  `;
}
