const NOWHERE = 'http://nowhere.invalid';
const MAX_PATH = 2048;

/** The path of this service that a text is; `/` for anything else, so that nobody is sent to another site by a link of ours. */
export function localPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > MAX_PATH || !text.startsWith('/') || !URL.canParse(text, NOWHERE))
    return '/';
  // Browsers take //host and /\host for another site; what the parser makes of the text has lost nothing but that.
  const { origin, pathname, search, hash } = new URL(text, NOWHERE);
  return origin === NOWHERE && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
