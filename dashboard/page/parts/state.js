// The state of a task: a word with a colour and a shape, so that the colour alone says nothing.
import { html } from '../html.js';

export const STATES = ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired'];

const SHAPES = {
  scheduled: '◷',
  queued: '≡',
  running: '▸',
  succeeded: '✓',
  failed: '✕',
  cancelled: '⊘',
  expired: '◌',
};

export const mayCancel = (state) => ['scheduled', 'queued', 'running'].includes(state);
export const mayRun = (state) => ['scheduled', 'queued'].includes(state);
export const mayRetry = (state) => ['succeeded', 'failed', 'cancelled', 'expired'].includes(state);

export function State({ of }) {
  return html`<span class=${`state ${of}`}><span class="shape" aria-hidden="true">${SHAPES[of] ?? '?'}</span><span class="word">${of}</span></span>`;
}
