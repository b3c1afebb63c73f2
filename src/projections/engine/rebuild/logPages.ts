import type { EventStore, LogPage, OnUnreadable } from '../../../commands/ports/eventStore.js';
import type { EventTypeName } from '../../../domain/eventTypes.js';

/** Events read at once: of larger pages, what is made of them outlives the garbage collection for the young. */
const PAGE = 1_000;

/** A page of the log for rebuilds. */
export interface RebuildPage extends LogPage {
  /** Where the page begins: everything behind it, up to its position, is in it. */
  readonly after: bigint;
}

/**
 * The pages of the log from a position to its end, each read while the one before is worked on; events of the
 * types given alone.
 */
export async function* logPages(
  eventStore: EventStore,
  options: {
    readonly after: bigint;
    readonly types: readonly EventTypeName[];
    readonly signal: AbortSignal;
    readonly pageSize?: number;
    /** Default: the pages end there, with an error. */
    readonly onUnreadable?: OnUnreadable;
  },
): AsyncGenerator<RebuildPage, void> {
  const { types, signal, pageSize = PAGE, onUnreadable } = options;
  const read = (after: bigint): Promise<LogPage> => {
    const page = eventStore.readAll({
      ...{ after, filter: { types }, maxCount: pageSize, signal },
      ...(onUnreadable ? { onUnreadable } : {}),
    });
    // It is awaited later, or never when the work on the page before it fails.
    page.catch(() => undefined);
    return page;
  };
  let after = options.after;
  for (let next = read(after); ;) {
    const page = await next;
    const from = after;
    after = page.position;
    if (!page.end) next = read(after);
    yield { ...page, after: from };
    if (page.end) return;
  }
}
