// The token that the API asks for where it serves this page itself. It stays in memory: a reload forgets it.
import { store } from './store.js';

/** `value` is null until the user has given a token, and again when the API has `refused` it. */
export const token = store({ value: null, refused: false });

/** The API did not take this token. A newer one may have been given meanwhile, and a request may have had none. */
export function refuseToken(value) {
  if (value !== null && token.get().value === value) token.set({ value: null, refused: true });
}
