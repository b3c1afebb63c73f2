import { MultiBar, type SingleBar } from 'cli-progress';
import type { WatchedRebuild } from '../../../../projections/rebuildWatch.js';
import { shownOf } from './rebuildsShown.js';

/** Shows how far rebuilds are, once they have taken a second. */
export interface RebuildBars {
  show(rebuilds: readonly WatchedRebuild[]): void;
  /** Says something between what is shown. */
  say(line: string): void;
  stop(): void;
}

const SHOWN_AFTER_MS = 1_000;
const LINES_EVERY_MS = 5_000;

/** Bars on a terminal, lines now and then elsewhere; on standard error, so that output can be piped. */
export const rebuildBars = (): RebuildBars => (process.stderr.isTTY ? bars() : lines());

const lines = (): RebuildBars => {
  let due = Date.now() + LINES_EVERY_MS;
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  return {
    show: (rebuilds) => {
      if (Date.now() < due) return;
      due = Date.now() + LINES_EVERY_MS;
      for (const { label, done, total, rate, left, doing } of shownOf(rebuilds)) {
        say(`${label}: ${doing}, ${done} of ${total} events, ${rate} events/s, ${left}`);
      }
    },
    say,
    stop: () => undefined,
  };
};

const bars = (): RebuildBars => {
  const started = Date.now();
  const all = new MultiBar({
    format: `{label} {bar} {percentage}% | {value}/{total} events | {rate}/s | {left} | {doing}`,
    ...{ barsize: 24, hideCursor: true, clearOnComplete: false, emptyOnZero: true },
    stream: process.stderr,
  });
  const byLabel = new Map<string, SingleBar>();
  return {
    show: (rebuilds) => {
      if (Date.now() - started < SHOWN_AFTER_MS) return;
      const shown = shownOf(rebuilds);
      const width = Math.max(...shown.map(({ label }) => label.length));
      for (const { label, done, total, ...payload } of shown) {
        const values = { ...payload, label: label.padEnd(width) };
        const bar = byLabel.get(label) ?? all.create(total, done, values);
        byLabel.set(label, bar);
        bar.setTotal(total);
        bar.update(done, values);
      }
    },
    say: (line) => {
      if (byLabel.size === 0) process.stderr.write(`${line}\n`);
      else all.log(`${line}\n`);
    },
    stop: () => {
      // Else what was told since the last redrawing would not be seen.
      all.update();
      all.stop();
    },
  };
};
