// What to do when there is nothing yet.
import { to } from '../address.js';
import { html } from '../html.js';
import { server, useApiUrl } from '../server.js';
import { useStore } from '../store.js';
import { asCommand, curlOf } from '../take-along.js';
import { Snippet } from './copy.js';
import { Credentials } from './credentials.js';

export function FirstTask() {
  const about = useStore(server);
  const api = useApiUrl();
  const curl = curlOf('{"target": {"handler": "echo"}, "payload": {"hello": "world"}}', api, about?.sender);
  const echo = { fields: { target: { handler: 'echo' } }, callbacks: {}, payload: '{"hello": "world"}' };
  const command = asCommand(echo, api, about?.sender);
  return html`<section class="panel teach">
    <h2>No task yet</h2>
    <p>Paste one of these into a shell, and the task appears here. Or <a href=${to(['submit'], { template: 'echo' })}>fill in a form</a>.</p>
    <${Snippet} label="A first task with the taskway command" text=${command} />
    <${Snippet} label="A first task with curl" text=${curl} />
    <${Credentials} />
  </section>`;
}
