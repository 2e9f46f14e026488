// Addresses within the page: the part after `#`.

/** The parts and the parameters of an address. */
export function placeOf(hash) {
  const [path, query] = hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query ?? '') };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Of parameters, those that are given. The value of a label may be empty. */
export function given(parameters) {
  const all = Object.entries(parameters);
  return new URLSearchParams(all.filter(([name, value]) => value != null && (value !== '' || name.startsWith('label.'))));
}

/** An address within the page: `to(['tasks'], {state: 'failed'})`. Parameters without a value are left out. */
export function to(parts, parameters = {}) {
  const query = given(parameters);
  return `#/${parts.map(encodeURIComponent).join('/')}${query.size > 0 ? `?${query}` : ''}`;
}
