import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'queues/:name?',
  title: 'Queues',
  icon: 'queues',
  key: 'q',
  order: 4,
  load: async () => (await import('./QueuesRoute.js')).QueuesRoute,
};
