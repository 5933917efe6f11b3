import { describe, expect, test } from '@jest/globals';
import { askable, filterOf, termsOf } from '../../../dashboard/src/pages/tasks/task-filter.js';

describe('what is typed into the filter', () => {
  test.each([
    ['state:', ''],
    ['runtime:>', ''],
    ['state:FAILURE and', 'state:FAILURE'],
    ['state:FAILURE and runtime:>=', 'state:FAILURE'],
    ['mail (', 'mail'],
    ['name:"two wo', ''],
    ['"two words" or', '"two words"'],
  ])('%s is asked for as "%s" while it is being typed', (draft, asked) => {
    expect(askable(draft)).toBe(asked);
  });

  test.each(['state:FAILURE', 'order', 'name:"two words"', 'runtime:>5s', '(a or b)', 'http://host'])(
    '%s is asked for as it is',
    (draft) => {
      expect(askable(draft)).toBe(draft);
    },
  );

  test('becomes terms, and the filter again', () => {
    expect(termsOf('state:FAILURE and runtime:>5s')).toEqual(['state:FAILURE', 'runtime:>5s']);
    expect(filterOf(['state:FAILURE', 'runtime:>5s'])).toBe('state:FAILURE and runtime:>5s');
    expect(termsOf('a or b')).toEqual(['a or b']);
  });
});
