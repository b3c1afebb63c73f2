import type { Command } from 'commander';
import { openReellog, type Reellog } from '../composition.js';
import { settings } from '../config/settings.js';
import { exportedBy } from '../telemetry/exported.js';
import { writeLine } from './output.js';
import { startUp, unlessStopped } from './session.js';
import { stopSignal, untilStopped } from './stopSignal.js';

const settingsHelp = `
Settings (environment variables):
${Object.values(settings)
  .map(
    ({ name, fallbackText, meaning }) => `  ${name.padEnd(26)} ${meaning} Default: ${fallbackText}`,
  )
  .join('\n')}

Examples:
  reellog serve
  PORT=9000 REELLOG_DATA_DIR=/srv/reellog reellog serve
  DATABASE_URL=postgresql://reellog:secret@db/reellog HOST=0.0.0.0 reellog serve
`;

/** Says where the service is; in one piece, so that a program that reads along has all of it or nothing. */
export const announce = ({ url }: { url: string }, reellog: Reellog): Promise<void> => {
  const lines = [`Reellog ${reellog.version} serves at ${url}`, `API documentation: ${url}/docs/`];
  if (reellog.metricsUrl !== undefined) lines.push(`Metrics: ${reellog.metricsUrl}`);
  if (reellog.ownerToken !== undefined) {
    lines.push(`Owner's token (shown this once): ${reellog.ownerToken}`);
  }
  return writeLine(lines.join('\n'));
};

export const addServe = (program: Command): void => {
  program
    .command('serve')
    .description('serve the API, with the read models kept up to date')
    .addHelpText('after', settingsHelp)
    .action(async () => {
      const signal = stopSignal();
      const { config, logger } = startUp();
      const reellog = await unlessStopped(
        signal,
        openReellog(config, { logger, signal, exported: exportedBy(process.env) }),
      );
      try {
        reellog.engine.start();
        await announce(await reellog.listen(), reellog);
        await untilStopped(signal);
      } finally {
        await reellog.close();
      }
    });
};
