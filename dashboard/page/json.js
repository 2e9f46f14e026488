// JSON as text: laid out and taken apart without reading its numbers, so that every digit stays as it was sent.

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The tokens of a JSON text with their kinds and, for layout, their depth. */
function* tokens(text) {
  for (const [token] of text.matchAll(TOKEN)) yield token;
}

const OPENS = new Set(['{', '[']);
const CLOSES = new Set(['}', ']']);

/** The text, laid out with two spaces a level, as pieces `[kind, text]` for drawing. */
export function pieces(text) {
  const out = [];
  let depth = 0;
  let before = '';
  const all = [...tokens(text)];
  const line = () => out.push(['space', `\n${'  '.repeat(depth)}`]);
  all.forEach((token, at) => {
    if (CLOSES.has(token)) {
      depth -= 1;
      if (!OPENS.has(before)) line();
      out.push(['mark', token]);
    } else {
      if (OPENS.has(before) || before === ',') line();
      out.push([kind(token, all[at + 1]), token]);
      if (token === ':') out.push(['space', ' ']);
      if (OPENS.has(token)) depth += 1;
    }
    before = token;
  });
  return out;
}

function kind(token, next) {
  if (token.startsWith('"')) return next === ':' ? 'name' : 'string';
  if (token.length === 1 && '{}[],:'.includes(token)) return 'mark';
  return token === 'true' || token === 'false' || token === 'null' ? 'word' : 'number';
}

export function pretty(text) {
  return pieces(text)
    .map(([, piece]) => piece)
    .join('');
}

/** The text of a member of an object's text, as it stands there; undefined if there is none. */
export function member(text, name) {
  let depth = 0;
  let wanted = false;
  let start = -1;
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    if (depth === 1 && start >= 0 && (token === ',' || token === '}')) return text.slice(start, match.index).trim();
    if (wanted && token === ':') {
      start = match.index + 1;
      wanted = false;
    } else if (depth === 1 && start < 0 && token.startsWith('"')) {
      wanted =
        JSON.parse(token) === name && /^\s*:/.test(text.slice(match.index + token.length, match.index + token.length + 20));
    }
    if (OPENS.has(token)) depth += 1;
    if (CLOSES.has(token)) depth -= 1;
  }
  return undefined;
}

/** An object's text with more members, whose texts are put in as they are. Parsing them would round their numbers. */
export function withMembers(object, texts) {
  const members = Object.entries(object).map(([name, value]) => [name, JSON.stringify(value)]);
  const all = [...members, ...Object.entries(texts)].filter(([, text]) => text !== undefined);
  return `{${all.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** Why a text is not JSON; null if it is. */
export function fault(text) {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error.message;
  }
}

/** The text as a Python literal. JSON's and Python's strings differ in `\/` and in pairs of surrogates. */
export function python(text) {
  const words = { true: 'True', false: 'False', null: 'None' };
  return pieces(text)
    .map(([kind, piece]) => {
      if (kind === 'name' || kind === 'string') return JSON.stringify(JSON.parse(piece));
      return kind === 'word' ? words[piece] : piece;
    })
    .join('');
}
