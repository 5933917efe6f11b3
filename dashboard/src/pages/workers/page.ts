import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'workers/:name?',
  title: 'Workers',
  icon: 'workers',
  key: 'w',
  order: 3,
  load: async () => (await import('./WorkersRoute.js')).WorkersRoute,
};
