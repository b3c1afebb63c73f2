import { expect } from 'chai';
import { pino } from 'pino';
import { createFailureLog } from '../../../src/infra/http/failureLog.js';
import { problem } from '../../../src/infra/http/problems.js';

describe('The log of failures', () => {
  const exchange = { method: 'GET', url: '/api/v1/me/stats', correlationId: undefined };
  const setUp = () => {
    const lines: { level: number; unsaid?: number }[] = [];
    const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as never) });
    let at = 0;
    return {
      lines,
      log: createFailureLog(logger, () => at),
      pass: (ms: number) => {
        at += ms;
      },
    };
  };
  const unavailable = problem(503, 'unavailable', 'Too many ask at once.');

  it('has every mistake of ours, and nothing of what clients did wrong', () => {
    const { lines, log } = setUp();
    for (let time = 0; time < 3; time += 1) {
      log(new Error('x'), problem(500, 'internal'), exchange);
      log(new Error('x'), problem(429, 'too-many-requests'), exchange);
      log(new Error('x'), problem(404, 'not-found'), exchange);
    }
    expect(lines.map(({ level }) => level)).to.deep.equal([50, 50, 50]);
  });

  it('warns of refusals once in a while, and says how many there were', () => {
    const { lines, log, pass } = setUp();
    for (let time = 0; time < 1_000; time += 1) log(new Error('x'), unavailable, exchange);
    expect(lines.map(({ level }) => level)).to.deep.equal([40]);
    log(new Error('x'), problem(503, 'contended'), exchange);
    expect(lines).to.have.length(2);
    pass(10_001);
    log(new Error('x'), unavailable, exchange);
    expect(lines.at(-1)).to.include({ level: 40, unsaid: 999 });
  });
});
