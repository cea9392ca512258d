/** What is told of what a webinar's log says: the same words whoever wrote it. Pure but for the row it ends in. */
import type { WebhookEvent, WebhookMessage } from '@rostrum/contracts';
import type { Consequence, NumberedEvent, Tx, WebhookRepository } from '../store/index.ts';

/** As the log has it: names of events that other versions write are no mistake here. */
interface Happened {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** null: nobody is told of it. */
function told(
  event: Happened,
): { readonly type: WebhookEvent; readonly data: Record<string, unknown> } | null {
  switch (event.type) {
    case 'webinar.created': {
      const { title, startsAtUnixMs, profile } = event;
      return { type: 'webinar.created', data: { title, startsAtUnixMs, profile } };
    }
    case 'plan.changed':
    case 'webinar.changed':
      return { type: 'webinar.changed', data: {} };
    case 'webinar.wentLive':
      return { type: 'webinar.live', data: {} };
    case 'webinar.ended':
      return { type: 'webinar.ended', data: { recording: event.recording ?? 'pending' } };
    case 'webinar.cancelled':
      return { type: 'webinar.cancelled', data: {} };
    case 'webinar.recordingSettled': {
      const by = event.by as { durationMs?: number } | undefined;
      return event.recorded
        ? { type: 'recording.ready', data: { durationMs: by?.durationMs ?? null } }
        : null;
    }
    case 'recording.deleted':
      return { type: 'recording.deleted', data: {} };
    default:
      return null;
  }
}

/** A message of a webinar, to everybody who wants its kind; it is durable with `tx`. */
export async function tellWebhooks(
  webhooks: Pick<WebhookRepository, 'tell'>,
  tx: Tx,
  message: {
    /** The same for the same thing, however often it is told. At most 120 of `A-Za-z0-9_-`. */
    readonly id: string;
    readonly type: WebhookEvent;
    readonly atUnixMs: number;
    readonly dueUnixMs?: number;
    readonly data: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { id, type, atUnixMs, dueUnixMs, data } = message;
  const body = bodyOf(type, atUnixMs, data);
  await webhooks.tell(tx, { messageId: `msg_${id}`, type, atUnixMs, dueUnixMs, body });
}

export function bodyOf(type: string, atUnixMs: number, data: Readonly<Record<string, unknown>>): string {
  const message: WebhookMessage = { type, timestamp: new Date(atUnixMs).toISOString(), data };
  return JSON.stringify(message);
}

/** An editor saves while one types: of all changes in a minute one message is sent, when that is over. */
const CHANGES_MS = 60_000;
function changeAt(atUnixMs: number): { readonly id: string; readonly dueUnixMs: number } {
  const minute = Math.floor(atUnixMs / CHANGES_MS);
  return { id: `changed_${minute}`, dueUnixMs: (minute + 1) * CHANGES_MS };
}

/** Of every event that is told to others, in the transaction of the event itself. */
export const webhookConsequence =
  (webhooks: Pick<WebhookRepository, 'tell'>): Consequence =>
  (webinarId, events) => {
    const messages = events.flatMap((numbered: NumberedEvent) => {
      const about = told(numbered.event);
      return about ? [{ ...about, seq: numbered.seq, atUnixMs: numbered.atUnixMs }] : [];
    });
    if (messages.length === 0) return null;
    return async (tx) => {
      for (const { type, data, seq, atUnixMs } of messages) {
        const change = type === 'webinar.changed' ? changeAt(atUnixMs) : null;
        const id = `${webinarId}_${change?.id ?? seq}`;
        const about = { id, type, atUnixMs, data: { webinarId, ...data } };
        await tellWebhooks(webhooks, tx, change ? { ...about, dueUnixMs: change.dueUnixMs } : about);
      }
    };
  };
