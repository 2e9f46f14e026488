// A field of a form, with what is wrong with it.
import { html } from '../html.js';

/** `fault` is what the API says of this field. `children` is the input. */
export function Field({ label, hint, fault, children, className = '' }) {
  return html`<label class=${`field ${className} ${fault ? 'faulty' : ''}`}>
    <span>${label}</span>
    ${children}
    ${fault ? html`<span class="bad" role="alert">${fault}</span>` : hint && html`<span class="faint">${hint}</span>`}
  </label>`;
}

/** What a refusal says of the field at this pointer or below it. */
export function faultAt(problem, pointer) {
  const faults = problem?.problem?.errors ?? [];
  const mine = faults.filter(({ pointer: at }) => at === pointer || at?.startsWith(`${pointer}/`));
  return mine.map(({ detail }) => detail).join('; ');
}

/** A number as it was typed; `null` for nothing. What is no number is left to the API, which says what is wrong. */
export function numberOf(text) {
  const trimmed = String(text ?? '').trim();
  if (trimmed === '') return null;
  const number = Number(trimmed);
  return Number.isNaN(number) ? trimmed : number;
}
