// A line of what a number was, and a gauge of how much of a limit is used.
import { amount, count } from '../format.js';
import { html } from '../html.js';

const WIDTH = 240;
const HEIGHT = 36;

/** A line is never shorter than this, in ms, so that its first points are no cliff. */
const SHORTEST = 60_000;

/** `points` are `[time, value]`, the oldest first. The line grows with them to the full width. */
export function Spark({ name, points, tone = '' }) {
  const end = points.length > 0 ? points[points.length - 1][0] : 0;
  const span = Math.max(SHORTEST, points.length > 0 ? end - points[0][0] : 0);
  const highest = Math.max(1, ...points.map(([, value]) => value));
  const x = (time) => WIDTH - ((end - time) / span) * WIDTH;
  const y = (value) => HEIGHT - 2 - (value / highest) * (HEIGHT - 4);
  const line = points
    .map(([time, value], at) => `${at === 0 ? 'M' : 'L'}${x(time).toFixed(1)},${y(value).toFixed(1)}`)
    .join('');
  const first = points.length > 0 ? x(points[0][0]).toFixed(1) : WIDTH;
  const latest = points.length > 0 ? points[points.length - 1][1] : 0;
  const minutes = Math.round(span / 60_000);
  const label = `${name}: now ${count(latest)}, highest ${count(Math.max(0, ...points.map(([, value]) => value)))} in ${minutes} min`;
  return html`
    <svg class=${`spark ${tone}`} viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
      <title>${label}</title>
      ${points.length > 1 && html`<path class="under" d=${`${line}L${WIDTH},${HEIGHT}L${first},${HEIGHT}Z`} />`}
      ${points.length > 1 && html`<path class="line" d=${line} vector-effect="non-scaling-stroke" />`}
    </svg>
  `;
}

/** Counts of the latest periods as columns, the oldest first. A period whose count is null has no column: nobody knows it. */
export function Columns({ name, values, each, tone = '' }) {
  const known = values.filter((value) => value !== null);
  const most = known.reduce((a, b) => (amount(b) > amount(a) ? b : a));
  const highest = Math.max(1, amount(most));
  const width = WIDTH / values.length;
  const latest = count(values[values.length - 1]);
  const label = `${name}: ${latest} in the latest ${each}, at most ${count(most)} in one of ${known.length}`;
  return html`
    <svg class=${`spark ${tone}`} viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${label}>
      <title>${label}</title>
      ${values.map((value, at) => {
        if (value === null) return null;
        const height = amount(value) === 0 ? 1 : Math.max(3, (amount(value) / highest) * HEIGHT);
        return html`<rect class=${amount(value) === 0 ? 'none' : 'column'} x=${at * width + 1} y=${HEIGHT - height} width=${width - 2} height=${height} />`;
      })}
    </svg>
  `;
}

/** `value` is undefined as long as it is not known. */
export function Gauge({ name, value, of }) {
  const used = Math.min(value ?? 0, of);
  const share = of > 0 ? used / of : 0;
  const tone = share >= 1 ? 'full' : share >= 0.8 ? 'high' : '';
  return html`
    <span class="gauge">
      <meter class=${tone} min="0" max=${of} value=${used} aria-label=${name}></meter>
      <span class="number">${count(value)} / ${count(of)}</span>
    </span>
  `;
}
