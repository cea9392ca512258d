/** A process that sends what is due, as a coordinator does: `node send-mails.ts <data folder> <SMTP URL> <ms the clock is ahead>`. */
import { pino } from 'pino';
import { composer } from '../mail/compose.ts';
import { MailSender } from '../mail/sender.ts';
import { smtpDelivery, smtpServerOf } from '../mail/smtp.ts';
import { createMetrics } from '../metrics.ts';
import { openStore } from '../store/index.ts';

const [dataDir = '', smtpUrl = '', aheadMs = '0'] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
const store = await openStore({ dataDir, databaseUrl: null }, logger);
const sender = new MailSender({
  mails: store.mails,
  compose: composer({ from: { address: 'events@example.test', name: null }, dkim: null }),
  delivery: smtpDelivery(smtpServerOf(smtpUrl)),
  clock: { nowUnixMs: () => Date.now() + Number(aheadMs), nowMs: () => performance.now() },
  logger,
  metrics: createMetrics().mail,
});
await sender.idle();
await sender.stop();
await store.close();
process.stdout.write('idle\n');
