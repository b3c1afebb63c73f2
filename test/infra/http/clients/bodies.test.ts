import { expect } from 'chai';
import { memberOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, prepare } from '../requests.js';

describe('Bodies of requests', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
  });

  after(async () => {
    await reellog.close();
  });

  const edit = (raw: string | Buffer, contentType: string): Promise<HttpAnswer> =>
    reellog.api({
      ...{ method: 'PATCH', path: `/movies/${FILM}`, raw },
      headers: { 'Content-Type': contentType },
    });

  it('are JSON under every name that clients give to it, and to UTF-8', async () => {
    for (const contentType of [
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'application/json; charset="utf-8"',
      'application/json; charset=utf8',
      'application/json; charset="UTF8"',
      'application/json; charset=us-ascii',
      'Application/JSON ; Charset=Utf8',
      'application/json; profile="a;b"; charset=utf8',
      'application/merge-patch+json',
      'application/vnd.reellog.film+json; charset=utf8',
    ]) {
      const { status, text } = await edit('{"tagline":"Größer"}', contentType);
      expect(status, `${contentType}: ${text}`).to.equal(200);
    }
    expect((await edit('\ufeff{"tagline":"With a mark"}', 'application/json')).status).to.equal(
      200,
    );
  });

  it('are refused in other encodings and types, with what to send', async () => {
    for (const [contentType, detail] of [
      ['application/json; charset=iso-8859-1', /UTF-8/],
      ['application/json; charset=utf-16', /UTF-8/],
      ['text/json', /application\/json/],
      ['application/x-www-form-urlencoded', /application\/json/],
      ['application', /application\/json/],
      ['application/json; charset', /UTF-8|JSON/],
    ] as const) {
      const { status, json } = await edit('{"tagline":"Never"}', contentType);
      if (contentType.endsWith('; charset')) expect(status, contentType).to.be.lessThan(500);
      else {
        expect(status, contentType).to.equal(415);
        expect(memberOf(json, 'detail'), contentType).to.match(detail);
      }
    }
  });

  it('say where they are not JSON', async () => {
    const { status, json } = await edit('{"tagline":"a"', 'application/json');
    expect(status).to.equal(400);
    expect(memberOf(json, 'detail')).to.match(/^The body is not valid JSON: .+position 14/);
  });

  it('may be null, empty or an empty object where none is wanted, in any type', async () => {
    const path = `/movies/${FILM}/favorite`;
    for (const [raw, headers] of [
      ['null', {}],
      [' null ', { 'Content-Type': 'application/json; charset=utf8' }],
      ['{}', {}],
      ['', {}],
      ['', { 'Content-Type': 'text/plain' }],
      [undefined, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }],
      [undefined, { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' }],
    ] as const) {
      const { status, text } = await reellog.api({
        ...{ method: 'PUT', path, headers },
        ...(raw === undefined ? {} : { raw }),
      });
      expect(status, `${String(raw)} ${JSON.stringify(headers)}: ${text}`).to.equal(200);
    }
    const removed = await reellog.api({ method: 'DELETE', path, raw: 'null' });
    expect(removed.status).to.equal(204);
  });

  it('are not null where one is wanted', async () => {
    const { status, json } = await reellog.api({ method: 'POST', path: '/movies', raw: 'null' });
    expect(status).to.equal(400);
    expect(memberOf(json, 'detail')).to.match(/JSON object/);
  });
});
