// What serves this page: `taskway dev`, `taskway ui` before a deployed API, or the API itself.

import { read } from './api.js';
import { store, useStore } from './store.js';
import { API_URL } from './where.js';

/** `null` until it is known. */
export const server = store(null);

export async function loadServer() {
  try {
    server.set((await read('ui.json')).json);
  } catch {
    // The connection's notice says so; this is asked again when the stack is back.
  }
}

/** The API's URL, for commands to paste. */
export function useApiUrl() {
  return useStore(server)?.api ?? API_URL;
}

/** Whether the server lets only reads pass. It enforces that itself; the page only leaves the buttons out. */
export function useReadOnly() {
  return useStore(server)?.read_only ?? false;
}
