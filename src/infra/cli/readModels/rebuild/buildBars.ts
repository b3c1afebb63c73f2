import { MultiBar, type SingleBar } from 'cli-progress';
import type { WatchedBuild } from '../../../../projections/buildWatch.js';
import { shownOf } from './buildsShown.js';

/** Shows how far builds are, once they have taken a second. */
export interface BuildBars {
  show(builds: readonly WatchedBuild[]): void;
  /** Says something between what is shown. */
  say(line: string): void;
  stop(): void;
}

const SHOWN_AFTER_MS = 1_000;
const LINES_EVERY_MS = 5_000;

/** Bars on a terminal, lines now and then elsewhere; on standard error, so that output can be piped. */
export const buildBars = (): BuildBars => (process.stderr.isTTY ? bars() : lines());

const lines = (): BuildBars => {
  let due = Date.now() + LINES_EVERY_MS;
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  return {
    show: (builds) => {
      if (Date.now() < due) return;
      due = Date.now() + LINES_EVERY_MS;
      for (const { label, done, total, rate, left, doing } of shownOf(builds)) {
        say(`${label}: ${doing}, ${done} of ${total} events, ${rate} events/s, ${left}`);
      }
    },
    say,
    stop: () => undefined,
  };
};

const bars = (): BuildBars => {
  const started = Date.now();
  const all = new MultiBar({
    format: `{label} {bar} {percentage}% | {value}/{total} events | {rate}/s | {left} | {doing}`,
    ...{ barsize: 24, hideCursor: true, clearOnComplete: false, emptyOnZero: true },
    stream: process.stderr,
  });
  const byLabel = new Map<string, SingleBar>();
  return {
    show: (builds) => {
      if (Date.now() - started < SHOWN_AFTER_MS) return;
      const shown = shownOf(builds);
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
