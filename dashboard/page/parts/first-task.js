// What to do when there is nothing yet.
import { html } from '../html.js';
import { to } from '../route.js';
import { server } from '../server.js';
import { useStore } from '../store.js';
import { Snippet } from './copy.js';

export function FirstTask() {
  const api = useStore(server)?.api ?? window.location.origin;
  const curl = `curl -s ${api}/v1/tasks -H 'content-type: application/json' -d '{"target": {"handler": "echo"}, "payload": {"hello": "world"}}'`;
  const command = `taskway --url ${api} submit echo '{"hello": "world"}'`;
  return html`<section class="panel teach">
    <h2>No task yet</h2>
    <p>Paste one of these into a shell, and the task appears here. Or <a href=${to(['submit'], { template: 'echo' })}>fill in a form</a>.</p>
    <${Snippet} label="A first task with the taskway command" text=${command} />
    <${Snippet} label="A first task with curl" text=${curl} />
  </section>`;
}
