import { describe, expect, test } from '@jest/globals';
import { FactWriter } from '../../../agent/fact-writer.js';
import { Outbox } from '../../../agent/outbox.js';
import { eventually } from '../../support/eventually.js';

const NO_RESULT = { json: null, bytes: 0 };

/** A Redis that answers as it is told to, and notes what was asked of it. */
class FakeConnection {
  up = true;
  refusing: string | null = null;
  readonly asked: string[] = [];
  readonly hungUp: string[] = [];

  readonly redis = {
    xadd: async (_key: string, ..._rest: readonly unknown[]): Promise<string> => {
      const body = JSON.parse(String(_rest.at(-1)));
      this.asked.push(Array.isArray(body) ? `facts ${body[0].seq}-${body.at(-1).seq}` : `totals ${body.seq}`);
      if (this.refusing !== null) throw new Error(this.refusing);
      return `${this.asked.length}-0`;
    },
    set: async (_key: string, json: string): Promise<void> => {
      const { totals, totalsEntryId } = JSON.parse(json);
      this.asked.push(`report ${totals.seq} with ${totalsEntryId}`);
    },
    zadd: async (): Promise<void> => undefined,
  };

  hangUp(reason: Error): void {
    this.hungUp.push(reason.message);
  }
}

function setUp(): {
  readonly connection: FakeConnection;
  readonly writer: FactWriter;
  readonly record: (count: number) => void;
  readonly problems: string[];
} {
  const connection = new FakeConnection();
  const outbox = new Outbox();
  const problems: string[] = [];
  const report = { at: 5 };
  const writer: FactWriter = Reflect.construct(FactWriter, [
    connection,
    outbox,
    'a1',
    () => report,
    (problem: Error) => problems.push(problem.message),
  ]);
  const record = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      outbox.record(
        {
          kind: 'succeeded',
          engine: 'bull',
          prefix: 'bull',
          queue: 'q',
          jobId: '1',
          jobName: 'n',
          attempt: 1,
          at: 0,
          sentAt: null,
          eta: null,
          runtimeMs: 1,
          error: null,
          timedOut: false,
        },
        NO_RESULT,
      );
      writer.wake();
    }
  };
  return { connection, writer, record, problems };
}

describe('the writer of facts', () => {
  test('sends a hundred at once, fewer a little later, and on a heartbeat first the facts, then their totals, then the report', async () => {
    const { connection, writer, record } = setUp();

    record(130);
    await eventually(() => expect(connection.asked).toEqual(['facts 1-100', 'facts 101-130']));
    record(1);
    writer.report();
    record(1);

    await eventually(() =>
      expect(connection.asked.slice(2)).toEqual([
        'facts 131-131',
        'totals 131',
        'report 131 with 4-0',
        'facts 132-132',
      ]),
    );
  });

  test('adds no totals to the stream while nothing happens, but does after a reconnect', async () => {
    const { connection, writer, record } = setUp();
    record(1);
    await writer.flush();
    await writer.flush();
    writer.resume();
    await writer.flush();

    expect(connection.asked.filter((what) => what.startsWith('totals'))).toEqual(['totals 1', 'totals 1']);
    expect(connection.asked.filter((what) => what.startsWith('report')).length).toBeGreaterThanOrEqual(3);
  });

  test('waits for the next heartbeat when Redis refuses, and then sends the same numbers again', async () => {
    const { connection, writer, record, problems } = setUp();
    connection.refusing = 'OOM command not allowed';
    record(300);
    await eventually(() => expect(problems).toHaveLength(1));
    record(500);
    expect(connection.asked).toEqual(['facts 1-100']);

    connection.refusing = null;
    await writer.flush();

    expect(connection.asked.slice(1, 3)).toEqual(['facts 1-100', 'facts 101-200']);
    expect(connection.asked.at(-2)).toBe('totals 800');
  });

  test('hangs up on a Redis that does not answer in time', async () => {
    const { connection, writer, record } = setUp();
    connection.refusing = 'Command timed out';
    record(1);
    await writer.flush();

    expect(connection.hungUp).toEqual(['Command timed out']);
  });

  test('asks nothing of a Redis that is away', async () => {
    const { connection, writer, record } = setUp();
    connection.up = false;
    record(300);
    await writer.flush();

    expect(connection.asked).toEqual([]);
  });
});
