// JSON, laid out and coloured. All of it becomes text nodes, whatever it says.
import { html } from '../html.js';
import { pieces, pretty } from '../json.js';

/** A longer text is drawn in one colour: thousands of elements would make the page slow. */
const LONGEST_COLOURED = 20_000;

export function Json({ text, label }) {
  const drawn =
    text.length > LONGEST_COLOURED
      ? pretty(text)
      : pieces(text).map(([kind, piece]) =>
          kind === 'space' || kind === 'mark' ? piece : html`<span class=${kind}>${piece}</span>`,
        );
  return html`<pre class="json" tabindex="0" role="region" aria-label=${label}>${drawn}</pre>`;
}
