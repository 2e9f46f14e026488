// A value that parts of the page share and redraw with.
import { useEffect, useState } from './html.js';

export function store(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      value = typeof next === 'function' ? next(value) : next;
      for (const listener of [...listeners]) listener(value);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The store's value; the component is drawn again when it changes. */
export function useStore(shared) {
  const [value, set] = useState(shared.get());
  useEffect(() => {
    // It may have changed between the drawing and now.
    set(() => shared.get());
    return shared.listen((next) => set(() => next));
  }, [shared]);
  return value;
}
