// The list of keys.
import { html, useEffect, useRef } from '../html.js';
import { help, PLACES } from '../keyboard.js';
import { useStore } from '../store.js';

const KEYS = [
  ['/', 'to the filter, or to the box that takes a task id'],
  ['j  k', 'next row, row before'],
  ['Enter', 'open the row'],
  ['x', 'select the row'],
  [']  [', 'next page, back'],
  ['n  r  c', 'of a task: run now, retry, cancel'],
  ['e', 'edit: submit a task again, change limits or a schedule'],
  ['p', 'pause or resume a queue or a schedule'],
  ['v', 'keep the filters of the tasks as a view'],
  ['l', 'stop or go on following the stack'],
  ['Esc', 'leave a field or a question'],
  ['?', 'this list'],
];

export function Help() {
  return useStore(help) && html`<${Keys} />`;
}

function Keys() {
  const dialog = useRef();
  useEffect(() => dialog.current.showModal(), []);
  const close = () => help.set(false);
  const row = ([keys, text]) =>
    html`<tr key=${keys}><th scope="row">${keys.split(/ +/).map((key) => html`<kbd>${key}</kbd> `)}</th><td>${text}</td></tr>`;
  return html`<dialog ref=${dialog} aria-labelledby="keys" onClose=${close}>
    <h2 id="keys">Keys</h2>
    <table class="keys"><tbody>
      ${KEYS.map(row)}
      ${Object.entries(PLACES).map(([key, [name]]) => row([`g ${key}`, name]))}
    </tbody></table>
    <div class="buttons end"><button type="button" class="primary" autofocus onClick=${() => dialog.current.close()}>Close</button></div>
  </dialog>`;
}
