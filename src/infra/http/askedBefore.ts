import { LRUCache } from 'lru-cache';
import type { Question } from '../../queries/queries.js';

/** What addresses ask, found out once: routed, its parameters checked. */
export interface AskedBefore {
  /** @param url the address as it was sent, query string included */
  remember(url: string, question: Question): void;
  recall(url: string): Question | undefined;
}

const ADDRESSES = 10_000;
/** Longer ones are not worth the room. */
const LONGEST = 500;

export const createAskedBefore = (): AskedBefore => {
  const questions = new LRUCache<string, Question>({ max: ADDRESSES });
  return {
    remember: (url, question) => {
      if (url.length <= LONGEST && !questions.has(url)) questions.set(url, question);
    },
    recall: (url) => questions.get(url),
  };
};
