import { describe, expect, test } from '@jest/globals';
import { hashPassword, type ScryptCost } from '../../../src/auth/password.js';
import { PasswordSignIn } from '../../../src/auth/password-sign-in.js';

const COST: ScryptCost = { N: 1024, r: 8, p: 1 };

describe('signing in by name and password', () => {
  test.each([
    ['a user with the wrong password', 'ada', 'wrong'],
    ['a name that nobody has', 'nobody', 'wrong'],
    ['a name from the prototype of objects', '__proto__', 'right'],
  ])('costs the same work for %s as for a user with the right one', async (_, name, password) => {
    const work: { readonly cost: ScryptCost; readonly salt: number }[] = [];
    const users = [{ name: 'ada', role: 'admin', passwordHash: await hashPassword('right', COST) }];
    const signIn = new PasswordSignIn({ users, roles: {} }, async (_password, salt, cost) => {
      work.push({ cost, salt: salt.length });
      // Whatever is compared with it: nobody's hash is all of these bytes.
      return Buffer.alloc(32);
    });

    expect(await signIn.principal('ada', 'right')).toBeNull();
    expect(await signIn.principal(name, password)).toBeNull();

    expect(work).toEqual([
      { cost: COST, salt: 16 },
      { cost: COST, salt: 16 },
    ]);
  });

  test('lets in who knows the password, and no name of which the hash of nobody is right', async () => {
    const users = [{ name: 'ada', role: 'admin', passwordHash: await hashPassword('right', COST) }];
    const signIn = new PasswordSignIn({ users, roles: {} });

    expect(await signIn.principal('ada', 'right')).toMatchObject({ id: 'ada', role: 'admin' });
    // It is compared with ada's hash, so that it takes as long.
    expect(await signIn.principal('nobody', 'right')).toBeNull();
  });
});
