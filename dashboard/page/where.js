// Where the API is.
import { given } from './address.js';

const { content, dataset } = document.querySelector('meta[name="taskway-api"]');

/** The API's path, relative to the page. */
export const API = content === './' ? '' : content;

/** The API's URL, for commands to paste where its server names no other. */
export const API_URL = new URL(content, window.location.href).href.replace(/\/$/, '');

/** Whether the API wants a token of the page. Otherwise the page's server adds the credentials, or none are needed. */
export const asksForToken = dataset.signIn === 'token';

/** A path under the API's /v1 from its parts. It is relative, so that the page works below any path. */
export function path(...parts) {
  return `${API}${['v1', ...parts.map(encodeURIComponent)].join('/')}`;
}

/** A path with those parameters that have a value. */
export function withQuery(base, parameters) {
  const query = given(parameters);
  return query.size > 0 ? `${base}?${query}` : base;
}
