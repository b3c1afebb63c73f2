import { setTimeout as sleep } from 'node:timers/promises';
import { isUnderWay, type Rebuild } from '../../../../projections/ports/rebuildStore.js';
import type { Reellog } from '../../../composition/service.js';
import { json, writeLine } from '../../terminal/output.js';
import { rebuildTable } from './rebuildTable.js';
import { NotRebuilt } from './notRebuilt.js';

interface Given {
  readonly all?: true;
  readonly json?: true;
  readonly signal: AbortSignal;
}

const LOOK_MS = 100;

/** Gives up rebuilds, and waits until their rebuilders have stopped. */
export const cancelRebuilds = async (
  { rebuilds }: Reellog,
  names: readonly string[],
  given: Given,
): Promise<void> => {
  const cancelled: Rebuild[] = [];
  for (const name of names) {
    const rebuild = await rebuilds.cancel(name);
    if (rebuild) cancelled.push(await ended(rebuilds, rebuild, given.signal));
  }
  const left = names.filter((name) => !cancelled.some((rebuild) => rebuild.name === name));
  if (given.all !== true && left.length > 0) {
    throw new NotRebuilt(`No rebuild is under way: ${left.join(', ')}.`);
  }
  // A rebuilder that was just changing places could not be stopped any more.
  const late = cancelled.filter(({ state }) => state === 'served').map(({ name }) => name);
  if (late.length > 0) {
    throw new NotRebuilt(`Too late: ${late.join(', ')} had been rebuilt. To go back: --roll-back.`);
  }
  await writeLine(
    given.json === true
      ? json({ cancelled: cancelled.map(({ name }) => name) })
      : cancelled.length === 0
        ? 'No rebuild is under way.'
        : `Cancelled: ${cancelled.map(({ name }) => name).join(', ')}. The rows that are served stay as they are.`,
  );
};

/** Waits until the rebuilder has heard of it. */
const ended = async (
  { find }: Reellog['rebuilds'],
  rebuild: Rebuild,
  signal: AbortSignal,
): Promise<Rebuild> => {
  for (;;) {
    const current = await find(rebuild.id);
    if (!current || !isUnderWay(current)) return current ?? rebuild;
    await sleep(LOOK_MS, undefined, { signal });
  }
};

/** Drops what could be gone back to. */
export const dropPrevious = async (
  { rebuilds }: Reellog,
  names: readonly string[],
  given: Given,
): Promise<void> => {
  const dropped: string[] = [];
  for (const name of names) {
    if ((await rebuilds.drop(name)).length > 0) dropped.push(name);
  }
  const left = names.filter((name) => !dropped.includes(name));
  if (given.all !== true && left.length > 0) {
    throw new NotRebuilt(`No rows from before a rebuild are kept: ${left.join(', ')}.`);
  }
  await writeLine(
    given.json === true
      ? json({ dropped })
      : dropped.length === 0
        ? 'No rows from before a rebuild are kept.'
        : `Dropped the rows from before: ${dropped.join(', ')}.`,
  );
};

/** Shows the rebuilds there are and were. */
export const showStatus = async (
  { rebuilds }: Reellog,
  names: readonly string[],
  given: Given,
): Promise<void> => {
  const shown = (await rebuilds.list()).filter(({ name }) => names.includes(name));
  await writeLine(
    given.json === true
      ? json(shown)
      : shown.length === 0
        ? 'Nothing has been rebuilt yet.'
        : rebuildTable(shown),
  );
};
