import { setTimeout as sleep } from 'node:timers/promises';
import type { Build } from '../../../../projections/ports/builds.js';
import type { Reellog } from '../../../composition/service.js';
import { actor } from '../../accounts/actor.js';
import { eventCount } from '../../log/eventCount.js';
import { json, writeLine } from '../../terminal/output.js';
import { buildBars } from './buildBars.js';
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
  const builds = await request(reellog, names, given);
  if (given.detach === true) {
    await writeLine(
      given.json === true
        ? json({ requested: names })
        : `Asked for: ${names.join(', ')}. The running service builds them, or the next one that starts; ` +
            `"reellog rebuild --status" shows how far they are.`,
    );
    return;
  }
  await finish(reellog, builds, { ...given, started, verb: 'Rebuilt' });
};

/** Serves the rows from before the last rebuild again. */
export const rollBack = async (
  reellog: Reellog,
  names: readonly string[],
  given: Given,
): Promise<void> => {
  const started = Date.now();
  const builds: Build[] = [];
  const underWay = await reellog.rebuilds.underWay();
  for (const name of names) {
    // An interrupted one is gone on with.
    const interrupted = underWay.find((build) => build.name === name && build.rollsBack);
    builds.push(interrupted ?? (await reellog.rebuilds.rollBack(name, { requestedBy: actor() })));
  }
  if (given.detach === true) {
    await writeLine(
      given.json === true
        ? json({ requested: names })
        : `Asked for: the ${names.join(', ')} from before. The running service brings them up to date and serves them.`,
    );
    return;
  }
  await finish(reellog, builds, { ...given, started, verb: 'Rolled back' });
};

/** Until what is under way is of this version: builders of another one give way. */
const request = async (
  { rebuilds }: Reellog,
  names: readonly string[],
  { throttle, signal }: Given,
): Promise<readonly Build[]> => {
  for (;;) {
    const builds = await rebuilds.request(names, {
      requestedBy: actor(),
      ...(throttle === undefined || throttle === 0 ? {} : { eventsPerSecond: throttle }),
    });
    if (throttle === 0) for (const name of names) await rebuilds.throttle(name, undefined);
    if (builds.every(({ cancelRequested }) => !cancelRequested)) return builds;
    await sleep(AGAIN_MS, undefined, { signal });
  }
};

const finish = async (
  { builder, buildWatch }: Reellog,
  builds: readonly Build[],
  given: Given & { readonly started: number; readonly verb: string },
): Promise<void> => {
  const from = builds.reduce(
    (least, { checkpoint }) => (checkpoint < least ? checkpoint : least),
    builds[0]?.checkpoint ?? 0n,
  );
  const ended = await untilBuilt(builds, {
    work: (names, signal) => builder.run({ names, signal }),
    watch: buildWatch,
    bars: buildBars(),
    signal: given.signal,
  });
  const names = builds.map(({ name }) => name);
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
