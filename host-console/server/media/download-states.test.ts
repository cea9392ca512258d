import type { RecordingDownload } from '@rostrum/contracts';
import { DownloadStates } from './download-states.ts';
import type { MediaNode } from './node-registry.ts';

const node = (nodeId: string): MediaNode => ({ nodeId }) as MediaNode;
const file = (rendition: string, share: number): RecordingDownload => ({ rendition, state: 'making', share });

test('what was told last is shown, of what is wanted, until who told it is gone', () => {
  const states = new DownloadStates();
  const [one, other] = [node('one'), node('other')];
  states.beat(one, [{ channelId: 'show', files: [file('720p', 0.1), file('audio', 0)] }]);
  states.beat(one, [{ channelId: 'show', files: [file('720p', 0.5), file('audio', 0)] }]);
  expect(states.of('show', ['720p'])).toEqual([file('720p', 0.5)]);
  expect(states.of('another', ['720p'])).toEqual([]);
  states.nodeDown(other);
  expect(states.of('show', ['audio'])).toEqual([file('audio', 0)]);
  states.nodeDown(one);
  expect(states.of('show', ['audio'])).toEqual([]);
});
