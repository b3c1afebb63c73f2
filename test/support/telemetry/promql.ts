import { parser } from '@prometheus-io/lezer-promql';

/** The series that an expression asks for. */
export interface Selector {
  readonly metric: string;
  /** By which they are chosen. */
  readonly labels: readonly string[];
}

/** What an expression is made of. */
export interface Expression {
  readonly selectors: readonly Selector[];
  /** By which it groups and matches. */
  readonly grouping: readonly string[];
}

/** Reads an expression by Prometheus' own grammar. @throws {Error} showing where it is wrong */
export const parsePromQl = (text: string): Expression => {
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  const within: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) throw new Error(`no PromQL: ${text.slice(0, from)}⚠${text.slice(from)}`);
      const word = text.slice(from, to);
      if (name === 'VectorSelector') selectors.push({ metric: '', labels: [] });
      const last = selectors.at(-1);
      if (name === 'Identifier' && within.at(-1) === 'VectorSelector' && last) last.metric = word;
      if (name === 'LabelName') {
        if (within.includes('LabelMatchers')) last?.labels.push(word);
        else grouping.push(word);
      }
      within.push(name);
    },
    leave: () => {
      within.pop();
    },
  });
  return { selectors, grouping };
};
