// Where requests leave, but for the first one of a page: `first.js` has sent that. Every request ends within a time, and every failure says what to do.
import { answered, unanswered } from './connection.js';
import { refuseToken, token } from './credentials.js';
import { answerTo, READ_WITHIN, takeFirst } from './first.js';
import { noteRequest } from './polls.js';
import { asksForToken } from './where.js';

/** The API answers a change of 500 tasks within API Gateway's 30 s, or not at all. */
const CHANGE_WITHIN = 30_000;

/** The API refused: a problem document, or what a gateway between says. */
export class Refused extends Error {
  constructor(status, problem, id) {
    super(problem.detail || problem.title || problem.message || `the answer has status ${status}`);
    this.status = status;
    this.problem = problem;
    this.id = id;
  }
}

/** No answer came. What was asked may have been done all the same. */
export class Unanswered extends Error {}

/** A browser ends requests when it leaves the page. For so many ms after it began to, a request that broke off is no news. */
const LEAVING = 2000;
let leavingUntil = 0;
window.addEventListener('beforeunload', () => {
  leavingUntil = performance.now() + LEAVING;
});

/** GET. Returns the answer's JSON, and its text for what must keep its digits. */
export function read(path, signal) {
  return call('GET', path, undefined, READ_WITHIN, signal);
}

/** POST, PUT, PATCH or DELETE. A body is an object, or the JSON text itself. */
export function change(method, path, body) {
  return call(method, path, body, CHANGE_WITHIN);
}

async function call(method, path, body, within, signal) {
  noteRequest();
  const timeout = AbortSignal.timeout(within);
  const sent = token.get().value;
  const headers = sent ? { authorization: `Bearer ${sent}` } : {};
  // With this type, no page of another origin can send the request.
  if (method !== 'GET') headers['content-type'] = 'application/json';
  const init = { method, headers, signal: signal ? AbortSignal.any([signal, timeout]) : timeout, cache: 'no-store' };
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);

  let answer;
  let text;
  try {
    ({ answer, text } = await ((method === 'GET' && takeFirst(path)) || answerTo(path, init)));
  } catch (error) {
    if (signal?.aborted) throw error;
    const tooLate = error.name === 'TimeoutError';
    // Nobody waits for it any more; what was under way is gone on with after a reload.
    if (!tooLate && performance.now() < leavingUntil) return new Promise(() => {});
    const late = tooLate ? `no answer within ${within / 1000} s` : 'no connection to the stack';
    const doubt = method === 'GET' ? '' : '; it may have been done all the same';
    unanswered(late);
    throw new Unanswered(`${late}${doubt}`);
  }
  const json = parsed(text);
  if (answer.status === 502 || answer.status === 504) {
    const detail = json?.detail ?? 'the server between this page and the stack got no answer';
    unanswered(detail);
    throw new Unanswered(detail);
  }
  answered();
  if (answer.status === 401 && asksForToken) refuseToken(sent);
  if (!answer.ok) throw new Refused(answer.status, json ?? {}, answer.headers.get('x-request-id'));
  return { json, text, status: answer.status };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
