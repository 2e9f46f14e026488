// The question before something that cannot be taken back.
import { html, useEffect, useRef, useState } from '../html.js';
import { store, useStore } from '../store.js';

const open = store(null);

/**
 * Asks, and resolves to whether to go on. `text` may be a component's drawing. With `typed`, the reader must type that name.
 */
export function confirm(question) {
  return new Promise((resolve) => open.set({ ...question, resolve }));
}

export function Confirm() {
  const question = useStore(open);
  return question && html`<${Question} key=${question.title} ...${question} />`;
}

function Question({ title, text, verb, danger = true, typed, resolve }) {
  const dialog = useRef();
  const [name, setName] = useState('');
  useEffect(() => dialog.current.showModal(), []);
  const end = (yes) => {
    dialog.current?.close();
    open.set(null);
    resolve(yes);
  };
  const submit = (event) => {
    event.preventDefault();
    end(true);
  };
  return html`
    <dialog ref=${dialog} aria-labelledby="question" onCancel=${(event) => {
      event.preventDefault();
      end(false);
    }}>
      <form onSubmit=${submit}>
        <h2 id="question">${title}</h2>
        <div class="question">${text}</div>
        ${
          typed &&
          html`<div class="field"><label><span>Type <code>${typed}</code> to go on</span>
            <input value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="off" autofocus />
          </label></div>`
        }
        <div class="buttons end">
          <button type="button" onClick=${() => end(false)}>Leave it</button>
          <button type="submit" class=${danger ? 'danger' : 'primary'} disabled=${typed !== undefined && name !== typed} autofocus=${!typed}>${verb}</button>
        </div>
      </form>
    </dialog>
  `;
}
