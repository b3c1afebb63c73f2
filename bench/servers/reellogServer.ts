import { once } from 'node:events';
import { configFrom } from '../../src/infra/config/config.js';
import { openReellog } from '../../src/infra/composition.js';
import { quiet, withTemporaryFolder } from '../temporaryServer.js';

/** Reellog as it is served, with one film, and the widest limit on how often it is asked. */
await withTemporaryFolder(async (dataDir) => {
  const config = configFrom({
    REELLOG_DATA_DIR: dataDir,
    PORT: '0',
    REELLOG_READ_LIMIT: '1000000',
  });
  const reellog = await openReellog(config, { logger: quiet });
  try {
    reellog.engine.start();
    const { url } = await reellog.listen();
    const headers = {
      authorization: `Bearer ${reellog.ownerToken ?? ''}`,
      'content-type': 'application/json',
    };
    const made = await fetch(`${url}/api/v1/movies`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        title: 'Stalker',
        originalTitle: 'Сталкер',
        releaseDate: '1979-05-25',
        runtimeMinutes: 162,
        genres: ['Drama', 'Science Fiction'],
        countries: ['SU'],
        languages: ['ru'],
        overview:
          'A guide leads a writer and a professor through the Zone, to a room that is said to grant wishes.',
        imdbId: 'tt0079944',
      }),
    });
    const movie = `${url}${made.headers.get('location') ?? ''}`;
    const answer = await fetch(movie, {
      headers: { ...headers, 'Reellog-After': made.headers.get('reellog-position') ?? '' },
    });
    if (!answer.ok) throw new Error(`the film is not there: ${answer.status}`);
    process.send?.({ url: movie, token: reellog.ownerToken, body: await answer.text() });
    await once(process, 'message');
  } finally {
    await reellog.close();
  }
});
process.disconnect();
