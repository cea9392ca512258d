/** The tables of docs/cdn-cost.md: `node src/cost/tables.ts` prints them. */
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import { table } from '../markdown.ts';
import { type Hour, liveHour, originHour, price, recordedHour } from './cost.ts';
import { LOGS_PER_MILLION, PRICES, SHIELD_PER_TEN_THOUSAND } from './prices.ts';

const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
const dollars = (value: number): string => `$${value.toFixed(4)}`;
const megabytes = (bytes: number): string => `${count(bytes / 1e6)} MB`;

const HEAD = ['requests', 'bytes', 'price of bytes', 'of requests, Europe', 'together', 'North America'];

function cells(hour: Hour): string[] {
  const europe = price(hour, PRICES.Europe);
  const america = price(hour, PRICES['North America']);
  return [
    ...[count(hour.requests), megabytes(hour.bytes), dollars(europe.bytes), dollars(europe.requests)],
    ...[dollars(europe.bytes + europe.requests), dollars(america.bytes + america.requests)],
  ];
}

const profiles = Object.values(PROFILES);

/** By name, as the document has them. */
export const costTables = (): Readonly<Record<string, string>> => ({
  live: table([
    ['profile', 'rendition', ...HEAD],
    ...profiles.flatMap((profile) =>
      LADDER.map((rendition) => [profile.name, rendition.name, ...cells(liveHour(profile, rendition))]),
    ),
  ]),
  recorded: table([
    ['profile', 'rendition', ...HEAD],
    ...profiles.flatMap((profile) =>
      LADDER.map((rendition) => [profile.name, rendition.name, ...cells(recordedHour(profile, rendition))]),
    ),
  ]),
  origin: table([
    ['profile', 'requests an hour', 'a second', 'bytes', 'Mbit/s', 'Origin Shield, for each other region'],
    ...profiles.map((profile) => {
      const { requests, bytes } = originHour(profile);
      return [
        ...[profile.name, count(requests), (requests / 3600).toFixed(1), megabytes(bytes)],
        ...[((bytes * 8) / 3600 / 1e6).toFixed(1), dollars((requests / 10_000) * SHIELD_PER_TEN_THOUSAND)],
      ];
    }),
  ]),
  show: table([
    ['profile', 'viewers', 'CloudFront, Europe', 'real-time logs of 5 %'],
    ...profiles.flatMap((profile) =>
      [100, 1000, 10_000].map((viewers) => {
        const [best] = LADDER;
        if (!best) throw new Error('an empty ladder');
        const one = liveHour(profile, best);
        const { bytes, requests } = price(one, PRICES.Europe);
        const logs = ((one.requests * viewers * 0.05) / 1e6) * LOGS_PER_MILLION;
        return [
          ...[profile.name, count(viewers), `$${((bytes + requests) * viewers).toFixed(2)}`],
          `$${logs.toFixed(2)}`,
        ];
      }),
    ),
  ]),
});

if (import.meta.main)
  for (const [name, text] of Object.entries(costTables())) process.stdout.write(`${name}\n\n${text}\n\n`);
