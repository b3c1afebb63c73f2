import type { Command } from 'commander';
import { writeLine } from '../terminal/output.js';
import { withDatabase } from '../session.js';
import { stopSignal } from '../stopSignal.js';

export const addMigrate = (program: Command): void => {
  program
    .command('migrate')
    .description("bring the database's tables up to date (serving does it, too)")
    .addHelpText(
      'after',
      '\nExamples:\n  reellog migrate\n  DATABASE_URL=postgresql://… reellog migrate\n',
    )
    .action(async () => {
      await withDatabase(stopSignal(), async (database) => {
        const rows = await database.query<{ name: string }>({
          text: 'select name from reellog_migrations order by name',
        });
        await writeLine(`The database is up to date: ${rows.length} migrations.`);
      });
    });
};
