// Where the API is, and the token that it asks for where it serves this page itself. The token stays in memory: a reload forgets it.
import { store } from './store.js';

const { content, dataset } = document.querySelector('meta[name="taskway-api"]');

/** The API's path, relative to the page. */
export const API = content === './' ? '' : content;

/** The API's URL, for commands to paste where its server names no other. */
export const API_URL = new URL(content, window.location.href).href.replace(/\/$/, '');

/** Whether the API wants a token of the page. Otherwise the page's server adds the credentials, or none are needed. */
export const asksForToken = dataset.signIn === 'token';

/** `value` is null until the user has given a token, and again when the API has `refused` it. */
export const token = store({ value: null, refused: false });

/** The API did not take this token. A newer one may have been given meanwhile, and a request may have had none. */
export function refuseToken(value) {
  if (value !== null && token.get().value === value) token.set({ value: null, refused: true });
}
