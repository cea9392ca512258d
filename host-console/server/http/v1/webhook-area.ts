import type { WebhookService } from '../../webhooks/service.ts';
import type { Area } from '../desk.ts';
import { endpoints } from './endpoint.ts';
import type { Idempotency } from './idempotency.ts';
import { WEBHOOK_ROUTES as ROUTES } from './webhook-routes.ts';

export interface WebhookAreaOptions {
  readonly webhooks: WebhookService;
  readonly idempotency: Idempotency;
}

/** Webhooks over HTTP. */
export const webhookArea = ({ webhooks, idempotency }: WebhookAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    const endpoint = endpoints(app, desk, idempotency);
    endpoint(
      ROUTES.createWebhook,
      ({ bearer, body, keep }) => webhooks.create(bearer, body, keep),
      ({ webhookId }) => `/api/v1/webhooks/${webhookId}`,
    );
    endpoint(ROUTES.listWebhooks, ({ bearer }) => webhooks.list(bearer));
    endpoint(ROUTES.getWebhook, ({ bearer, param }) => webhooks.get(bearer, param('webhookId')));
    endpoint(ROUTES.changeWebhook, ({ bearer, param, body }) =>
      webhooks.change(bearer, param('webhookId'), body),
    );
    endpoint(ROUTES.deleteWebhook, ({ bearer, param }) => webhooks.remove(bearer, param('webhookId')));
    endpoint(ROUTES.rotateWebhookSecret, ({ bearer, param }) => webhooks.rotate(bearer, param('webhookId')));
    endpoint(ROUTES.testWebhook, ({ bearer, param }) => webhooks.test(bearer, param('webhookId')));
    endpoint(ROUTES.listWebhookDeliveries, ({ bearer, param, query }) =>
      webhooks.deliveries(bearer, param('webhookId'), query),
    );
    endpoint(ROUTES.replayWebhook, ({ bearer, param, body }) =>
      webhooks.replay(bearer, param('webhookId'), body),
    );
    endpoint(ROUTES.replayWebhookDelivery, ({ bearer, param }) =>
      webhooks.replay(bearer, param('webhookId'), { messageId: param('messageId') }),
    );
  },
});
