/** Headers of a request, in the forms of `fetch` and of Node.js. */

/** Headers as `fetch` and as Node.js have them. */
export type GivenHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header by its name in lower case. Names may be in any case. */
export function headerOf(headers: GivenHeaders, name: string): string | undefined {
  if (headers instanceof Headers) {
    return headers.get(name) ?? undefined;
  }
  const [, value] = Object.entries(headers).find(([own]) => own.toLowerCase() === name) ?? [];
  return typeof value === "object" ? value.join(", ") : value;
}
