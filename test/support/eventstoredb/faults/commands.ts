import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import type { EventStoreDouble } from '../double.js';

/** What `main.ts` is told on its standard input, a line each. */
export const commandUsage = `kill N | revive N | drop N | elect N | deaf N | hear N | user NAME`;

const obey = async (double: EventStoreDouble, line: string): Promise<object> => {
  const [verb, subject = ''] = line.trim().split(/\s+/);
  if (verb === 'user') return double.issueToUser(subject);
  const index = Number(subject);
  const node = double.nodes[index];
  if (node === undefined) throw new Error(`There is no node ${subject}.`);
  switch (verb) {
    case 'kill':
      node.kill();
      break;
    case 'revive':
      await node.revive();
      break;
    case 'drop':
      node.dropConnections();
      break;
    case 'elect':
      double.electLeader(index);
      break;
    case 'deaf':
    case 'hear':
      node.deaf = verb === 'deaf';
      break;
    default:
      throw new Error(`I only know ${commandUsage}.`);
  }
  return {};
};

/** Obeys one command after the other, and answers each with a line of JSON. */
export const obeyAll = async (
  double: EventStoreDouble,
  input: Readable,
  answer: (line: string) => void,
): Promise<void> => {
  for await (const line of createInterface({ input })) {
    try {
      answer(JSON.stringify({ done: line, ...(await obey(double, line)) }));
    } catch (error) {
      answer(JSON.stringify({ failed: line, reason: String(error) }));
    }
  }
};
