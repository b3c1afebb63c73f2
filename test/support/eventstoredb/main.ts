import { parseArgs } from 'node:util';

import { commandUsage, obeyAll } from './faults/commands.js';
import { parseCosts } from './faults/costs.js';
import { startEventStoreDouble } from './double.js';

const usage = `Starts the EventStoreDB double as a process of its own.

  node --import tsx test/support/eventstoredb/main.ts [options]

  --nodes N               how many nodes vote on who leads (1)
  --read-only-replicas N  how many more only follow (0)
  --election N            how many milliseconds a cluster takes to elect another leader (0)
  --tls                   TLS, credentials and ACLs; otherwise the nodes are insecure
  --host-name NAME        a name that the certificate is for beside localhost; may be repeated
  --port N                the first node's port, the others taking the next ones (any free ones)
  --data FILE             keeps the log in a file, each write on disk before it is answered
  --costs COSTS           what takes its time: real, as on a server, or numbers such as
                          readMilliseconds=1.5,readsPerSecond=2000 (nothing)
  --max-append-bytes N    the most bytes that one append may have (1048576)
  --server-version V      what the nodes say they are
  --commands              obeys commands on standard input, a line each:
                          ${commandUsage}
  --help

Prints one line of JSON when it is ready, and ends on SIGTERM or SIGINT, or with the
Node process that started it.`;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1' },
    'read-only-replicas': { type: 'string', default: '0' },
    election: { type: 'string', default: '0' },
    tls: { type: 'boolean', default: false },
    'host-name': { type: 'string', multiple: true, default: [] },
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    costs: { type: 'string' },
    'max-append-bytes': { type: 'string' },
    'server-version': { type: 'string' },
    commands: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const numberOf = (name: string, text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} takes a number, not ${text}.`);
  return Number(text);
};

const run = async (): Promise<void> => {
  const maxAppendBytes = values['max-append-bytes'];
  const serverVersion = values['server-version'];
  const double = await startEventStoreDouble({
    nodes: numberOf('nodes', values.nodes),
    readOnlyReplicas: numberOf('read-only-replicas', values['read-only-replicas']),
    electionMilliseconds: numberOf('election', values.election),
    tls: values.tls,
    hostNames: values['host-name'],
    port: numberOf('port', values.port),
    ...(values.data !== undefined && { dataFile: values.data }),
    ...(values.costs !== undefined && { costs: parseCosts(values.costs) }),
    ...(maxAppendBytes !== undefined && {
      maxAppendBytes: numberOf('max-append-bytes', maxAppendBytes),
    }),
    ...(serverVersion !== undefined && { serverVersion }),
  });
  const { connectionString, caFile, nodes } = double;
  const close = (): void => {
    process.stdin.destroy();
    void double.close();
  };
  process.once('SIGTERM', close).once('SIGINT', close).once('disconnect', close);
  // The channel to whoever started it, if any, is there to be missed, not to stay for.
  process.channel?.unref();
  console.log(JSON.stringify({ connectionString, caFile, ports: nodes.map(({ port }) => port) }));
  if (values.commands) await obeyAll(double, process.stdin, console.log);
};

if (values.help) console.log(usage);
else await run();
