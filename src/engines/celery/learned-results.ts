import { fieldsOf, textIn } from './json-fields.js';

/** Where a worker keeps its results, as far as it concerns us: on the broker's own server. */
export interface LearnedResults {
  readonly database: number;
  readonly prefix: string;
}

const REDIS_URL = /^rediss?:\/\/(?:[^@/]*@)?([^/?#]*)\/{0,2}(\d{1,5})?(?:[?#]|$)/;

/**
 * From a worker's `conf`. Passwords in it are masked, and an address that a worker tells is no reason to connect anywhere: only the number of
 * a database on the server that we are connected to already is taken from it. null where the results are elsewhere, or nowhere.
 */
export function learnResults(conf: unknown): LearnedResults | null {
  const fields = fieldsOf(conf);
  const broker = REDIS_URL.exec(textIn(fields?.broker_url ?? fields?.BROKER_URL) ?? '');
  const backend = REDIS_URL.exec(textIn(fields?.result_backend ?? fields?.CELERY_RESULT_BACKEND) ?? '');
  if (broker === null || backend === null || server(broker[1]) !== server(backend[1])) return null;
  const options = fieldsOf(fields?.result_backend_transport_options);
  return { database: Number(backend[2] ?? 0), prefix: textIn(options?.global_keyprefix) ?? '' };
}

function server(address = ''): string {
  const [host = '', port = ''] = address.split(':');
  return `${host === '' || host === '127.0.0.1' ? 'localhost' : host}:${port || '6379'}`;
}
