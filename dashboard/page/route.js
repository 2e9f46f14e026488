// Where the reader is. It never reaches a server or its logs.
import { placeOf } from './address.js';
import { store } from './store.js';

export const route = store(read());

window.addEventListener('hashchange', () => route.set(read()));

function read() {
  return placeOf(window.location.hash);
}

export function go(address) {
  window.location.hash = address;
}

/** Goes there without a step that the browser's Back would return to. */
export function replace(address) {
  window.history.replaceState(null, '', address);
  route.set(read());
}
