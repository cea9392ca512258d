import { RecordingRemains, RecordingState } from '@rostrum/contracts';
import { recordingWords } from './recording-words.ts';

test('of each state there is something to say, but of a recording that is there', () => {
  for (const recording of RecordingState.options)
    expect(recordingWords({ recording, remains: [] }) === null).toBe(recording === 'ready');
});

test('what is not gone yet is named', () => {
  const all = recordingWords({ recording: 'deleting', remains: RecordingRemains.options });
  for (const what of ['away', 'files', 'bucket', 'edge', 'CDN']) expect(all).toContain(what);
  expect(recordingWords({ recording: 'deleting', remains: ['cdn'] })).not.toContain('bucket');
});
