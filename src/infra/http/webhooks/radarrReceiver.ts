import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { ApplyRadarrNotice } from '../../imports/radarrNotices.js';
import { radarrNotice } from '../../metadata/radarr/radarrWebhook.js';
import { malformed, RequestProblem } from '../problems.js';
import type { WebhookReceiver } from './webhook.js';

/** Takes the webhooks of Radarr. */
export const createRadarrReceiver = ({
  secret,
  apply,
  logger,
}: {
  readonly secret: string;
  readonly apply: ApplyRadarrNotice;
  readonly logger: Logger;
}): WebhookReceiver => ({
  secret,
  receive: async (body, signal) => {
    const read = radarrNotice(body);
    if (!read.ok) throw new RequestProblem(malformed(read.errors));
    const notice = read.value;
    logger.debug({ notice }, 'a webhook of Radarr came in');
    await apply(notice, { delivery: deliveryOf(body), signal });
  },
});

/** Names what was sent, so that the same sent again is known for it: Radarr itself numbers nothing. */
const deliveryOf = (body: unknown): string =>
  `radarr:${createHash('sha256').update(JSON.stringify(body)).digest('hex')}`;
