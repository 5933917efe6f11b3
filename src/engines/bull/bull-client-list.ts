/**
 * The name Bull gives to a worker's connection. To be compared whole: Bull itself asks only how a name begins, and so takes the workers of
 * `abcdef` for those of `abc`, whose base64 begins alike.
 */
export function clientNameOf(prefix: string, queue: string): string {
  return `${prefix}:${Buffer.from(queue).toString('base64')}`;
}
