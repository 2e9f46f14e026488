// A field of a form, with what is wrong with it.
import { cloneElement, html, useId } from '../html.js';

/** `fault` is what is wrong with this field. The one child is the input. */
export function Field({ label, hint, fault, children }) {
  const id = useId();
  const input = Array.isArray(children) ? children[0] : children;
  const described = fault || hint ? { 'aria-describedby': id, 'aria-invalid': fault ? 'true' : null } : {};
  return html`<div class=${`field ${fault ? 'faulty' : ''}`}>
    <label><span>${label}</span>${cloneElement(input, described)}</label>
    ${fault ? html`<span id=${id} class="bad" role="alert">${fault}</span>` : hint && html`<span id=${id} class="faint">${hint}</span>`}
  </div>`;
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
