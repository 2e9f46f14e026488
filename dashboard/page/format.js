// Numbers and times as people read them. `Intl` would do it too, but the first use of it stops a new tab for some 20 ms or more, which
// is before the first content.

/** A whole number with commas: `1,234`. */
function whole(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count: a number, or `{"at_least": 1000}` where the API stopped counting. */
export function count(value) {
  if (value == null) return '–';
  if (typeof value === 'object') return `${whole(value.at_least)}+`;
  return whole(value);
}

/** The number to compare or to add up. */
export function amount(value) {
  if (value == null) return 0;
  return typeof value === 'object' ? value.at_least : value;
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${amount(number) === 1 && typeof number !== 'object' ? one : many}`;
}

/** A share as `25 %`, and a small one as `0.4 %`. */
export function percent(share) {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

const UNITS = [
  [1000, 60_000, 's'],
  [60_000, 3_600_000, 'min'],
  [3_600_000, 86_400_000, 'h'],
  [86_400_000, Number.POSITIVE_INFINITY, 'd'],
];

/** A length of time: `340 ms`, `12 s`, `3 min`, `2.5 h`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const [unit, , name] = UNITS.find(([, end]) => ms < end);
  const value = ms / unit;
  return `${value < 10 && unit > 1000 ? Math.floor(value * 10) / 10 : Math.floor(value)} ${name}`;
}

/** A time against now: `12 s ago`, `in 3 min`. */
export function ago(time, now) {
  const past = now - time;
  if (Math.abs(past) < 1000) return 'now';
  return past > 0 ? `${duration(past)} ago` : `in ${duration(-past)}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day and a time of the viewer's clock. */
function local(text) {
  const at = new Date(text);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
  return { day: `${DAYS[at.getDay()]} ${at.getDate()} ${MONTHS[at.getMonth()]}`, year: at.getFullYear(), time };
}

/** The viewer's clock, then UTC to the millisecond. */
export function exact(text) {
  const { day, year, time } = local(text);
  return `${day} ${year}, ${time} (${text})`;
}

/** The viewer's clock, without the year. */
export function onClock(text) {
  const { day, time } = local(text);
  return `${day}, ${time}`;
}

/** What a task calls: `echo`, `POST https://example.com/hook`, `λ report`. */
export function target(of) {
  if (of?.handler) return of.handler;
  if (of?.http) return `${of.http.method ?? 'POST'} ${of.http.url}`;
  if (of?.lambda) return `λ ${of.lambda.function}`;
  return 'unknown target';
}

/** `100 per 60 s, burst 10`. */
export function rate(of) {
  if (!of) return 'no limit';
  const period = of.per_seconds === 1 ? 'second' : `${whole(of.per_seconds)} s`;
  return `${whole(of.tasks)} per ${period}${of.burst > 1 ? `, burst ${whole(of.burst)}` : ''}`;
}
