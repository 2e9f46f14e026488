// Which handlers the programs of the stack have.

/** `{name, programs, running, seen}`, by name: how many programs have it, how many of those run, and when one was last seen. */
export function handlersOf(programs) {
  const all = new Map();
  // The list has the program seen last at its top.
  for (const { handlers, running, last_seen_at: seen } of programs) {
    for (const name of handlers) {
      const known = all.get(name) ?? { name, programs: 0, running: 0, seen };
      all.set(name, { ...known, programs: known.programs + 1, running: known.running + (running ? 1 : 0) });
    }
  }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
