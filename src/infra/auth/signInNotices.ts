import type { Database, Queryable } from '../postgres/database.js';
import type { Listening } from '../postgres/listening.js';

/** What remembers who signed in. */
export interface RemembersSignIns {
  /** The person's account or tokens changed. */
  forget(userId: string): void;
  /** Anybody's may have changed. */
  forgetAll(): void;
}

const CHANNEL = 'reellog_sign_in';

/** Tells every process, when the transaction commits, that tokens or roles of these people changed. */
export const notifySignIns = async (tx: Queryable, people: readonly string[]): Promise<void> => {
  await tx.query({
    text: 'select pg_notify($1, person) from unnest($2::text[]) person',
    values: [CHANNEL, people],
  });
};

/** Forgets who signed in when a process tells that their tokens or role changed, or may have told so unheard. */
export const followSignIns = (database: Database, signIns: RemembersSignIns): Listening =>
  database.listen([CHANNEL], {
    onNotification: (_, userId) => {
      signIns.forget(userId);
    },
    onListening: () => {
      signIns.forgetAll();
    },
  });
