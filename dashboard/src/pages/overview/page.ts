import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: '',
  title: 'Overview',
  icon: 'overview',
  key: 'o',
  order: 1,
  load: async () => (await import('./OverviewPage.js')).OverviewPage,
};
