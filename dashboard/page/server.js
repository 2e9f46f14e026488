// What serves this page: `taskway dev`, or `taskway ui` before a deployed API.
import { read } from './api.js';
import { store, useStore } from './store.js';

/** `null` until it is known. */
export const server = store(null);

export async function loadServer() {
  try {
    server.set((await read('ui.json')).json);
  } catch {
    // The connection's notice says so; this is asked again when the stack is back.
  }
}

/** Whether the server lets only reads pass. It enforces that itself; the page only leaves the buttons out. */
export function useReadOnly() {
  return useStore(server)?.read_only ?? false;
}
