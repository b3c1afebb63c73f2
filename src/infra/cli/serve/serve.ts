import { Option, type Command } from 'commander';
import { openReellog, type Reellog } from '../../composition/service.js';
import { checkRole, type Config } from '../../config/config.js';
import { ROLES, settings } from '../../config/settings.js';
import { exportedBy } from '../../telemetry/exported.js';
import { writeLine } from '../terminal/output.js';
import { startUp, interruptible } from '../session.js';
import { stopSignal, untilStopped } from '../stopSignal.js';

const NAME_WIDTH = Math.max(...Object.values(settings).map(({ name }) => name.length));

const settingsHelp = `
Settings (environment variables):
${Object.values(settings)
  .map(
    ({ name, fallbackText, meaning }) =>
      `  ${name.padEnd(NAME_WIDTH)} ${meaning} Default: ${fallbackText}`,
  )
  .join('\n')}

Examples:
  reellog serve
  PORT=9000 REELLOG_DATA_DIR=/srv/reellog reellog serve
  DATABASE_URL=postgresql://reellog:secret@db/reellog HOST=0.0.0.0 reellog serve
  DATABASE_URL=postgresql://reellog:secret@db/reellog PORT=8081 reellog serve --role projector
`;

/** Says where the service is; in one piece, so that a program that reads along has all of it or nothing. */
export const announce = ({ url }: { url: string }, reellog: Reellog): Promise<void> => {
  const { version, config } = reellog;
  const lines = [`Reellog ${version} serves at ${url}`, `API documentation: ${url}/docs/`];
  if (config.baseUrl !== undefined) lines.push(`Clients reach it at ${config.baseUrl}`);
  if (reellog.metricsUrl !== undefined) lines.push(`Metrics: ${reellog.metricsUrl}`);
  if (reellog.ownerToken !== undefined) {
    lines.push(`Owner's token (shown this once): ${reellog.ownerToken}`);
  }
  return writeLine(lines.join('\n'));
};

/** The same for a process that does a part of the work and serves no API. */
const announcePart = ({ url }: { url: string }, reellog: Reellog): Promise<void> => {
  const { version, config, metricsUrl } = reellog;
  const lines = [`Reellog ${version} runs as ${config.role}`, `Health: ${url}/readyz`];
  if (metricsUrl !== undefined) lines.push(`Metrics: ${metricsUrl}`);
  return writeLine(lines.join('\n'));
};

export const addServe = (program: Command): void => {
  program
    .command('serve')
    .description('serve the API, keep the read models up to date, do scheduled work')
    .addOption(
      new Option(
        '--role <role>',
        'only a part of it, as REELLOG_ROLE does; with a PostgreSQL of your own',
      ).choices(ROLES),
    )
    .addHelpText('after', settingsHelp)
    .action(async (options: { readonly role?: Config['role'] }) => {
      const { config, logger } = startUp(options);
      checkRole(config);
      const signal = stopSignal();
      const { role } = config;
      const reellog = await interruptible(
        signal,
        openReellog(config, { logger, signal, exported: exportedBy(process.env) }),
      );
      try {
        if (role === 'all' || role === 'projector') {
          reellog.engine.start();
          reellog.reactions.start();
        }
        if (role === 'all' || role === 'jobs') {
          reellog.jobs.start();
          await reellog.backgroundWork?.start();
        }
        // Who starts it for the first time asks it at once.
        if (role === 'all') await reellog.made(signal);
        const served = await reellog.listen();
        if (role === 'all' || role === 'api') await announce(served, reellog);
        else await announcePart(served, reellog);
        await untilStopped(signal);
      } finally {
        await reellog.close();
      }
    });
};
