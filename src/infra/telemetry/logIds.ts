/** What belongs on every log line at this moment. */
export type LogIds = () => object;

let current: LogIds = () => ({});

/** The ids of the trace and span that are at work, where there is one; OpenTelemetry knows one for a process. */
export const logIds: LogIds = () => current();

/** From now on the ids come from there. @returns what ends it */
export const takeLogIdsFrom = (source: LogIds): (() => void) => {
  current = source;
  return () => {
    if (current === source) current = () => ({});
  };
};
