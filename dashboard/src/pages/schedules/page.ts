import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'schedules',
  title: 'Schedules',
  icon: 'schedules',
  key: 's',
  order: 7,
  load: async () => (await import('./SchedulesPage.js')).SchedulesPage,
};
