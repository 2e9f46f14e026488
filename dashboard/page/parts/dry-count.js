// How many tasks a change is about, counted while the reader decides.
import { countTasks } from '../bulk.js';
import { count, plural } from '../format.js';
import { html, useEffect, useState } from '../html.js';

/** `onCounted` gets the count when it is known. */
export function DryCount({ list, onCounted }) {
  const [state, set] = useState({ counted: 0, counting: true });
  useEffect(() => {
    const stop = new AbortController();
    countTasks(list, stop.signal, (counted) => !stop.signal.aborted && set({ counted, counting: true })).then(
      (result) => {
        set({ ...result, counting: false });
        onCounted(result.counted);
      },
      (problem) => !stop.signal.aborted && set((last) => ({ ...last, counting: false, problem })),
    );
    return () => stop.abort();
  }, []);
  return html`<p class="dry" aria-live="polite">
    ${state.counting && html`Counting… <strong>${count(state.counted)}</strong> so far`}
    ${state.problem && html`The count ended at <strong>${count(state.counted)}</strong>: ${state.problem.message}`}
    ${!state.counting && !state.problem && html`<strong>${plural(state.more ? { at_least: state.counted } : state.counted, 'task')}</strong> ${state.counted === 1 ? 'matches' : 'match'} now.`}
  </p>`;
}
