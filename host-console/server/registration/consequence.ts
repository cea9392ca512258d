/** What a webinar's events mean for those who registered, written with the events. */
import type { WebinarEvent } from '@rostrum/contracts';
import type {
  Also,
  Consequence,
  NumberedEvent,
  RegistrationDesk,
  RegistrationRepository,
  Tx,
} from '../store/index.ts';
import type { Planned } from './planned.ts';
import { CHANGE_SETTLES_MS, differs, REMINDER_KINDS, reminders, type Told, task, toldOf } from './tasks.ts';

export interface ConsequenceOptions {
  readonly registrations: RegistrationRepository;
  /** As it is after the events. */
  readonly planned: (tx: Tx, webinarId: string) => Promise<Planned | null>;
  /** Called once such a consequence is about to be written. */
  readonly wake: () => void;
}

type Met = Extract<
  WebinarEvent['type'],
  'plan.changed' | 'webinar.created' | 'webinar.wentLive' | 'webinar.recordingSettled' | 'webinar.cancelled'
>;
const MET: ReadonlySet<string> = new Set<Met>([
  'plan.changed',
  'webinar.created',
  'webinar.wentLive',
  'webinar.recordingSettled',
  'webinar.cancelled',
]);

/**
 * Puts what is to be told where it is carried out later, person by person: a row or two, however many have registered, since
 * every append of the same commit waits for it.
 */
export const registrationConsequence =
  ({ registrations, planned, wake }: ConsequenceOptions): Consequence =>
  (webinarId, events): Also | null => {
    const met = events.filter(({ event }) => MET.has(event.type));
    if (met.length === 0) return null;
    return async (tx) => {
      const now = await planned(tx, webinarId);
      if (!now) return;
      let desk = await registrations.hold(tx, webinarId);
      for (const event of met) desk = await follow(tx, registrations, now, desk, event);
      await registrations.setDesk(tx, desk);
      wake();
    };
  };

async function follow(
  tx: Tx,
  registrations: RegistrationRepository,
  now: Planned,
  desk: RegistrationDesk,
  { event, atUnixMs }: NumberedEvent,
): Promise<RegistrationDesk> {
  const { webinarId } = now;
  const put = (...[kind, when]: [Parameters<typeof task>[1], Parameters<typeof task>[2]]): Promise<void> =>
    registrations.putTask(tx, task(webinarId, kind, when));
  switch (event.type) {
    case 'webinar.created':
    case 'plan.changed': {
      const told = toldOf(now);
      const before = desk.told === null ? null : (JSON.parse(desk.told) as { now: Told; mailed: Told });
      const changed = before !== null && differs(before.now, told);
      const sequence = changed ? desk.sequence + 1 : desk.sequence;
      if (before === null || changed) {
        await registrations.dropTasks(tx, webinarId, REMINDER_KINDS);
        for (const due of reminders(now, sequence, atUnixMs)) await registrations.putTask(tx, due);
      }
      if (changed)
        await put('webinar-changed', { version: sequence, dueUnixMs: atUnixMs + CHANGE_SETTLES_MS });
      if (event.type === 'plan.changed' && ('capacity' in event.fields || 'join' in event.fields)) {
        await put('promote', { version: 0, dueUnixMs: atUnixMs });
      }
      return { ...desk, sequence, told: JSON.stringify({ now: told, mailed: before?.mailed ?? told }) };
    }
    case 'webinar.wentLive':
      await registrations.dropTasks(tx, webinarId, [...REMINDER_KINDS, 'webinar-changed']);
      await put('live-now', { version: 0, dueUnixMs: atUnixMs });
      return desk;
    case 'webinar.recordingSettled':
      if (event.recorded) await put('recording-ready', { version: 0, dueUnixMs: atUnixMs });
      return desk;
    case 'webinar.cancelled': {
      await registrations.dropTasks(tx, webinarId, [
        ...REMINDER_KINDS,
        'webinar-changed',
        'live-now',
        'promote',
      ]);
      // Given up after it was over: there is nothing anybody would still come to.
      if (event.recording === 'deleted') return desk;
      const sequence = desk.sequence + 1;
      await put('webinar-cancelled', { version: sequence, dueUnixMs: atUnixMs });
      return { ...desk, sequence };
    }
    default:
      return desk;
  }
}
