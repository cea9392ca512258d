import type { RegistrationStateName, WebhookEvent } from '@rostrum/contracts';
import type { RegistrationRow, Tx, WebhookRepository } from '../store/index.ts';
import { tellWebhooks } from './messages.ts';

const TOLD: Partial<Record<RegistrationStateName, WebhookEvent>> = {
  approved: 'registration.approved',
  refused: 'registration.refused',
  cancelled: 'registration.cancelled',
};

/** Tells of people who registered, in the transaction that changed it: no names and addresses, which are asked for. */
export type TellOfRegistrations = (
  tx: Tx,
  what: 'created' | 'changed',
  people: readonly RegistrationRow[],
) => Promise<void>;

export const tellOfRegistrations =
  (webhooks: Pick<WebhookRepository, 'tell'>): TellOfRegistrations =>
  async (tx, what, people) => {
    for (const { webinarId, registrationId, state, changedUnixMs } of people) {
      const type = what === 'created' ? 'registration.created' : TOLD[state];
      if (!type) continue;
      await tellWebhooks(webhooks, tx, {
        id: `${type.replace('.', '_')}_${registrationId}_${changedUnixMs}`,
        ...{ type, atUnixMs: changedUnixMs, data: { webinarId, registrationId, state } },
      });
    }
  };
