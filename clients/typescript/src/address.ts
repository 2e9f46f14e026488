/** Where the API is, and who asks, from a URL and the environment. */

export function parsed(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Said below.
  }
  if (!(url?.protocol === "http:" || url?.protocol === "https:") || !url.hostname) {
    throw new RangeError(`${JSON.stringify(text)} is not the URL of an API: it must begin with https:// or http://`);
  }
  return url;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host.startsWith("127.") || host === "[::1]";
}

/** User and password of a URL, as the header has them: UTF-8 in base64. */
export function basic({ username, password }: URL): string {
  const bytes = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return btoa(String.fromCharCode(...bytes));
}

/** A variable of the environment, where there is one: in browsers there is none. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}
