// Text to take along.
import { html, useRef } from '../html.js';
import { say } from './toasts.js';

export function Copy({ text, label = 'Copy' }) {
  return html`<button type="button" class="quiet" onClick=${() => copy(text)}>${label}</button>`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    say('This browser does not let a page copy. Select the text and copy it by hand.', 'bad');
  }
}

/** A text to paste elsewhere, with its button. A click into it selects it. */
export function Snippet({ text, label }) {
  const pre = useRef();
  const select = () => {
    if (window.getSelection().isCollapsed) window.getSelection().selectAllChildren(pre.current);
  };
  return html`
    <div class="snippet">
      <pre ref=${pre} tabindex="0" role="region" aria-label=${label} onClick=${select}>${text}</pre>
      <${Copy} text=${text} />
    </div>
  `;
}
