import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';

import { createEventLog, type EventLogDouble } from './log/eventLog.js';
import { deletedStream, type EventRecord } from './log/eventRecord.js';
import type { Replicate } from './log/commits/replication.js';

/** A record as a line of the file has it; JSON has no infinite revision and no bytes. */
type Kept = Omit<EventRecord, 'revision' | 'data' | 'metadata'> & {
  readonly revision: number | null;
  readonly data: string;
  readonly metadata: string;
};

const toKept = ({ revision, data, metadata, ...rest }: EventRecord): Kept => ({
  ...rest,
  revision: revision === deletedStream ? null : revision,
  data: Buffer.from(data).toString('base64'),
  metadata: Buffer.from(metadata).toString('base64'),
});

const fromKept = ({ revision, data, metadata, ...rest }: Kept): EventRecord => ({
  ...rest,
  revision: revision ?? deletedStream,
  data: Buffer.from(data, 'base64'),
  metadata: Buffer.from(metadata, 'base64'),
});

/** A log that outlives its process. */
export interface KeptLog {
  readonly log: EventLogDouble;
  readonly close: () => void;
}

/**
 * Opens a log kept in a file, or begins one. Each write is a line of its own, on the disk before it
 * is answered. A last line without an end was never answered, and is cut off.
 */
export const openKeptLog = (file: string, replicate: Replicate): KeptLog => {
  const descriptor = openSync(file, 'a+');
  const content = readFileSync(file);
  const whole = content.subarray(0, content.lastIndexOf('\n') + 1);
  ftruncateSync(descriptor, whole.length);
  const restored = whole
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => (JSON.parse(line) as readonly Kept[]).map(fromKept));

  let isOpen = true;
  const keep = (records: readonly EventRecord[]): void => {
    if (!isOpen || records.length === 0) return;
    writeSync(descriptor, `${JSON.stringify(records.map(toKept))}\n`);
    fdatasyncSync(descriptor);
  };

  return {
    log: createEventLog({ restored, keep, replicate }),
    close: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
};
