/** One line of what Prometheus scrapes. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus makes of a scrape. */
export interface Scrape {
  readonly samples: readonly Sample[];
  /** By family: what its samples are. */
  readonly types: ReadonlyMap<string, string>;
  /** The sum of the samples of a name that have all of these labels; `undefined` where there are none. */
  readonly sum: (name: string, labels?: Readonly<Record<string, string>>) => number | undefined;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/** Reads the text format. @throws {Error} naming the line that is not of it */
export const parseMetrics = (text: string): Scrape => {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, family, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (family !== undefined && type !== undefined) types.set(family, type);
    else if (line !== '' && !line.startsWith('#')) samples.push(sampleOf(line));
  }
  return {
    samples,
    types,
    sum: (name, labels = {}) => {
      const wanted = Object.entries(labels);
      const found = samples.filter(
        (sample) =>
          sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
      );
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
};

const sampleOf = (line: string): Sample => {
  const [, name, labels = '', number] = SAMPLE.exec(line) ?? [];
  const value = number === '+Inf' ? Infinity : Number(number);
  if (name === undefined || Number.isNaN(value)) throw new Error(`not a sample: ${line}`);
  return { name, labels: labelsOf(labels), value };
};

const labelsOf = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    LABEL.lastIndex = at;
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not labels: ${text}`);
    labels[name] = value;
  }
  return labels;
};

/** Asks an endpoint as Prometheus does. */
export const scrape = async (url: string | undefined): Promise<Scrape> => {
  if (url === undefined) throw new Error('no metrics are served');
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Error(`metrics answered ${answer.status}`);
  return parseMetrics(await answer.text());
};
