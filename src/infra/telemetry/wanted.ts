import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { Exported } from './exported.js';
import type { Telemetry } from './telemetry.js';

/** Opens telemetry where something of it is wanted, and else loads nothing of it. @throws {CannotListen} */
export const openWantedTelemetry = async (options: {
  readonly config: Pick<Config, 'metricsHost' | 'metricsPort'>;
  readonly exported: Exported;
  readonly version: string;
  readonly logger: Logger;
}): Promise<Telemetry | undefined> => {
  const { config, exported, version, logger } = options;
  const { metricsHost: host, metricsPort: port } = config;
  if (port === undefined && !exported.traces && !exported.metrics) return undefined;
  const { openTelemetry } = await import('./telemetry.js');
  const metricsAt = port === undefined ? undefined : { host, port };
  return openTelemetry({ metricsAt, exported, version, logger });
};
