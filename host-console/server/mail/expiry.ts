import { instantOf } from '../time-zones.ts';
import type { Mail } from './mail.ts';

/** From when on nobody wants it any more, Unix ms: what lay while the mail server was away must not come late and mislead. */
export function expiresUnixMs({ dueUnixMs, content }: Pick<Mail, 'dueUnixMs' | 'content'>): number {
  if (content.kind === 'password-reset') return dueUnixMs + content.validMinutes * 60_000;
  if (content.kind === 'invitation') return Number.POSITIVE_INFINITY;
  const { kind, event } = content;
  if (event === null) return kind === 'live-now' ? dueUnixMs + 2 * 3_600_000 : Number.POSITIVE_INFINITY;
  const lengthMs = event.lengthMinutes * 60_000;
  switch (kind) {
    case 'reminder-day':
      // The other reminder comes then.
      return dueUnixMs + 23 * 3_600_000;
    case 'reminder-hour':
      return dueUnixMs + 3_600_000 + lengthMs / 2;
    case 'live-now':
      return dueUnixMs + lengthMs;
    case 'webinar-changed':
      // Of a series more are to come.
      return event.recurrence === null ? instantOf(event.start) + lengthMs : Number.POSITIVE_INFINITY;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
