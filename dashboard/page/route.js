// Where the reader is: the part of the address after `#`. It never reaches a server or its logs.
import { store } from './store.js';

export const route = store(read());

window.addEventListener('hashchange', () => route.set(read()));

function read() {
  const [path, query] = window.location.hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query ?? '') };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Of parameters, those that are given. The value of a label may be empty. */
export function given(parameters) {
  const all = Object.entries(parameters);
  return new URLSearchParams(all.filter(([name, value]) => value != null && (value !== '' || name.startsWith('label.'))));
}

/** An address within the page: `to(['tasks'], {state: 'failed'})`. Parameters without a value are left out. */
export function to(parts, parameters = {}) {
  const query = given(parameters);
  return `#/${parts.map(encodeURIComponent).join('/')}${query.size > 0 ? `?${query}` : ''}`;
}

export function go(address) {
  window.location.hash = address;
}

/** Goes there without a step that the browser's Back would return to. */
export function replace(address) {
  window.history.replaceState(null, '', address);
  route.set(read());
}
