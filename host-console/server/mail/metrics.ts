import { Counter, Gauge, type Registry } from 'prom-client';

export type MailMetrics = ReturnType<typeof mailMetrics>;

/** Of the outbox. */
export const mailMetrics = (registry: Registry) => ({
  due: new Gauge({
    name: 'rostrum_mails_due',
    help: 'Mails that are due and not sent yet.',
    registers: [registry],
  }),
  settled: new Counter({
    name: 'rostrum_mail_attempts_total',
    help: 'Attempts at mails by outcome (sent, filed, bounced, doubtful, deferred, expired).',
    labelNames: ['outcome'],
    registers: [registry],
  }),
});
