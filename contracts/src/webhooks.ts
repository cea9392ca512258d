/** Word of what happens, sent to addresses of others by Standard Webhooks (standardwebhooks.com, version 1). */
import { z } from 'zod';
import { WEBHOOK_EVENTS } from './api-scopes.ts';
import { displayText } from './display-text.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';

export const WebhookEvent = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof WebhookEvent>;

const Url = z.url({ protocol: /^https?$/ }).max(2000);
const Description = displayText({ max: 120, empty: true });
const Events = z
  .array(WebhookEvent)
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .transform((events) => WEBHOOK_EVENTS.filter((event) => events.includes(event)));

export const CreateWebhook = z.object({ url: Url, description: Description.default(''), events: Events });

export const ChangeWebhook = z
  .object({ url: Url, description: Description, events: Events, enabled: z.boolean() })
  .partial();

export const Webhook = z.object({
  webhookId: Id,
  url: z.string(),
  description: z.string(),
  events: z.array(WebhookEvent),
  enabled: z.boolean(),
  /** Why it was turned off by itself: it failed for days, or said that it is gone (410). null: it was not. */
  disabledFor: z.enum(['failing', 'gone']).nullable(),
  /** Since when nothing arrives; null: what was sent last did, or nothing was. */
  failingSinceUnixMs: UnixMs.nullable(),
  /** More than one while a new one takes the place of an old one. */
  secrets: z.int().positive(),
  createdUnixMs: UnixMs,
});
export type Webhook = z.infer<typeof Webhook>;

/** The secret, as `whsec_…`, is told when it is made and not again. */
export const CreatedWebhook = Webhook.extend({ secret: z.string() });
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;

export const WebhookDelivery = z.object({
  /** The message's, which stands in `webhook-id`: the same however often it is sent. */
  messageId: z.string(),
  type: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int().nonnegative(),
  createdUnixMs: UnixMs,
  /** When it is tried next; null: it is not. */
  nextUnixMs: UnixMs.nullable(),
  /** What came of the last attempt: an HTTP status, or why there was none. */
  outcome: z.string().nullable(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
export const WebhookDeliveryPage = z.object({
  deliveries: z.array(WebhookDelivery),
  next: z.string().nullable(),
});
export type WebhookDeliveryPage = z.infer<typeof WebhookDeliveryPage>;

export const ReplayWebhook = z.object({
  /** Everything that was to be sent since then is sent again. */
  sinceUnixMs: UnixMs,
});

/** What is sent, besides the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
export const WebhookMessage = z.object({
  type: z.string(),
  /** When it happened, ISO 8601. */
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type WebhookMessage = z.infer<typeof WebhookMessage>;
