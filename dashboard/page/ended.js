// How many tasks ended in each minute of the last hour, as the stack counts them.

const MINUTE = 60_000;
const MINUTES = 60;
const ENDS = ['succeeded', 'failed', 'cancelled', 'expired'];

const all = (minute) => ENDS.reduce((sum, end) => sum + minute[end], 0);

/** `minutes` has how many ended in each, the oldest first. The last one is under way. `ended` is what `/v1/stats` answers. */
export function lastHour(ended, now) {
  const minutes = Array(MINUTES).fill(0);
  const latest = Math.floor(now / MINUTE);
  for (const minute of ended) {
    // The stack's clock may be ahead of this one.
    const at = Math.min(MINUTES - 1, MINUTES - 1 - latest + Date.parse(minute.at) / MINUTE);
    if (at >= 0) minutes[at] += all(minute);
  }
  const sum = (end) => ended.reduce((total, minute) => total + minute[end], 0);
  return { minutes, ended: ENDS.reduce((total, end) => total + sum(end), 0), failed: sum('failed') };
}
