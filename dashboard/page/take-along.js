// A task as something to submit again: as JSON, with curl, with the command line, in Python.
import { member, pretty, python, withMembers } from './json.js';
import { labelText } from './labels.js';

/** What the API takes when nothing is given. */
const DEFAULTS = { queue: 'default', priority: 'normal', timeout_seconds: 60, retain_seconds: 604800 };
const RETRY = { max_attempts: 5, min_backoff_seconds: 1, max_backoff_seconds: 600, multiplier: 2 };
const FIELDS = [
  'target',
  'queue',
  'priority',
  'timeout_seconds',
  'retry',
  'fairness_key',
  'expected_duration_ms',
  'retain_seconds',
  'labels',
];
export const CALLBACKS = ['on_success', 'on_failure'];

/**
 * What to submit for a task like this one, and the texts of its payload and of its callbacks. Times and the idempotency key belong to the task
 * itself, and what has its default is left out.
 */
export function submitted(task, text) {
  const fields = {};
  for (const field of FIELDS) {
    const value = task[field];
    if (value == null || value === DEFAULTS[field]) continue;
    if (field === 'labels' && Object.keys(value).length === 0) continue;
    if (field === 'retry') {
      const given = Object.entries(value).filter(([name, part]) => part !== RETRY[name]);
      if (given.length > 0) fields.retry = Object.fromEntries(given);
      continue;
    }
    fields[field] = value;
  }
  const callbacks = {};
  for (const name of CALLBACKS) if (task[name] != null) callbacks[name] = member(text, name);
  return { fields, callbacks, payload: member(text, 'payload') ?? 'null' };
}

export function asJson({ fields, callbacks, payload }) {
  return pretty(withMembers(fields, { ...callbacks, payload }));
}

/** How curl says who sends a request. The shell puts the credentials in from its environment; the page has none. */
const CREDENTIALS = {
  token: () => ['-H "authorization: Bearer $TASKWAY_TOKEN"'],
  signature: (api) => [
    `--aws-sigv4 "aws:amz:${regionOf(api)}:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`,
    // curl 7.88 signs a header without a value and does not send it. So the header is left out where there is no session.
    `\${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}`,
  ],
};

/** API Gateway's own hosts name the region: `….execute-api.eu-west-1.amazonaws.com`. */
function regionOf(api) {
  return /\.execute-api\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(new URL(api).hostname)?.[1] ?? '$AWS_REGION';
}

export function asCurl({ fields, callbacks, payload }, api, sender) {
  return curlOf(withMembers(fields, { ...callbacks, payload }), api, sender);
}

/** A call that submits this body. */
export function curlOf(body, api, sender) {
  const words = [`curl -s ${api}/v1/tasks`, ...(CREDENTIALS[sender]?.(api) ?? []), "-H 'content-type: application/json'"];
  return `${words.join(' ')} -d ${shell(body)}`;
}

export function asCommand({ fields, callbacks, payload }, api, sender) {
  const { target, retry = {}, labels = {} } = fields;
  // The command signs by itself what goes to an https URL.
  const sign = sender === 'signature' && !api.startsWith('https:') ? ['--sign'] : [];
  const words = ['taskway', '--url', api, ...sign, 'submit'];
  const option = (name, value) => value != null && words.push(name, shell(String(value)));
  if (target.handler) words.push(target.handler);
  if (target.http) {
    option('--http', target.http.url);
    if (target.http.method !== 'POST') option('--method', target.http.method);
    for (const [name, value] of Object.entries(target.http.headers ?? {})) option('--header', `${name}:${value}`);
  }
  if (target.lambda) {
    option('--lambda', target.lambda.function);
    option('--invocation', target.lambda.invocation);
    option('--tenant-id', target.lambda.tenant_id);
  }
  if (payload !== 'null') words.push(target.handler ? shell(payload) : `--payload ${shell(payload)}`);
  option('--queue', fields.queue);
  option('--priority', fields.priority);
  option('--timeout', fields.timeout_seconds);
  option('--max-attempts', retry.max_attempts);
  option('--min-backoff', retry.min_backoff_seconds);
  option('--max-backoff', retry.max_backoff_seconds);
  option('--multiplier', retry.multiplier);
  option('--fairness-key', fields.fairness_key);
  option('--expected-duration-ms', fields.expected_duration_ms);
  option('--retain', fields.retain_seconds);
  for (const [name, value] of Object.entries(labels)) option('--label', labelText(name, value));
  for (const [name, text] of Object.entries(callbacks)) option(`--${name.replace('_', '-')}`, text);
  return words.join(' ');
}

export function asPython({ fields, callbacks, payload }, api) {
  const { target, retry } = fields;
  const literal = (value) => python(JSON.stringify(value));
  const given = [];
  const add = (name, value) => value != null && given.push(`${name}=${value}`);
  const names = new Set(['Taskway']);
  const named = ({ handler, http, lambda }) => {
    if (http) {
      names.add('Http');
      return `Http(${literal(http.url)}, ${literal(http.method ?? 'POST')}, ${literal(http.headers ?? {})})`;
    }
    if (lambda) {
      names.add('Lambda');
      return `Lambda(${literal(lambda.function)}, ${literal(lambda.invocation ?? null)}, ${literal(lambda.tenant_id ?? null)})`;
    }
    return literal(handler ?? '');
  };
  const to = named(target);
  for (const field of ['queue', 'priority', 'fairness_key', 'labels']) {
    if (fields[field] != null) add(field, literal(fields[field]));
  }
  add('timeout', fields.timeout_seconds);
  add('retain', fields.retain_seconds);
  if (fields.expected_duration_ms != null) add('expected_duration', fields.expected_duration_ms / 1000);
  for (const [name, text] of Object.entries(callbacks)) {
    names.add('Callback');
    const parts = ['queue', 'payload', 'labels'].map((part) => [part, member(text, part)]);
    const known = parts.filter(([, part]) => part !== undefined && part !== 'null');
    const words = known.map(([part, value]) => `${part}=${indented(python(value))}`);
    add(name, `Callback(${[named(JSON.parse(text).target), ...words].join(', ')})`);
  }
  if (retry) {
    names.add('RetryPolicy');
    const parts = Object.entries(retry).map(([name, value]) => `${name.replace('_seconds', '')}=${value}`);
    add('retry', `RetryPolicy(${parts.join(', ')})`);
  }
  const options = given.map((one) => `, ${one}`).join('');
  return `from taskway import ${[...names].sort().join(', ')}\n\nwith Taskway(${literal(api)}) as taskway:\n    task = taskway.submit(${to}, ${indented(python(payload))}${options})\n    print(task.id)`;
}

/** A literal of several lines, within the block of the `with`. */
function indented(text) {
  return text.replaceAll('\n', '\n    ');
}

/** A word of a POSIX shell. */
function shell(text) {
  return /^[\w.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
