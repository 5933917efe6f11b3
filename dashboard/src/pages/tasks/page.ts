import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'tasks/:id?',
  title: 'Tasks',
  icon: 'tasks',
  key: 't',
  unchosenRange: 'any time',
  order: 2,
  load: async () => (await import('./TasksRoute.js')).TasksRoute,
};
