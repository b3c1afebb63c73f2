/** Which signals are sent to a collector. */
export interface Exported {
  readonly traces: boolean;
  readonly metrics: boolean;
}

export const nothingExported: Exported = { traces: false, metrics: false };

/**
 * What OpenTelemetry's variables ask to send. By its specification nothing set means a collector on this
 * machine; here it means none, so that a service that nobody has set up sends nothing anywhere.
 */
export const exportedBy = (environment: Readonly<Record<string, string | undefined>>): Exported => {
  const valueOf = (name: string): string => (environment[name] ?? '').trim();
  const asked = (signal: 'TRACES' | 'METRICS'): boolean => {
    const exporter = valueOf(`OTEL_${signal}_EXPORTER`);
    if (valueOf('OTEL_SDK_DISABLED').toLowerCase() === 'true' || exporter === 'none') return false;
    const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
    return exporter !== '' || endpoints.some((name) => valueOf(name) !== '');
  };
  return { traces: asked('TRACES'), metrics: asked('METRICS') };
};
