// A label as one text, by the rule of the command line: in the name, `\=` stands for `=` and `\\` for a backslash.

/** `[name, value]` of `name=value`, or null if it is none. The space around each is not part of it. */
export function labelOf(text) {
  const found = /^((?:\\[\\=]|\\(?![\\=])|[^\\=])+)=(.*)$/s.exec(text);
  const name = found?.[1].trim().replace(/\\([\\=])/g, '$1');
  return name ? [name, found[2].trim()] : null;
}

/** The text that names this label. */
export function labelText(name, value) {
  return `${name.replace(/[\\=]/g, '\\$&')}=${value}`;
}
