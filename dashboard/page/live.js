// Data on the screen: what was known at once, then what the stack says, again and again.
import { useLayoutEffect, useRef, useState } from './html.js';
import { poll } from './polls.js';

/** So many answers are kept for going back and forth. */
const KEPT = 40;
const kept = new Map();

function keep(key, data) {
  kept.delete(key);
  kept.set(key, { data, at: Date.now() });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
}

/**
 * What `load` returns, loaded again every so many ms. `key` says what is loaded; null loads nothing.
 * Returns `data` (the latest there is), `problem` (why the latest try gave none) and `refresh`.
 */
export function useLive(key, load, every) {
  const [state, set] = useState({ key: null });
  const loading = useRef();
  loading.current = load;
  const polling = useRef();

  // An effect would wait for the next frame, which on a busy machine is late.
  useLayoutEffect(() => {
    if (key === null) return undefined;
    const ended = new AbortController();
    const ask = async () => {
      try {
        const data = await loading.current(ended.signal);
        if (ended.signal.aborted) return;
        keep(key, data);
        set({ key, data, at: Date.now() });
      } catch (problem) {
        if (!ended.signal.aborted) set((last) => ({ ...(last.key === key ? last : kept.get(key)), key, problem }));
      }
    };
    const one = poll(ask, every);
    polling.current = one;
    return () => {
      one.stop();
      ended.abort();
    };
  }, [key, every]);

  const known = state.key === key ? state : { ...kept.get(key) };
  return { ...known, refresh: () => polling.current?.now() };
}
