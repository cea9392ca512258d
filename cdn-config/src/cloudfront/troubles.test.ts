import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudFrontStub, STUB_CREDENTIALS, type Trouble } from '../testing/cloudfront/stub.ts';
import { apply, type Cdn, destroy, look, type Progress, WAITS } from './apply.ts';
import type { CdnOptions } from './settings.ts';

/** What goes wrong between here and AWS: words where nothing can be done, and the same end where something can. */

const options: CdnOptions = {
  name: 'rostrum',
  originHost: 'live.example.org',
  originPort: 443,
  shieldRegion: 'eu-central-1',
  bucket: { name: 'recordings', region: 'eu-west-1' },
  keyGraceMs: 0,
  pollMs: 5,
};

let stub: CloudFrontStub;
let told: Progress[];
const clients: CloudFrontClient[] = [];

beforeEach(async () => {
  told = [];
  stub = await CloudFrontStub.open({ deployingFor: 1 });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await stub.close();
});

interface More {
  readonly attempts?: number;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly options?: CdnOptions;
  readonly looks?: number;
  readonly signal?: AbortSignal;
  readonly tell?: (progress: Progress) => void;
}

function cdnOf(more: More = {}): Cdn {
  const client = new CloudFrontClient({
    ...{ region: 'us-east-1', endpoint: more.endpoint ?? stub.url, maxAttempts: more.attempts ?? 1 },
    credentials: more.credentials ?? STUB_CREDENTIALS,
  });
  clients.push(client);
  return {
    client,
    options: more.options ?? options,
    nowMs: Date.now,
    waits: { ...WAITS, pollMs: 5, lookAgainMs: 1, looks: more.looks ?? 30 },
    tell: more.tell ?? ((progress) => told.push(progress)),
    signal: more.signal ?? new AbortController().signal,
  };
}

/** What stands after an apply that nothing disturbs, and how many changes that takes. */
async function undisturbed(): Promise<{ readonly picture: string; readonly changes: number }> {
  const calm = await CloudFrontStub.open();
  try {
    const { changes } = await apply(cdnOf({ endpoint: calm.url }));
    return { picture: calm.picture(), changes };
  } finally {
    await calm.close();
  }
}

test.each([
  ['wrong-credentials', 403, 'SignatureDoesNotMatch'],
  ['wrong-credentials', 403, 'ExpiredToken'],
  ['access-denied', 403, 'AccessDenied'],
  ['quota', 400, 'TooManyCachePolicies'],
  ['certificate', 400, 'InvalidViewerCertificate'],
  ['domain-taken', 409, 'CNAMEAlreadyExists'],
  ['refused', 400, 'InvalidArgument'],
])('%s is told with what to do, and not tried again (%i %s)', async (code, status, word) => {
  stub.trouble = (operation) =>
    operation.startsWith('Create') ? { kind: 'refuse', status, code: word } : undefined;
  await expect(apply(cdnOf())).rejects.toMatchObject({
    code,
    message: expect.stringContaining('making the origin access control rostrum-bucket: '),
    advice: expect.stringMatching(/.{20}/),
  });
  expect(stub.exchanges.filter(({ operation }) => operation.startsWith('Create'))).toHaveLength(1);
});

test('credentials that AWS does not know are told at the first look', async () => {
  const credentials = { accessKeyId: 'AKIAWRONG', secretAccessKey: 'x' };
  await expect(look(cdnOf({ credentials }))).rejects.toMatchObject({ code: 'wrong-credentials' });
});

test('throttling is sat out by the SDK', async () => {
  const calm = await undisturbed();
  let throttled = 0;
  stub.trouble = (_, count): Trouble | undefined => {
    if (count % 7 !== 0) return undefined;
    throttled += 1;
    return { kind: 'refuse', status: 400, code: 'Throttling', message: 'Rate exceeded' };
  };
  await apply(cdnOf({ attempts: 4 }));
  expect(throttled).toBeGreaterThan(1);
  expect(stub.picture()).toBe(calm.picture);
});

test('so are connections that break before anything is done', async () => {
  const calm = await undisturbed();
  let broken = 0;
  stub.trouble = (): Trouble | undefined => {
    broken += 1;
    return broken % 5 === 0 ? { kind: 'hang-up' } : undefined;
  };
  await apply(cdnOf({ attempts: 4 }));
  expect(stub.picture()).toBe(calm.picture);
});

test('throttling without end is told', async () => {
  stub.trouble = () => ({ kind: 'refuse', status: 400, code: 'Throttling', message: 'Rate exceeded' });
  await expect(look(cdnOf())).rejects.toMatchObject({ code: 'throttled' });
});

test('lists and references that know of nothing for a while lead to the same, and nothing is made twice', async () => {
  const calm = await undisturbed();
  stub.account.options = { ...stub.account.options, unlisted: 2, unknown: 3 };
  await apply(cdnOf());
  expect(stub.picture()).toBe(calm.picture);
  expect(told.some(({ kind }) => kind === 'looking-again')).toBe(true);
});

test('somebody else who changes the distribution meanwhile is noticed, and the plan made anew', async () => {
  await apply(cdnOf());
  let once = true;
  stub.trouble = (operation) => {
    if (operation === 'UpdateDistribution' && once) {
      once = false;
      const [distribution] = stub.things('Distribution');
      Object.assign(distribution!.config, { WebACLId: 'theirs' });
      stub.account.touch(distribution!);
    }
    return undefined;
  };
  await apply(cdnOf({ options: { ...options, originHost: 'other.example.org' } }));
  expect(stub.things('Distribution')[0]?.config).toMatchObject({ WebACLId: 'theirs' });
  expect(JSON.stringify(stub.things('Distribution')[0]?.config)).toContain('other.example.org');
});

test('two who apply at once come to the same, and nothing is there twice', async () => {
  const calm = await undisturbed();
  await Promise.all([apply(cdnOf()), apply(cdnOf()), apply(cdnOf())]);
  expect(stub.picture()).toBe(calm.picture);
});

test('two who destroy at once leave nothing, and neither of them fails', async () => {
  await apply(cdnOf());
  await Promise.all([destroy(cdnOf()), destroy(cdnOf())]);
  expect((await look(cdnOf())).found).toEqual([]);
});

test('somebody who changes it each time is told of in the end', async () => {
  await apply(cdnOf());
  stub.trouble = (operation) => {
    if (operation === 'UpdateDistribution') stub.account.touch(stub.things('Distribution')[0]!);
    return undefined;
  };
  const changed = { ...options, originHost: 'other.example.org' };
  await expect(apply(cdnOf({ options: changed, looks: 3 }))).rejects.toMatchObject({
    code: 'changed-meanwhile',
  });
});

test('a name that somebody else has is told before anything is made', async () => {
  await apply(cdnOf());
  const [policy] = stub.things('CachePolicy');
  Object.assign(policy!.config, { Comment: 'mine' });
  const before = stub.exchanges.filter(({ changes }) => changes).length;
  await expect(apply(cdnOf())).rejects.toMatchObject({
    code: 'name-taken',
    message: expect.stringContaining('rostrum-playlists'),
  });
  expect(stub.exchanges.filter(({ changes }) => changes)).toHaveLength(before);
});

test('a caller reference that was used by what cannot be found is told as a name that is taken', async () => {
  stub.trouble = (operation) =>
    operation === 'CreateDistribution'
      ? { kind: 'refuse', status: 409, code: 'DistributionAlreadyExists' }
      : undefined;
  await expect(apply(cdnOf({ looks: 3 }))).rejects.toMatchObject({ code: 'name-taken' });
});

describe('a change whose answer nobody hears', () => {
  test('comes to the same when the SDK asks again, whichever it is', async () => {
    const calm = await undisturbed();
    for (let lost = 1; lost <= calm.changes; lost += 1) {
      const fresh = await CloudFrontStub.open();
      let changes = 0;
      fresh.trouble = (operation) => {
        if (!/^(Create|Update)/.test(operation)) return undefined;
        changes += 1;
        return changes === lost ? { kind: 'lose-answer' } : undefined;
      };
      try {
        await apply(cdnOf({ endpoint: fresh.url, attempts: 3 }));
        expect(fresh.picture()).toBe(calm.picture);
      } finally {
        await fresh.close();
      }
    }
  });

  test('and a removal too', async () => {
    await apply(cdnOf());
    const all = (await look(cdnOf())).found.length;
    for (let lost = 1; lost <= all; lost += 1) {
      await apply(cdnOf());
      let changes = 0;
      stub.trouble = (operation) => {
        if (!/^Delete/.test(operation)) return undefined;
        changes += 1;
        return changes === lost ? { kind: 'lose-answer' } : undefined;
      };
      await destroy(cdnOf({ attempts: 3 }));
      stub.trouble = () => undefined;
      expect((await look(cdnOf())).found).toEqual([]);
    }
  });
});

test('who interrupts it is told that it goes on, and it does', async () => {
  const calm = await undisturbed();
  const interrupting = new AbortController();
  const cdn = cdnOf({
    signal: interrupting.signal,
    tell: (progress) => {
      if (progress.kind === 'waiting') interrupting.abort();
    },
  });
  await expect(apply(cdn)).rejects.toMatchObject({ code: 'interrupted' });
  expect((await apply(cdnOf())).changes).toBe(0);
  expect(stub.picture()).toBe(calm.picture);
});

test('interrupted before any change, it says so, and the next run comes to the same; so does destroy', async () => {
  const calm = await undisturbed();
  const interruptedAt = (place: number) => {
    const interrupting = new AbortController();
    let changes = 0;
    const tell = ({ kind }: Progress) => {
      if (kind !== 'doing' && kind !== 'disabling') return;
      changes += 1;
      if (changes === place) interrupting.abort();
    };
    return cdnOf({ signal: interrupting.signal, tell });
  };
  for (let place = 1; place <= calm.changes; place += 1) {
    await expect(apply(interruptedAt(place))).rejects.toMatchObject({ code: 'interrupted' });
    await apply(cdnOf());
    expect(stub.picture()).toBe(calm.picture);
    await expect(destroy(interruptedAt(place))).rejects.toMatchObject({ code: 'interrupted' });
    await destroy(cdnOf());
    expect((await look(cdnOf())).found).toEqual([]);
  }
});
