import { writeFileSync } from 'node:fs';
import { CONDITIONS, conditionOf } from '@rostrum/e2e/network/conditions';
import { quantileOf } from '@rostrum/e2e/network/figures';
import { NetworkShow, TONES } from '@rostrum/e2e/network/network-show';
import {
  awaitGood,
  type Row,
  type Run,
  rowOf,
  runCondition,
  type Usual,
} from './lib/networks/condition-run.ts';
import { readProgramme } from './lib/networks/programme.ts';
import { figuresOf, tableOf, withKept } from './lib/networks/table.ts';
import { progress, RESULTS, report } from './lib/result.ts';

/**
 * R3: a panelist behind a bad line: what the others on stage and the programme get of them, condition by condition. The line is in
 * namespaces of the benchmark's own (root is needed), the panelist is a real browser in them.
 * `ROSTRUM_BENCH_CONDITIONS` picks some, `ROSTRUM_BENCH_SECONDS` says how long each holds.
 */
const HOLD_MS = Number(process.env.ROSTRUM_BENCH_SECONDS ?? 25) * 1000;
const picked =
  process.env.ROSTRUM_BENCH_CONDITIONS?.split(',').map((name) => conditionOf(name.trim())) ?? CONDITIONS;

const ORDER = CONDITIONS.map(({ name }) => name);

const show = await NetworkShow.open(progress);
const runs: Run[] = [];
let rows: Row[] = [];
try {
  let usual: Usual | null = null;
  for (const condition of picked) {
    const good = await awaitGood(show);
    usual ??= good;
    if (!good) {
      progress('it did not come back: the page is loaded anew');
      await show.reload();
      await awaitGood(show);
    }
    progress(`${condition.name} …`);
    runs.push(await runCondition(show, condition, HOLD_MS));
  }
  await awaitGood(show);
  if (!usual) throw new Error('nothing was good before anything was made bad');
  progress('reading the programme …');
  const programme = await readProgramme(await show.end(), TONES.away);
  const measured = { ...usual, programmeLevel: quantileOf(programme.sound.map(({ level }) => level)) };
  rows = runs.map((run) => rowOf(run, show, programme, measured));
} finally {
  await show.close();
}
const figures = withKept(figuresOf(rows), `${RESULTS}networks.json`, ORDER);
const table = tableOf(figures, ORDER);
report('networks', figures);
writeFileSync(`${RESULTS}networks.md`, table);
progress(table);
