import { RostrumError, type WebinarEvent } from '@rostrum/contracts';
import { CAST, play, type Step } from '../../../testing/arbitrary-history.ts';
import type { Caller, Decidable } from '../../commands.ts';
import { decide } from '../../decide.ts';
import { type FoldedState, fold } from '../../fold.ts';
import { project } from '../../project.ts';
import { LIMITS } from '../limits.ts';
import { mayBeRecorded, tracksAreKept, tracksToErase } from './consents.ts';

const [host, moderator, pia] = CAST as [Caller, Caller, Caller];
const ada: Caller = { personId: 'attendee-1', name: 'Ada', role: 'attendee' };

const after = (...steps: [Caller, Decidable][]): FoldedState => {
  const { start, history } = play(steps.map(([caller, command]): Step => ({ caller, command })));
  return history.at(-1)?.state ?? start;
};
const then = (state: FoldedState, events: readonly WebinarEvent[], atUnixMs = 1): FoldedState =>
  events.reduce((now, event) => fold(now, { seq: now.seq + 1, atUnixMs, event }), state);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'ok';
  } catch (error) {
    return error instanceof RostrumError ? error.code : String(error);
  }
};

const answer = (
  to: 'recording' | 'tracks',
  given: boolean,
  { textVersion = 1, erase = false } = {},
): Decidable => ({ name: 'consent:answer', input: { to, given, textVersion, erase } });
const air = (personId: string, onAir = true): Decidable => ({ name: 'air:set', input: { personId, onAir } });
const keepTracks = (record: boolean): Decidable => ({ name: 'tracks:set', input: { record } });
const onAirIn = (state: FoldedState): string[] => state.scene.onAir.map((p) => p.personId);

describe('the programme, which is recorded,', () => {
  test('has nobody in it who was not asked or said no, and the crew unless it says no', () => {
    const unasked = after();
    expect(codeOf(() => decide(unasked, air(pia.personId), host))).toBe('no-consent');
    expect(codeOf(() => decide(unasked, air(moderator.personId), host))).toBe('ok');
    const refused = after([pia, answer('recording', false)], [moderator, answer('recording', false)]);
    expect(codeOf(() => decide(refused, air(pia.personId), host))).toBe('no-consent');
    expect(codeOf(() => decide(refused, air(moderator.personId), host))).toBe('no-consent');
    const agreed = after([pia, answer('recording', true)], [host, air(pia.personId)]);
    expect(onAirIn(agreed)).toEqual([pia.personId]);
  });

  test('loses at once whoever takes their consent back, in the same breath', () => {
    const state = after([pia, answer('recording', true)], [host, air(pia.personId)]);
    const events = decide(state, answer('recording', false), pia);
    expect(events.map((e) => e.type)).toEqual(['consent.refused', 'scene.changed']);
    expect(onAirIn(then(state, events))).toEqual([]);
  });

  test('keeps who was in it before anybody was asked, as in a log of an older version', () => {
    const scene = { ...after().scene, onAir: [{ personId: pia.personId, name: pia.name }] };
    const old = then(after(), [{ type: 'scene.changed', scene }]);
    expect(onAirIn(old)).toEqual([pia.personId]);
    expect(mayBeRecorded(old, pia.personId)).toBe(false);
  });

  test('loses with every refusal who is in it, also with one that says nothing new', () => {
    const refused = after([pia, answer('recording', false)]);
    const scene = { ...refused.scene, onAir: [{ personId: pia.personId, name: pia.name }] };
    const state = then(refused, [{ type: 'scene.changed', scene }]);
    const events = decide(state, answer('recording', false), pia);
    expect(onAirIn(then(state, events))).toEqual([]);
    expect(decide(then(state, events), answer('recording', false), pia)).toEqual([]);
  });
});

describe('isolated tracks', () => {
  test('are kept of those who agreed, the crew too, while the webinar keeps any', () => {
    const agreed: [Caller, Decidable] = [pia, answer('tracks', true)];
    const kept = (state: FoldedState) => CAST.map((c) => c.personId).filter((id) => tracksAreKept(state, id));
    expect(kept(after(agreed))).toEqual([]);
    expect(kept(after(agreed, [host, keepTracks(true)]))).toEqual([pia.personId]);
    expect(kept(after(agreed, [host, keepTracks(true)], [host, keepTracks(false)]))).toEqual([]);
    expect(kept(after(agreed, [host, keepTracks(true)], [pia, answer('tracks', false)]))).toEqual([]);
  });

  test('of who is not to be recorded at all are not kept either', () => {
    const state = after(
      [host, keepTracks(true)],
      [pia, answer('tracks', true)],
      [pia, answer('recording', false)],
    );
    expect(tracksAreKept(state, pia.personId)).toBe(false);
  });

  test('from before are to be deleted where that was asked for, whatever is answered later', () => {
    const given = after([pia, answer('tracks', true)]);
    const refused = then(given, decide(given, answer('tracks', false, { erase: true }), pia), 5000);
    expect(tracksToErase(refused)).toEqual(new Map([[pia.personId, 5000]]));
    const again = then(refused, decide(refused, answer('tracks', true), pia), 9000);
    expect(tracksToErase(again)).toEqual(new Map([[pia.personId, 5000]]));
    const plain = then(given, decide(given, answer('tracks', false), pia), 5000);
    expect(tracksToErase(plain)).toEqual(new Map());
    // Asked for a while after the refusal.
    const later = then(plain, decide(plain, answer('tracks', false, { erase: true }), pia), 8000);
    expect(tracksToErase(later)).toEqual(new Map([[pia.personId, 8000]]));
  });
});

describe('an answer', () => {
  test('is logged once, and again for another wording', () => {
    const state = after([pia, answer('recording', true)]);
    expect(decide(state, answer('recording', true), pia)).toEqual([]);
    expect(decide(state, answer('recording', true, { textVersion: 2 }), pia)).toEqual([
      { type: 'consent.given', personId: pia.personId, to: 'recording', textVersion: 2 },
    ]);
  });

  test('is for those on the stage; a refusal is taken of who has left it, and after the end', () => {
    expect(codeOf(() => decide(after(), answer('tracks', true), ada))).toBe('not-found');
    const guest: [Caller, Decidable][] = [
      [ada, { name: 'hand:raise', input: {} }],
      [host, { name: 'hand:accept', input: { personId: ada.personId } }],
      [ada, answer('tracks', true)],
      [ada, { name: 'guest:leave', input: {} }],
    ];
    const left = after(...guest);
    expect(codeOf(() => decide(left, answer('recording', true), ada))).toBe('not-found');
    expect(decide(left, answer('tracks', false), ada)).toHaveLength(1);
    const ended = after(...guest, [host, { name: 'webinar:end', input: {} }]);
    expect(decide(ended, answer('tracks', false, { erase: true }), ada)).toHaveLength(1);
    expect(codeOf(() => decide(ended, answer('tracks', true), pia))).toBe('conflict');
  });

  test('can be moved so often that the log does not grow for ever, and be taken back always', () => {
    let state = after();
    for (let i = 0; i < LIMITS.takenBack; i += 1) {
      state = then(state, decide(state, answer('recording', true), pia));
      state = then(state, decide(state, answer('recording', false), pia));
    }
    expect(codeOf(() => decide(state, answer('recording', true), pia))).toBe('limit-reached');
    expect(codeOf(() => decide(state, answer('tracks', false), pia))).toBe('ok');
  });

  test('is seen by the crew and by whose it is, and by nobody else', () => {
    const state = after([pia, answer('recording', true)], [pia, answer('tracks', false)]);
    const consent = { recording: 'given', tracks: 'refused' };
    const piaTo = (viewer: Caller) =>
      project(state, viewer, null).people.find((p) => p.personId === pia.personId)?.consent;
    expect(piaTo(moderator)).toEqual(consent);
    expect(piaTo({ personId: 'panelist-9', name: 'Quin', role: 'panelist' })).toBeNull();
    expect(project(state, pia, null).self.consent).toEqual(consent);
    expect(project(state, host, null).self.consent).toEqual({ recording: 'open', tracks: 'open' });
  });
});
