/** What Vite writes where a nonce belongs; see dashboard/vite.config.ts. */
const NONCE_PLACE = '__NONCE__';

export interface PagePlace {
  /** Path segments between the prefix and the page: 0 for `/flower/`, 2 for `/flower/tasks/42`. */
  readonly depth: number;
  /** Path segments of the prefix itself. */
  readonly prefixDepth: number;
  readonly nonce: string;
  readonly apiPath: string;
}

/**
 * index.html for one address. Both the base and the way to the API are relative, so that the page works behind any proxy path without
 * being told of it.
 */
export function dashboardPage(template: string, { depth, prefixDepth, nonce, apiPath }: PagePlace): string {
  const head = [
    `<base href="${'../'.repeat(depth) || './'}">`,
    `<meta name="taskscope-api" content="${'../'.repeat(prefixDepth)}${apiPath}">`,
  ].join('');
  return template.replace('<head>', `<head>${head}`).replaceAll(NONCE_PLACE, nonce);
}

/**
 * Nothing runs or loads but what carries this answer's nonce, and what that loads. Styles set by script go through the object model, which
 * the policy does not restrict.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `connect-src 'self'`,
    `base-uri 'self'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types 'none'`,
  ].join('; ');
}
