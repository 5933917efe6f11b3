import { z } from 'zod';

/** A repetition of something that repeats itself can take years on a text of a hundred characters, and tasks choose the text. */
const REPEATED_REPETITION = /\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{]/;
const BACK_REFERENCE = /\\[1-9k]/;

const keys = z.array(z.string().min(1)).default([]);
const pattern = z
  .string()
  .min(1)
  .max(200)
  .refine(isExpression, 'a regular expression')
  .refine(
    (text) => !REPEATED_REPETITION.test(text) && !BACK_REFERENCE.test(text),
    'no repeated repetition such as (a+)+ and no back reference',
  )
  .refine((text) => !new RegExp(text, 'u').test(''), 'an expression that does not match the empty text');

export const redactionSettingsSchema = z.strictObject({
  keys: keys.describe('Further field names whose values are replaced in everything that is read from a broker'),
  patterns: z
    .array(pattern)
    .max(50)
    .default([])
    .describe('Regular expressions of further secrets, replaced inside every text that tasks carry'),
  tasks: z
    .array(
      z.strictObject({
        names: z.array(z.string().min(1)).min(1),
        keys,
        everything: z.literal(true).exactOptional(),
      }),
    )
    .max(200)
    .default([])
    .describe(
      'Per task: names (or beginnings and *), and further keys to hide there, or everything: true for all that these tasks carry',
    ),
});
export type RedactionSettings = z.infer<typeof redactionSettingsSchema>;

function isExpression(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
