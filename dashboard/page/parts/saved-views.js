// The saved views of the list of tasks, and the field that saves another.
import { filtered } from '../filters.js';
import { html, useLayoutEffect, useRef, useState } from '../html.js';
import { useStore } from '../store.js';
import { deleteView, isSame, isUnfiltered, saveView, views } from '../views.js';
import { say } from './toasts.js';

const LONGEST_NAME = 60;
const NOT_KEPT = 'This browser does not let the page keep anything. Keep the address as a bookmark instead.';

export function SavedViews({ filters }) {
  const all = useStore(views);
  const bar = useRef();
  const [naming, setNaming] = useState(false);
  const isNew = !isUnfiltered(filters) && !all.some((view) => isSame(view, filters));
  if (all.length === 0 && !isNew) return null;

  // What had the focus is gone; the keys go on from here.
  const stay = () => bar.current.focus();
  const remove = (name) => {
    if (!deleteView(name)) return say(NOT_KEPT, 'bad');
    say(`The view ${name} is deleted.`);
    stay();
  };
  const save = (name) => {
    if (!saveView(name, filters)) return say(NOT_KEPT, 'bad');
    say(`The view ${name} is kept in this browser.`);
    setNaming(false);
    stay();
  };
  const leave = () => {
    setNaming(false);
    stay();
  };

  return html`<div class="views" ref=${bar} tabindex="-1">
    ${
      all.length > 0 &&
      html`<nav class="tabs" aria-label="Saved views">
        ${all.map(
          (view) => html`<span class="view" key=${view.name}>
            <a class="tab" aria-current=${isSame(view, filters) ? 'true' : null} href=${filtered('tasks', view)}>${view.name}</a>
            <button type="button" class="quiet" aria-label=${`Delete the view ${view.name}`} onClick=${() => remove(view.name)}>✕</button>
          </span>`,
        )}
      </nav>`
    }
    ${isNew && (naming ? html`<${Name} save=${save} leave=${leave} />` : html`<button type="button" class="quiet" data-key="v" title="key v" onClick=${() => setNaming(true)}>Save as a view…</button>`)}
  </div>`;
}

function Name({ save, leave }) {
  const [name, setName] = useState('');
  const input = useRef();
  // Before the next key comes: the first letters of the name are no keys of the page.
  useLayoutEffect(() => input.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    if (name.trim() !== '') save(name.trim());
  };
  return html`<form class="inputs" aria-label="Save as a view" onSubmit=${submit}>
    <label>Name <input ref=${input} required maxlength=${LONGEST_NAME} autocomplete="off" value=${name} onInput=${(event) => setName(event.target.value)}
      onKeyDown=${(event) => event.key === 'Escape' && leave()} /></label>
    <button type="submit">Save</button>
    <button type="button" class="quiet" onClick=${leave}>Leave it</button>
  </form>`;
}
