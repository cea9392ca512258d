/**
 * A process to be killed: a channel's archive, given segments as a broadcaster gives them, but at many times real time. Each
 * that is durable is said at once: `ack RENDITION EPOCH MSN SHA256`. Arguments: archive folder, how many times eight frames
 * to feed (0: for ever).
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Packager } from '@rostrum/broadcaster/packager';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { openArchive, PROFILE } from './archive-check.ts';

const [archiveDir = '', limit = '0'] = process.argv.slice(2);
const SLOTS = 8;
const SAMPLE_BYTES = 600;
const archive = await openArchive(archiveDir);
const { nextEpoch } = archive.recovered;
// A minute after the last run, in the show's time.
const events = epochEvents(ZERO_UNIX_MS + nextEpoch * 60_000);
const packager = new Packager({
  profile: PROFILE,
  ladder: LADDER,
  windowMs: 20_000,
  resume: archive.recovered,
});

function push(event: Parameters<Packager['push']>[0]): void {
  for (const out of packager.push(event)) {
    if (out.type === 'epoch') archive.epochBegan(out.epoch);
    if (out.type === 'init') archive.addInit(out);
    if (out.type === 'segment-opened') archive.segmentOpened(out.segment);
    if (out.type === 'part') archive.addPart(out.rendition, out.segment, out.part);
    if (out.type !== 'segment-closed') continue;
    const { rendition, segment } = out;
    const hash = createHash('sha256');
    for (const part of segment.parts) if (part.data) hash.update(part.data);
    const line = `ack ${rendition} ${segment.epoch} ${segment.msn} ${hash.digest('hex')}\n`;
    archive.addSegment(rendition, segment, () => {
      writeSync(1, line);
      packager.markArchived(rendition, segment.msn);
    });
  }
}

/** The synthetic samples are some bytes; a real one takes several sectors. */
function padded(event: Parameters<Packager['push']>[0]): Parameters<Packager['push']>[0] {
  if (event.type !== 'sample') return event;
  const data = new Uint8Array(SAMPLE_BYTES).fill(event.sample.data[1] ?? 0);
  data.set(event.sample.data);
  return { ...event, sample: { ...event.sample, data } };
}

for (const event of events) push(event);
const rounds = Number(limit) || Number.POSITIVE_INFINITY;
for (let round = 0; round < rounds; round += 1) {
  for (const event of perfect(PROFILE, round * SLOTS, (round + 1) * SLOTS)) push(padded(event));
  await sleep(2);
}
await archive.drained();
