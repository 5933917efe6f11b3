import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'timeline',
  title: 'Timeline',
  icon: 'timeline',
  key: 'l',
  order: 5,
  load: async () => (await import('./TimelinePage.js')).TimelinePage,
};
