/** Where to after signing in: a page of the console (`?next=/members`), and never one of another site. */
export function nextPage(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  // A second slash, or a backslash, which browsers take for one, would lead to another host.
  return /^\/(?![/\\])[\w\-/?=&.]*$/.test(next) ? next : '/';
}
