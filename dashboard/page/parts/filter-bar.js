// The filters of a list: state, queue and labels together.
import { filtered } from '../filters.js';
import { html, useEffect, useState } from '../html.js';
import { labelOf, labelText } from '../labels.js';
import { useLive } from '../live.js';
import { loadQueues } from '../queues.js';
import { go } from '../route.js';
import { STATES } from './state.js';

function refine(screen, filters, changes) {
  go(filtered(screen, { ...filters, cursor: '', ...changes }));
}

export function FilterBar({ screen, filters, states = false }) {
  const queues = useLive('queues', loadQueues, 60_000);
  return html`<div class="filters" role="search" aria-label="Filters">
    ${states && html`<${States} screen=${screen} filters=${filters} />`}
    <div class="inputs">
      <${Queue} screen=${screen} filters=${filters} known=${queues.data?.queues ?? []} />
      <${Label} screen=${screen} filters=${filters} />
      ${filters.labels.map(
        ([name, value], at) => html`<span class="chip" key=${name}>${labelText(name, value)}
          <button type="button" class="quiet" aria-label=${`Remove the label ${labelText(name, value)}`} onClick=${() => refine(screen, filters, { labels: filters.labels.filter((_, other) => other !== at) })}>✕</button>
        </span>`,
      )}
      ${(filters.queue || filters.labels.length > 0) && html`<a href=${filtered(screen, { state: filters.state, labels: [] })}>Clear</a>`}
    </div>
  </div>`;
}

function States({ screen, filters }) {
  const tab = (state, text) =>
    html`<a class="tab" key=${state} aria-current=${filters.state === state ? 'true' : null} href=${filtered(screen, { ...filters, cursor: '', state })}>${text}</a>`;
  return html`<nav class="tabs" aria-label="States">${tab('', 'all')}${STATES.map((state) => tab(state, state))}</nav>`;
}

function Queue({ screen, filters, known }) {
  const [text, setText] = useState(filters.queue);
  // The address may change by a link or by Back. The field stays, and with it the focus.
  useEffect(() => setText(filters.queue), [filters.queue]);
  const apply = () => text.trim() !== filters.queue && refine(screen, filters, { queue: text.trim() });
  return html`<label>Queue
    <input type="search" data-filter list="queues" value=${text} placeholder="any" autocomplete="off"
      onInput=${(event) => setText(event.target.value)} onChange=${apply} onSearch=${apply}
      onKeyDown=${(event) => event.key === 'Enter' && apply()} />
    <datalist id="queues">${known.map(({ name }) => html`<option key=${name} value=${name} />`)}</datalist>
  </label>`;
}

function Label({ screen, filters }) {
  const [text, setText] = useState('');
  const [faulty, setFaulty] = useState(false);
  const add = () => {
    const label = labelOf(text);
    setFaulty(!label && text.trim() !== '');
    if (!label) return;
    setText('');
    refine(screen, filters, { labels: [...filters.labels.filter(([other]) => other !== label[0]), label] });
  };
  return html`<label>Label
    <input value=${text} placeholder="name=value" title="\\= stands for a = in the name" autocomplete="off"
      aria-invalid=${faulty ? 'true' : null} aria-describedby=${faulty ? 'label-fault' : null}
      onInput=${(event) => {
        setText(event.target.value);
        setFaulty(false);
      }} onChange=${add} onKeyDown=${(event) => event.key === 'Enter' && add()} />
    ${faulty && html`<span id="label-fault" class="bad" role="alert">Type name=value, with \\= for a = in the name.</span>`}
  </label>`;
}
