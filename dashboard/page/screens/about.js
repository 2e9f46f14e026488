// About: what serves this page, and what it talks to.
import { html } from '../html.js';
import { Loading } from '../parts/problem.js';
import { server, useApiUrl } from '../server.js';
import { useStore } from '../store.js';

const SERVERS = {
  dev: 'taskway dev: the embedded stack, in one process on this machine',
  ui: 'taskway ui: a server on this machine that passes calls on to the API',
  api: 'the API itself. The page sends it your token, and keeps the token in memory only',
};

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
    <section class="panel">
      <h2>What this page asks for</h2>
      <p>At most two requests a second while you look at it, and none while it is hidden. Nothing leaves for any other place. The numbers are those of the API: SQS's may be a minute old.</p>
      <p>It is drawn with Preact and htm: <a href="licences.txt">their licences</a>.</p>
    </section>
  `;
}
