import { LRUCache } from 'lru-cache';
import type { Permission } from '../../../domain/account/permissions.js';
import type { Question } from '../../../queries/queries.js';

/** What the URL of a request asks, with its parameters checked. */
export interface ParsedQuestion {
  readonly question: Question;
  readonly requires: Permission;
  /** The route that the URL matched. */
  readonly route: string | undefined;
}

/** Questions by URL, so that a URL is routed and its parameters are checked only once. */
export interface ParsedQuestions {
  /** @param url as it was sent, query string included */
  set(url: string, question: ParsedQuestion): void;
  get(url: string): ParsedQuestion | undefined;
}

const URLS = 10_000;
/** Longer URLs are not kept: they would take too much memory. */
const LONGEST = 500;

export const createParsedQuestions = (): ParsedQuestions => {
  const all = new LRUCache<string, ParsedQuestion>({ max: URLS });
  return {
    set: (url, question) => {
      if (url.length <= LONGEST && !all.has(url)) all.set(url, question);
    },
    get: (url) => all.get(url),
  };
};
