// The limits of a queue, as a form.

import { change } from '../api.js';
import { html, useState } from '../html.js';
import { path } from '../where.js';
import { Field, faultAt, numberOf } from './field.js';
import { Problem } from './problem.js';
import { say } from './toasts.js';

const flat = (rate) => ({ tasks: rate?.tasks ?? '', per_seconds: rate?.per_seconds ?? '', burst: rate?.burst ?? '' });

function rateOf({ tasks, per_seconds: period, burst }) {
  if ([tasks, period, burst].every((text) => String(text).trim() === '')) return null;
  return { tasks: numberOf(tasks), per_seconds: numberOf(period) ?? 1, burst: numberOf(burst) ?? undefined };
}

export function Limits({ queue, done }) {
  const [concurrency, setConcurrency] = useState(queue.concurrency ?? '');
  const [keyConcurrency, setKeyConcurrency] = useState(queue.per_key.concurrency ?? '');
  const [rate, setRate] = useState(flat(queue.rate));
  const [keyRate, setKeyRate] = useState(flat(queue.per_key.rate));
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const per_key = { concurrency: numberOf(keyConcurrency), rate: rateOf(keyRate) };
      await change('PATCH', path('queues', queue.name), { concurrency: numberOf(concurrency), rate: rateOf(rate), per_key });
      say('The limits are changed. They take effect within 5 s.');
      done();
    } catch (refused) {
      setProblem(refused);
      setBusy(false);
    }
  };
  return html`<form class="panel" onSubmit=${submit} aria-label="Limits">
    <h2>Limits of ${queue.name}</h2>
    <p class="faint">An empty field means no limit. Limits count the attempts of all executors together.</p>
    <div class="form-grid">
      <fieldset><legend>The queue</legend>
        <${Field} label="Run at once" fault=${faultAt(problem, '/concurrency')}><input inputmode="numeric" name="concurrency" value=${concurrency} onInput=${(e) => setConcurrency(e.target.value)} /><//>
        <${RateFields} rate=${rate} set=${setRate} problem=${problem} at="/rate" />
      </fieldset>
      <fieldset><legend>Each fairness key</legend>
        <${Field} label="Run at once" fault=${faultAt(problem, '/per_key/concurrency')}><input inputmode="numeric" name="key-concurrency" value=${keyConcurrency} onInput=${(e) => setKeyConcurrency(e.target.value)} /><//>
        <${RateFields} rate=${keyRate} set=${setKeyRate} problem=${problem} at="/per_key/rate" />
      </fieldset>
    </div>
    <${Problem} problem=${problem} />
    <div class="buttons"><button type="submit" class="primary" disabled=${busy}>Save</button><button type="button" onClick=${done}>Leave it</button></div>
  </form>`;
}

function RateFields({ rate, set, problem, at }) {
  const field = (name, label) => html`<${Field} label=${label} fault=${faultAt(problem, `${at}/${name}`)}>
    <input inputmode="numeric" value=${rate[name]} onInput=${(event) => set({ ...rate, [name]: event.target.value })} />
  <//>`;
  return html`<div class="rate">${field('tasks', 'Starts')}${field('per_seconds', 'in seconds')}${field('burst', 'Burst')}</div>`;
}
