import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { liveClock } from './live-clock.ts';
import { type HeadlessPanelist, joinHeadless } from './panelist.ts';
import type { Notice, Order } from './sender-messages.ts';

/**
 * Sends panelists' media for the program that started it (`senders.ts`) and ends with it. It stands for other people's machines,
 * which no load of this one slows down, so it goes before everything else here: a little, measured, that cannot wait.
 */
const NICENESS = -16;

const tell = (notice: Notice): void => {
  process.send?.(notice);
};

function goFirst(): void {
  try {
    setPriority(NICENESS);
    // The kernel divides by session first; this process has one of its own.
    writeFileSync('/proc/self/autogroup', String(NICENESS));
  } catch (error) {
    tell({ told: 'warning', line: `senders weigh as everybody does: ${String(error)}` });
  }
}

const people = new Map<number, { readonly panelist: Promise<HeadlessPanelist>; giveUp(): void }>();

function join({ id, coordinatorUrl, token, clock }: Extract<Order, { do: 'join' }>): void {
  const progress = (line: string): void => tell({ told: 'progress', id, line });
  const trying = new AbortController();
  const panelist = joinHeadless({
    signal: trying.signal,
    coordinatorUrl,
    token,
    media: liveClock(clock),
    progress,
    onTrouble: ({ code, message, retryInMs }) =>
      progress(`${message} (${code}); trying again in ${retryInMs} ms`),
  });
  people.set(id, { panelist, giveUp: () => trying.abort() });
  panelist
    .then(async ({ ended }) => {
      tell({ told: 'joined', id });
      const ending = await ended;
      if (ending.kind !== 'closed') tell({ told: 'ended', id, why: JSON.stringify(ending) });
    })
    .catch((error: unknown) => tell({ told: 'ended', id, why: String(error) }));
}

async function leave(id: number): Promise<void> {
  const person = people.get(id);
  people.delete(id);
  person?.giveUp();
  await person?.panelist.then(
    (joined) => joined.close(),
    () => undefined, // told where it joined
  );
  tell({ told: 'left', id });
}

goFirst();
process.on('message', (order: Order) => {
  switch (order.do) {
    case 'join':
      return join(order);
    case 'leave':
      return void leave(order.id);
  }
});
process.on('disconnect', () => process.exit(0));
