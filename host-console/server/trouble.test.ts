import { RostrumError } from '@rostrum/contracts';
import pino from 'pino';
import { Trouble } from './trouble.ts';

test('a trouble is logged when it begins, once for each reason, and when it is over', () => {
  const lines: { msg: string; failures: number; seconds?: number }[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  let nowMs = 0;
  const trouble = new Trouble('the picture', logger, () => nowMs);
  const late = (): void => trouble.failed(new RostrumError('node-timeout', 'caster1 did not answer'));
  trouble.worked();
  for (let n = 0; n < 43; n += 1) late();
  trouble.failed(new RostrumError('no-broadcaster', 'none'));
  late();
  expect(trouble.failures).toBe(45);
  nowMs = 12_340;
  trouble.worked();
  trouble.worked();
  late();
  expect(lines.map((l) => [l.msg, l.failures, l.seconds])).toEqual([
    ['the picture: not yet, it is tried again', 1, undefined],
    ['the picture: not yet, it is tried again', 44, undefined],
    ['the picture: works again', 45, 12.3],
    ['the picture: not yet, it is tried again', 1, undefined],
  ]);
});
