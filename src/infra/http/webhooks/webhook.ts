import type { TSchema } from 'typebox';

/** What a service outside calls when something has happened there; a secret of its own lets it in, no token. */
export interface Webhook {
  readonly method: 'post';
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** As it is sent; fields that nothing is made of are not described. */
  readonly body: TSchema;
  readonly source: 'radarr';
}

/** Who takes what a webhook brings, where its secret is set. */
export interface WebhookReceiver {
  readonly secret: string;
  /** Resolves when it is done. @throws {RequestProblem} 400 */
  receive(body: unknown, signal: AbortSignal): Promise<void>;
}

export type WebhookReceivers = Readonly<Partial<Record<Webhook['source'], WebhookReceiver>>>;
