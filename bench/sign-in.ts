import { hashPassword } from '../src/auth/password.js';
import { PasswordSignIn } from '../src/auth/password-sign-in.js';
import { type Figure, figure, median } from './figure.js';

const PAIRS = 20;

/** Whether the time of a refusal tells if a name exists. In turn, so that whatever else the machine does meets both alike. */
export async function measureSignIn(): Promise<readonly Figure[]> {
  const users = [{ name: 'ada', role: 'admin', passwordHash: await hashPassword('right') }];
  const signIn = new PasswordSignIn({ users, roles: {} });
  const times: Record<'ada' | 'nobody', number[]> = { ada: [], nobody: [] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    for (const name of pair % 2 === 0 ? (['ada', 'nobody'] as const) : (['nobody', 'ada'] as const)) {
      const began = performance.now();
      await signIn.principal(name, 'wrong');
      times[name].push(performance.now() - began);
    }
  }
  const [known, unknown] = [median(times.ada), median(times.nobody)];
  const apart = Math.abs(known - unknown) / known;
  return [
    figure('wrong password, a name that exists, median', known, 'ms'),
    figure('a name that nobody has, median', unknown, 'ms'),
    figure('apart by', apart * 100, '%', { text: 'at most 10', good: apart <= 0.1 }),
  ];
}
