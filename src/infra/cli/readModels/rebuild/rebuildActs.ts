import { setTimeout as sleep } from 'node:timers/promises';
import type { Rebuild } from '../../../../projections/ports/rebuildStore.js';
import type { Reellog } from '../../../composition/service.js';
import { actor } from '../../accounts/actor.js';
import { eventCount } from '../../log/eventCount.js';
import { json, writeLine } from '../../terminal/output.js';
import { rebuildBars } from './rebuildBars.js';
import { untilBuilt } from './untilBuilt.js';

interface Given {
  readonly throttle?: number;
  readonly detach?: true;
  readonly json?: true;
  readonly all?: true;
  readonly signal: AbortSignal;
}

const AGAIN_MS = 250;

/** Makes read models anew, here or where another process does already. */
export const rebuild = async (
  reellog: Reellog,
  names: readonly string[],
  given: Given,
): Promise<void> => {
  const started = Date.now();
  const rebuilds = await request(reellog, names, given);
  if (given.detach === true) {
    await writeLine(
      given.json === true
        ? json({ requested: names })
        : `Asked for: ${names.join(', ')}. The running service makes them, or the next one that starts; ` +
            `"reellog rebuild --status" shows how far they are.`,
    );
    return;
  }
  await finish(reellog, rebuilds, { ...given, started, verb: 'Rebuilt' });
};

/** Serves the rows from before the last rebuild again. */
export const rollBack = async (
  reellog: Reellog,
  names: readonly string[],
  given: Given,
): Promise<void> => {
  const started = Date.now();
  const rebuilds: Rebuild[] = [];
  const underWay = await reellog.rebuilds.underWay();
  for (const name of names) {
    // An interrupted one is gone on with.
    const interrupted = underWay.find((rebuild) => rebuild.name === name && rebuild.rollsBack);
    rebuilds.push(interrupted ?? (await reellog.rebuilds.rollBack(name, { requestedBy: actor() })));
  }
  if (given.detach === true) {
    await writeLine(
      given.json === true
        ? json({ requested: names })
        : `Asked for: the ${names.join(', ')} from before. The running service brings them up to date and serves them.`,
    );
    return;
  }
  await finish(reellog, rebuilds, { ...given, started, verb: 'Rolled back' });
};

/** Until what is under way is of this version: rebuilders of another one give way. */
const request = async (
  { rebuilds }: Reellog,
  names: readonly string[],
  { throttle, signal }: Given,
): Promise<readonly Rebuild[]> => {
  for (;;) {
    const asked = await rebuilds.request(names, {
      requestedBy: actor(),
      ...(throttle === undefined || throttle === 0 ? {} : { eventsPerSecond: throttle }),
    });
    if (throttle === 0) for (const name of names) await rebuilds.throttle(name, undefined);
    if (asked.every(({ cancelRequested }) => !cancelRequested)) return asked;
    await sleep(AGAIN_MS, undefined, { signal });
  }
};

const finish = async (
  { rebuilder, rebuildWatch }: Reellog,
  rebuilds: readonly Rebuild[],
  given: Given & { readonly started: number; readonly verb: string },
): Promise<void> => {
  const from = rebuilds.reduce(
    (least, { checkpoint }) => (checkpoint < least ? checkpoint : least),
    rebuilds[0]?.checkpoint ?? 0n,
  );
  const ended = await untilBuilt(rebuilds, {
    work: (names, signal) => rebuilder.run({ names, signal }),
    watch: rebuildWatch,
    bars: rebuildBars(),
    signal: given.signal,
  });
  const names = rebuilds.map(({ name }) => name);
  const seconds = (Date.now() - given.started) / 1000;
  const upTo = ended.reduce((most, { position }) => (position > most ? position : most), 0n);
  const events = Number(upTo - from);
  const eventsPerSecond = Math.round(events / Math.max(seconds, 0.001));
  const rounded = Math.round(seconds * 100) / 100;
  await writeLine(
    given.json === true
      ? json({ rebuilt: names, events, seconds: rounded, eventsPerSecond })
      : `${given.verb} ${names.join(', ')} from ${eventCount(events)} in ${rounded} s (${eventsPerSecond}/s).`,
  );
};
