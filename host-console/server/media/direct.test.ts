import {
  type Consents,
  emptyScene,
  MAX_ON_AIR,
  type Person,
  type StageProducer,
  type WebinarState,
} from '@rostrum/contracts';
import { NO_CONSENTS } from '../webinars/features/consent/consents.ts';
import { emptyState } from '../webinars/fold.ts';
import { directAutomatically, NO_SPEAKER, SPEAKER_HOLD_MS, steadySpeaker } from './direct.ts';

const person = (personId: string, role: Person['role'] = 'panelist'): Person => ({
  personId,
  name: `Name of ${personId}`,
  role,
  guest: false,
  removed: false,
  sentOutUnixMs: null,
  mutedBy: null,
});

const agrees = (given: boolean): Consents => ({
  ...NO_CONSENTS,
  recording: { given, textVersion: 1, atUnixMs: 1 },
});

const stateWith = (people: Person[], change: Partial<WebinarState['scene']> = {}): WebinarState => ({
  ...emptyState('webinar1'),
  seq: 1,
  title: 'Title',
  direction: 'automatic',
  scene: { ...emptyScene('Title'), ...change },
  people: new Map(people.map((p) => [p.personId, p])),
  consents: new Map(people.map((p) => [p.personId, agrees(true)])),
});

const camera = (personId: string, source: StageProducer['source'] = 'camera'): StageProducer => ({
  producerId: `${personId}-${source}`,
  personId,
  source,
  paused: false,
});

const sight = (producers: StageProducer[], speaker: string | null = null) => ({ producers, speaker });

describe('automatic direction', () => {
  test('one person fills the picture, two sit side by side, three make a grid', () => {
    const people = ['ada1', 'bob1', 'cyd1'].map((id) => person(id));
    const layouts = [1, 2, 3].map(
      (n) =>
        directAutomatically(stateWith(people), sight(people.slice(0, n).map((p) => camera(p.personId))))
          .layout,
    );
    expect(layouts).toEqual(['spotlight', 'side-by-side', 'grid']);
  });

  test('a screen share is shown with whoever speaks', () => {
    const state = stateWith([person('ada1'), person('bob1')]);
    const scene = directAutomatically(
      state,
      sight([camera('ada1'), camera('bob1'), camera('ada1', 'screen')], 'bob1'),
    );
    expect(scene).toMatchObject({ layout: 'screen-speaker', screen: 'ada1', focus: 'bob1' });
  });

  test('moderators and strangers are never put on air', () => {
    const state = stateWith([person('ada1'), person('mod1', 'moderator')]);
    const scene = directAutomatically(state, sight([camera('mod1'), camera('ada1'), camera('unknown1')]));
    expect(scene.onAir.map((p) => p.personId)).toEqual(['ada1']);
  });

  test('who was not asked or does not agree to be recorded is not put on air, and who takes it back leaves it', () => {
    const people = ['ada1', 'bob1', 'cyd1', 'dee1'].map((id) => person(id));
    const onAir = ['ada1', 'bob1'].map((personId) => ({ personId, name: personId }));
    const consents = new Map([
      ['ada1', agrees(false)],
      ['cyd1', agrees(true)],
    ]);
    const state = { ...stateWith(people, { onAir }), consents };
    const scene = directAutomatically(state, sight(people.map((p) => camera(p.personId))));
    // Bob was on air before anybody was asked.
    expect(scene.onAir.map((p) => p.personId)).toEqual(['bob1', 'cyd1']);
  });

  test('people on air keep their places when others come and go', () => {
    const people = ['ada1', 'bob1', 'cyd1'].map((id) => person(id));
    const state = stateWith(people, { onAir: [{ personId: 'bob1', name: 'Name of bob1' }] });
    const scene = directAutomatically(state, sight([camera('ada1'), camera('bob1'), camera('cyd1')]));
    expect(scene.onAir.map((p) => p.personId)).toEqual(['bob1', 'ada1', 'cyd1']);
  });

  test('never more people are on air than the scene allows', () => {
    const people = Array.from({ length: 20 }, (_, i) => person(`person${i}`));
    const scene = directAutomatically(stateWith(people), sight(people.map((p) => camera(p.personId))));
    expect(scene.onAir).toHaveLength(MAX_ON_AIR);
  });

  test('directing twice changes nothing the second time', () => {
    const people = ['ada1', 'bob1'].map((id) => person(id));
    const producers = [camera('ada1'), camera('bob1')];
    const first = directAutomatically(stateWith(people), sight(producers, 'bob1'));
    expect(directAutomatically({ ...stateWith(people), scene: first }, sight(producers, 'bob1'))).toEqual(
      first,
    );
  });
});

describe('the speaker in focus', () => {
  test('changes only after the new one has spoken for a while', () => {
    let memory = steadySpeaker(NO_SPEAKER, 'ada1', 0);
    expect(memory.speaker).toBe('ada1');
    memory = steadySpeaker(memory, 'bob1', 1000);
    memory = steadySpeaker(memory, 'bob1', 1000 + SPEAKER_HOLD_MS - 1);
    expect(memory.speaker).toBe('ada1');
    memory = steadySpeaker(memory, 'bob1', 1000 + SPEAKER_HOLD_MS);
    expect(memory.speaker).toBe('bob1');
  });

  test('an interjection starts the waiting anew', () => {
    let memory = steadySpeaker(NO_SPEAKER, 'ada1', 0);
    memory = steadySpeaker(memory, 'bob1', 100);
    memory = steadySpeaker(memory, 'ada1', 200);
    memory = steadySpeaker(memory, 'bob1', 300);
    memory = steadySpeaker(memory, 'bob1', 100 + SPEAKER_HOLD_MS);
    expect(memory.speaker).toBe('ada1');
  });
});
