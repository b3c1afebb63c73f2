import { SingleBar } from 'cli-progress';

/** Shows how far something is, with rate and time left, once it has taken a second. */
export interface Progress {
  update(done: number, total?: number): void;
  stop(): void;
}

const SHOWN_AFTER_MS = 1_000;
const LINE_EVERY_MS = 5_000;

/** A bar on a terminal, a line now and then elsewhere; on standard error, so that output can be piped. */
export const progressOf = (label: string, total: number, unit: string): Progress => {
  const started = Date.now();
  let most = total;
  let bar: SingleBar | undefined;
  let lineAt = started + LINE_EVERY_MS;
  const rate = (done: number) => Math.round((done / Math.max(Date.now() - started, 1)) * 1000);
  return {
    update: (done, newTotal) => {
      most = newTotal ?? most;
      const now = Date.now();
      if (now - started < SHOWN_AFTER_MS) return;
      if (process.stderr.isTTY) {
        if (!bar) {
          bar = new SingleBar({
            format: `${label} {bar} {percentage}% | {value}/{total} ${unit} | {rate}/s | {eta_formatted} left`,
            barsize: 30,
            hideCursor: true,
            stream: process.stderr,
          });
          bar.start(most, done, { rate: rate(done) });
        }
        bar.setTotal(most);
        bar.update(done, { rate: rate(done) });
      } else if (now >= lineAt) {
        lineAt = now + LINE_EVERY_MS;
        const left = Math.round((most - done) / Math.max(rate(done), 1));
        process.stderr.write(
          `${label}: ${done} of ${most} ${unit}, ${rate(done)}/s, ${left} s left\n`,
        );
      }
    },
    stop: () => {
      bar?.stop();
    },
  };
};
