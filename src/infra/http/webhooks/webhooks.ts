import { Router, type RequestHandler } from 'express';
import { RadarrWebhook } from '../../metadata/radarr/radarrWebhook.js';
import { refuseQuery } from '../handlers/requestBody.js';
import { noteRoute } from '../middleware/matchedRoute.js';
import { problem, RequestProblem } from '../problems.js';
import { requireSecret } from './secret.js';
import type { Webhook, WebhookReceiver, WebhookReceivers } from './webhook.js';

/** Every webhook that is listened to. */
export const webhooks: readonly Webhook[] = [
  {
    method: 'post',
    path: '/webhooks/radarr',
    operationId: 'receiveRadarrWebhook',
    summary: 'What Radarr tells of its films and their files',
    tag: 'Webhooks',
    body: RadarrWebhook,
    source: 'radarr',
  },
];

/**
 * Serves the webhooks; one whose secret is not set is not there.
 * @param apiBase what their paths are below, for those who count requests
 * @param countFailure counts a request with a wrong secret; may answer it
 */
export const serveWebhooks = ({
  receivers,
  apiBase,
  readBody,
  countFailure,
  answerMs,
}: {
  readonly receivers: WebhookReceivers;
  readonly apiBase: string;
  readonly readBody: readonly RequestHandler[];
  readonly countFailure: RequestHandler;
  readonly answerMs: number;
}): Router => {
  const router = Router({ strict: true, caseSensitive: true });
  for (const { path, method, source } of webhooks) {
    const receiver = receivers[source];
    const route = router.route(path);
    route.all(noteRoute(`${apiBase}${path}`));
    if (!receiver) {
      route.all(() => {
        throw new RequestProblem(problem(404, 'not-found', 'This webhook has no secret set.'));
      });
      continue;
    }
    route[method](
      requireSecret(receiver.secret, countFailure),
      ...readBody,
      receiving(receiver, answerMs),
    );
    route.all(() => {
      throw new RequestProblem(
        problem(405, 'method-not-allowed', 'Allowed here: POST.', { Allow: 'POST' }),
      );
    });
  }
  return router;
};

const receiving =
  (receiver: WebhookReceiver, answerMs: number): RequestHandler =>
  async (request, response) => {
    refuseQuery(request);
    await receiver.receive(request.body, AbortSignal.timeout(answerMs));
    response.status(204).end();
  };
