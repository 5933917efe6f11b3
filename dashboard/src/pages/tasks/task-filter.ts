/**
 * The terms that a filter joins with "and", each a chip. A filter that holds "or", "not" or parentheses outside of quotes is one chip:
 * taking a part of it away could mean something else. The service alone knows the grammar; this only cuts at blanks outside of quotes.
 */
export function termsOf(filter: string): readonly string[] {
  const words = wordsOf(filter);
  const plain = words.every((word) => !/^(?:or|not)$/i.test(word) && !/^\(|\)$/.test(word));
  if (!plain) return filter.trim() === '' ? [] : [filter.trim()];
  const terms: string[] = [];
  for (const word of words) {
    if (/^and$/i.test(word)) continue;
    // `state: FAILURE` is one term although it has a blank.
    const last = terms.at(-1);
    if (last !== undefined && /^[a-z]+:(?:[<>]=?|=)?$/i.test(last)) terms[terms.length - 1] = last + word;
    else terms.push(word);
  }
  return terms;
}

export function filterOf(terms: readonly string[]): string {
  const [only, ...others] = terms;
  if (only === undefined) return '';
  if (others.length === 0) return only;
  return terms.map((term) => (wordsOf(term).length > 1 && !term.startsWith('(') ? `(${term})` : term)).join(' and ');
}

const BEGUN = /(?:^|\s)(?:[a-z]+:(?:[<>]=?|=)?|and|or|not|\(|(?:[a-z]+:)?"[^"]*)$/i;

/** The draft without what is only begun at its end: a field whose value comes next, an open quote, a word that joins two terms. */
export function askable(draft: string): string {
  let asked = draft.trim();
  while (BEGUN.test(asked)) asked = asked.replace(BEGUN, '').trim();
  return asked;
}

function wordsOf(text: string): readonly string[] {
  return text.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}

/** What is being typed at the end: a field's name, or the value of one. */
export interface Typing {
  readonly field: string | null;
  readonly text: string;
}

export function typingOf(draft: string): Typing {
  const word = /(?:[^\s"(]|"(?:[^"\\]|\\.)*"?)*$/.exec(draft)?.[0] ?? '';
  const colon = word.indexOf(':');
  if (colon <= 0) return { field: null, text: word };
  return { field: word.slice(0, colon).toLowerCase(), text: word.slice(colon + 1).replace(/^[<>]?=?/, '') };
}

/** The draft with what was being typed replaced. */
export function completed(draft: string, { text }: Typing, choice: string): string {
  return draft.slice(0, draft.length - text.length) + choice;
}
