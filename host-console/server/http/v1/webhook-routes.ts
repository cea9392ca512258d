import {
  ChangeWebhook,
  CreatedWebhook,
  CreateWebhook,
  PageQuery,
  ReplayWebhook,
  Webhook,
  WebhookDeliveryPage,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from '../route.ts';

const LIST = '/api/v1/webhooks';
const ONE = `${LIST}/:webhookId`;
const read = { method: 'get', bearer: true, scope: 'webhooks:read', body: null, status: 200 } as const;
const write = { method: 'post', bearer: true, scope: 'webhooks:write', body: null, status: 200 } as const;
const Replayed = z.object({ replayed: z.int().nonnegative() });

/** Addresses of others that are told what happens (owner). */
export const WEBHOOK_ROUTES = {
  createWebhook: {
    ...{ ...write, path: LIST, body: CreateWebhook, status: 201, answer: CreatedWebhook },
    summary: 'Has an address told what happens. Its secret is told this once.',
  },
  listWebhooks: {
    ...{ ...read, path: LIST, answer: z.object({ webhooks: z.array(Webhook) }) },
    summary: 'The webhooks, newest first.',
  },
  getWebhook: { ...read, path: ONE, answer: Webhook, summary: 'One webhook.' },
  changeWebhook: {
    ...{ ...write, method: 'patch', path: ONE, body: ChangeWebhook, answer: Webhook },
    summary: 'Changes what is named; `enabled` turns it off and on again.',
  },
  deleteWebhook: {
    ...{ ...write, method: 'delete', path: ONE, answer: z.object({}) },
    summary: 'Removes a webhook with its deliveries.',
  },
  rotateWebhookSecret: {
    ...{ ...write, path: `${ONE}/secrets`, status: 201, answer: z.object({ secret: z.string() }) },
    summary: 'A new secret. For a day messages are signed with the one before it too.',
  },
  testWebhook: {
    ...{ ...write, path: `${ONE}/test`, answer: z.object({ messageId: z.string() }) },
    summary: 'Sends a `webhook.test`.',
  },
  listWebhookDeliveries: {
    ...{ ...read, path: `${ONE}/deliveries`, query: PageQuery, answer: WebhookDeliveryPage },
    summary: 'What it was told, newest first, and what came of it.',
  },
  replayWebhook: {
    ...{ ...write, path: `${ONE}/replay`, body: ReplayWebhook, answer: Replayed },
    summary: 'Sends everything again since a time.',
  },
  replayWebhookDelivery: {
    ...{ ...write, path: `${ONE}/deliveries/:messageId/replay`, answer: Replayed },
    summary: 'Sends one message again.',
  },
} as const satisfies Record<string, Route>;
