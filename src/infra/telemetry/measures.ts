import type { Meter } from '@opentelemetry/api';
import { histograms, observed, type HistogramName, type ObservedName } from './names.js';

/** What a measurement is of; few different ones, for each is a series of its own. */
export type Labels = Readonly<Record<string, string | number>>;

/** Gives the value of something that is looked up. */
export type Observe = (name: ObservedName, value: number, labels?: Labels) => void;

/** The instruments, on every meter that somebody collects from. */
export interface Measures {
  record(name: HistogramName, value: number, labels?: Labels): void;
  /** Asks a source for its values whenever somebody collects; a source that fails has none that time. */
  look(names: readonly ObservedName[], source: (observe: Observe) => Promise<void> | void): void;
}

export const createMeasures = (meters: readonly Meter[]): Measures => {
  const all = <Name extends string, Instrument>(
    table: Readonly<Record<Name, unknown>>,
    create: (name: Name, meter: Meter) => Instrument,
  ): Readonly<Record<Name, readonly Instrument[]>> => {
    const names = Object.keys(table) as Name[];
    return Object.fromEntries(
      names.map((name) => [name, meters.map((meter) => create(name, meter))]),
    ) as Record<Name, Instrument[]>;
  };
  const recorded = all(histograms, (key, meter) => {
    const { name, unit, description, buckets } = histograms[key];
    const advice = { explicitBucketBoundaries: [...buckets] };
    return meter.createHistogram(name, { unit, description, advice });
  });
  const looked = all(observed, (key, meter) => {
    const { kind, name, unit, description } = observed[key];
    return kind === 'gauge'
      ? meter.createObservableGauge(name, { unit, description })
      : meter.createObservableCounter(name, { unit, description });
  });
  return {
    record: (name, value, labels) => {
      for (const instrument of recorded[name]) instrument.record(value, labels);
    },
    look: (names, source) => {
      meters.forEach((meter, nth) => {
        const instruments = names.flatMap((name) => looked[name][nth] ?? []);
        meter.addBatchObservableCallback(async (result) => {
          await source((name, value, labels) => {
            const instrument = looked[name][nth];
            if (instrument) result.observe(instrument, value, labels);
          });
        }, instruments);
      });
    },
  };
};

/** Seconds since a moment that `performance.now()` told. */
export const secondsSince = (began: number): number => (performance.now() - began) / 1_000;
