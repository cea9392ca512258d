import { RostrumError } from '@rostrum/contracts';
import { sql } from 'kysely';
import { pino } from 'pino';
import { type DatabasePlace, placeForEachTest } from '../testing/database-places.ts';
import { type Database, openDatabase, type Tx } from './database.ts';
import { engineOf } from './store.ts';

describe.each(['sqlite', 'postgres'] as const)('the database on %s', (engine) => {
  const placeOfTest = placeForEachTest(engine);
  let place: DatabasePlace;
  let database: Database;
  let reopened: number;

  beforeEach(async () => {
    place = placeOfTest();
    reopened = 0;
    const write = (line: string): void => {
      if (JSON.parse(line).msg === 'database opened again') reopened += 1;
    };
    const logger = pino({}, { write });
    database = await openDatabase(engineOf(place.settings, logger), logger);
  });
  afterEach(async () => {
    await database.close();
  });

  const note = (tx: Tx, origin: string) =>
    tx.insertInto('page_origins').values({ origin, seen_unix_ms: 1 }).execute();
  const notes = async (): Promise<string[]> => {
    const rows = await database.query((db) =>
      db.selectFrom('page_origins').select('origin').orderBy('origin').execute(),
    );
    return rows.map((r) => r.origin);
  };

  test('a transaction that its own work gives up leaves nothing, says why, and takes nothing else with it', async () => {
    const givenUp = database.transact(async (tx) => {
      await note(tx, 'a');
      throw new RostrumError('limit-reached', 'there are enough');
    });
    await expect(givenUp).rejects.toMatchObject({ code: 'limit-reached' });
    await database.transact((tx) => note(tx, 'b'));
    const twice = database.transact(async (tx) => {
      await note(tx, 'c');
      await note(tx, 'b');
    });
    await expect(twice).rejects.toMatchObject({ code: 'conflict' });
    expect(await notes()).toEqual(['b']);
    expect(reopened).toBe(0);
  });

  test('what cannot be told from trouble is unavailable, and the database is opened anew', async () => {
    const mistake = new TypeError('a mistake');
    const failed = database.transact(async (tx) => {
      await note(tx, 'a');
      throw mistake;
    });
    await expect(failed).rejects.toMatchObject({ code: 'unavailable', cause: mistake });
    await expect(
      database.transact((tx) => sql`insert into nowhere values (1)`.execute(tx)),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await expect(database.query((db) => sql`select nothing`.execute(db))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await notes()).toEqual([]);
    expect(reopened).toBe(2);
  });

  test('an attempt that is refused is undone with the attempts in it, and the transaction goes on', async () => {
    const outcomes: string[] = [];
    await database.transact(async (tx) => {
      await note(tx, 'before');
      const outer = await database.attempt(tx, async () => {
        await note(tx, 'outer');
        const done = await database.attempt(tx, () => note(tx, 'inner'));
        const refused = await database.attempt(tx, () => note(tx, 'before'));
        outcomes.push(done.kind, refused.kind);
        throw new Error('not this');
      });
      outcomes.push(outer.kind);
      const kept = await database.attempt(tx, async () => {
        await note(tx, 'kept');
        return database.attempt(tx, () => note(tx, 'kept'));
      });
      outcomes.push(kept.kind, kept.kind === 'done' ? kept.value.kind : '');
      await note(tx, 'then');
    });
    expect(outcomes).toEqual(['done', 'refused', 'refused', 'done', 'refused']);
    expect(await notes()).toEqual(['before', 'kept', 'then']);
    expect(reopened).toBe(0);
  });

  test('transactions that are asked for at once follow one another', async () => {
    const steps: string[] = [];
    await Promise.all(
      ['a', 'b'].map((origin) =>
        database.transact(async (tx) => {
          steps.push(`${origin} begins`);
          await note(tx, origin);
          steps.push(`${origin} ends`);
        }),
      ),
    );
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('closing waits for what was asked for, and nothing is answered after it', async () => {
    const last = database.transact((tx) => note(tx, 'last'));
    await Promise.all([database.close(), database.close()]);
    await last;
    await expect(database.transact((tx) => note(tx, 'late'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(database.check()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
