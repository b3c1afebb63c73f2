import { expect } from 'chai';
import type { Static, TSchema } from 'typebox';
import { validator } from '../../../src/domain/validation.js';
import type { RunningReellog } from './reellog.js';

/** What a question is answered with: all that is needed of a query to read its answers. */
interface Answers<Answer extends TSchema> {
  readonly answer: Answer;
}

/** Asks a running service over HTTP, as its clients do; each answer must be what its schema says. */
export const answersOf = (service: RunningReellog) => {
  /** @param path below `/api/v1`. @param token the owner's unless given */
  const ask = async <Answer extends TSchema>(
    { answer: schema }: Answers<Answer>,
    path: string,
    token = service.owner.token,
  ): Promise<Static<Answer>> => {
    const { status, text, json } = await service.api({ path, token });
    expect(status, `${path}: ${text}`).to.equal(200);
    const checked = validator(schema)(json);
    if (!checked.ok) throw new Error(`${path}: ${JSON.stringify(checked.errors)}`);
    return checked.value;
  };

  /** A whole list, page by page; the path must have a query string already. */
  const askAll = async <Answer extends TSchema, Entry>(
    query: Answers<Answer>,
    path: string,
    pageOf: (answer: Static<Answer>) => readonly [readonly Entry[], string | null],
    token?: string,
  ): Promise<readonly Entry[]> => {
    const all: Entry[] = [];
    let cursor = '';
    do {
      const [entries, next] = pageOf(await ask(query, `${path}${cursor}`, token));
      all.push(...entries);
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    return all;
  };

  return { ask, askAll };
};
