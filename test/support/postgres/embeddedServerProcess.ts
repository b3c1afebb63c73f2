import { pino } from 'pino';
import { startEmbeddedServer } from '../../../src/infra/postgres/embedded/embeddedServer.js';

/** Run by `startServerProcess`: starts a server on the folder named, says where it is, and stays. */
const [dataDir = ''] = process.argv.slice(2);
process.stdout.write('starting\n');
try {
  const server = await startEmbeddedServer({ dataDir, logger: pino({ level: 'silent' }) });
  process.on('SIGTERM', () => {
    void server.stop().then(() => process.exit(0));
  });
  // Ends as one that forgot to stop its server.
  process.on('SIGUSR2', () => process.exit(0));
  process.stdout.write(
    `${JSON.stringify({ connectionString: server.connectionString, pid: server.pid() })}\n`,
  );
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
}
