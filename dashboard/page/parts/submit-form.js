// A task as a form.
import { to } from '../address.js';
import { change } from '../api.js';
import { html, useState } from '../html.js';
import { fault, pretty, withMembers } from '../json.js';
import { labelOf, labelText } from '../labels.js';
import { go } from '../route.js';
import { CALLBACKS } from '../take-along.js';
import { path } from '../where.js';
import { Field, faultAt, numberOf } from './field.js';
import { Problem } from './problem.js';
import { say } from './toasts.js';

/** What a target of another kind begins with. */
const STARTS = {
  http: { url: 'https://', method: 'POST', headers: {} },
  lambda: { function: '', invocation: 'request' },
};
const NUMBERS = ['delay_seconds', 'timeout_seconds', 'expected_duration_ms', 'retain_seconds'];
const TEXTS = ['queue', 'run_at', 'deadline', 'fairness_key', 'idempotency_key'];

export function SubmitForm({ fields, callbacks = {}, payload }) {
  const [values, set] = useState(() => ({
    ...Object.fromEntries([...NUMBERS, ...TEXTS].map((name) => [name, fields[name] ?? ''])),
    priority: fields.priority ?? 'normal',
    max_attempts: fields.retry?.max_attempts ?? '',
    kind: Object.keys(fields.target)[0],
    handler: fields.target.handler ?? '',
    target: pretty(JSON.stringify(fields.target.http ?? fields.target.lambda ?? {})),
    labels: Object.entries(fields.labels ?? {})
      .map(([name, value]) => labelText(name, value))
      .join('\n'),
    ...Object.fromEntries(CALLBACKS.map((name) => [name, pretty(callbacks[name] ?? '')])),
    payload: pretty(payload),
  }));
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const input = (name) => ({ name, value: values[name], onInput: (event) => set({ ...values, [name]: event.target.value }) });
  const kind = {
    ...input('kind'),
    onInput: ({ target: { value } }) => set({ ...values, kind: value, target: pretty(JSON.stringify(STARTS[value] ?? {})) }),
  };
  const at = (pointer) => faultAt(problem, pointer);
  const faultOf = (name) => (values[name].trim() === '' ? null : fault(values[name]));
  const notJson = faultOf('payload');
  const callback = (name, label) => html`<${Field} label=${label} hint="JSON" fault=${faultOf(name) ?? at(`/${name}`)}>
    <textarea rows="4" spellcheck=${false} placeholder='{"target": {"handler": "echo"}}' ...${input(name)}></textarea>
  <//>`;
  const noTarget = values.kind === 'handler' ? null : fault(values.target);

  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { json } = await change('POST', path('tasks'), bodyOf(values, fields.retry));
      say('Accepted.');
      go(to(['tasks', json.id]));
    } catch (refused) {
      setProblem(refused);
      setBusy(false);
    }
  };

  return html`<form class="panel" onSubmit=${submit} aria-label="Task">
    <div class="form-grid">
      <div>
        <${Field} label="Runs"><select ...${kind}><option value="handler">a handler</option><option value="http">a URL</option><option value="lambda">a Lambda function</option></select><//>
        ${
          values.kind === 'handler'
            ? html`<${Field} label="Handler" fault=${at('/target')}><input required ...${input('handler')} /><//>`
            : html`<${Field} label=${values.kind === 'http' ? 'URL, method and headers' : 'Function and invocation'} hint="JSON" fault=${noTarget ?? at('/target')}><textarea rows="6" spellcheck=${false} ...${input('target')}></textarea><//>`
        }
        <div class="pair">
          <${Field} label="Queue" fault=${at('/queue')}><input placeholder="default" ...${input('queue')} /><//>
          <${Field} label="Lane"><select ...${input('priority')}><option>high</option><option>normal</option><option>low</option></select><//>
        </div>
        <div class="pair">
          <${Field} label="Delay in seconds" fault=${at('/delay_seconds')}><input inputmode="numeric" placeholder="none" ...${input('delay_seconds')} /><//>
          <${Field} label="Attempts" fault=${at('/retry')}><input inputmode="numeric" placeholder="5" ...${input('max_attempts')} /><//>
        </div>
        <${Field} label="Labels" hint="name=value, one a line; \\= in a name" fault=${at('/labels')}><textarea rows="2" spellcheck=${false} ...${input('labels')}></textarea><//>
        <details><summary>More</summary>
          <div class="pair">
            <${Field} label="Fairness key" fault=${at('/fairness_key')}><input ...${input('fairness_key')} /><//>
            <${Field} label="Idempotency key" fault=${at('/idempotency_key')}><input ...${input('idempotency_key')} /><//>
            <${Field} label="Start at" hint="2026-12-01T08:00:00Z" fault=${at('/run_at')}><input ...${input('run_at')} /><//>
            <${Field} label="Deadline" fault=${at('/deadline')}><input ...${input('deadline')} /><//>
            <${Field} label="Timeout in seconds" fault=${at('/timeout_seconds')}><input inputmode="numeric" placeholder="60" ...${input('timeout_seconds')} /><//>
            <${Field} label="Keep the record, in seconds" fault=${at('/retain_seconds')}><input inputmode="numeric" placeholder="604800" ...${input('retain_seconds')} /><//>
            <${Field} label="Expected duration in ms" fault=${at('/expected_duration_ms')}><input inputmode="numeric" ...${input('expected_duration_ms')} /><//>
          </div>
        </details>
        <details open=${Object.keys(callbacks).length > 0}><summary>Callbacks</summary>
          ${callback('on_success', 'After a success')}
          ${callback('on_failure', 'After a failure')}
        </details>
      </div>
      <${Field} label="Payload" hint="any JSON; its digits stay as they are" fault=${notJson ?? at('/payload')}><textarea rows="18" spellcheck=${false} ...${input('payload')}></textarea><//>
    </div>
    <${Problem} problem=${problem} />
    <div class="buttons"><button type="submit" class="primary" disabled=${busy || Boolean(notJson ?? noTarget ?? faultOf('on_success') ?? faultOf('on_failure'))}>Submit the task</button></div>
  </form>`;
}

/** The JSON text of the task. What was left empty is left out, so that the API's defaults hold. */
function bodyOf(values, retry) {
  const body = {
    target: values.kind === 'handler' ? { handler: values.handler.trim() } : { [values.kind]: JSON.parse(values.target) },
  };
  for (const name of TEXTS) if (values[name].trim() !== '') body[name] = values[name].trim();
  for (const name of NUMBERS) if (numberOf(values[name]) !== null) body[name] = numberOf(values[name]);
  if (values.priority !== 'normal') body.priority = values.priority;
  const attempts = numberOf(values.max_attempts);
  const { max_attempts: _, ...waits } = retry ?? {};
  const again = attempts === null ? waits : { ...waits, max_attempts: attempts };
  if (Object.keys(again).length > 0) body.retry = again;
  const labels = values.labels.split('\n').filter((line) => line.trim() !== '');
  if (labels.length > 0) body.labels = Object.fromEntries(labels.map((line) => labelOf(line) ?? [line.trim(), '']));
  const callbacks = CALLBACKS.filter((name) => values[name].trim() !== '').map((name) => [name, values[name]]);
  return withMembers(body, {
    ...Object.fromEntries(callbacks),
    payload: values.payload.trim() === '' ? 'null' : values.payload,
  });
}
