import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { tokenOf } from '../data/dataFolders.js';
import { createHttpClient } from '../http/httpClient.js';
import { withService } from '../measuring/commandLine.js';
import { atAPace } from '../measuring/pacing.js';
import { median, quantile, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';

const PICTURES = 40;
const AT_ONCE = 4;
const WIDTHS = [160, 320, 640];
/** Of a browser that knows WebP, but not AVIF, and of one that knows both. */
const ACCEPT = { WebP: 'image/webp,*/*;q=0.8', AVIF: 'image/avif,image/webp,*/*;q=0.8' } as const;
const GETS_PER_SECOND = 100;
const IDLE_MS = 4_000;

/** A real poster, beside the repository as the datasets are. */
const POSTER = fileURLToPath(
  new URL('../../../shared/data/images/posters/spring-w780.jpg', import.meta.url),
);

/** Pictures of 500×750 that are no two the same. */
const posters = (round: string): Promise<readonly Buffer[]> =>
  Promise.all(
    Array.from({ length: PICTURES }, (_, nth) =>
      sharp(POSTER)
        .resize(500, 750, { fit: 'fill' })
        .modulate({ hue: nth * 9, brightness: 0.9 + round.length / 100 })
        .jpeg({ quality: 80 })
        .toBuffer(),
    ),
  );

interface Target {
  readonly url: string;
  readonly token: string;
  readonly film: string;
}

const answered = async (answer: Response): Promise<Response> => {
  if (answer.ok) return answer;
  throw new Error(`${answer.url} was answered with ${answer.status}: ${await answer.text()}`);
};

/** Sends a picture, and asks for it in three widths. */
const store = async (
  { url, token, film }: Target,
  picture: Buffer,
  accept: string,
): Promise<void> => {
  const headers = { authorization: `Bearer ${token}` };
  const body = new Uint8Array(picture);
  const sent = await answered(
    await fetch(`${url}${film}/images/poster`, { method: 'PUT', headers, body }),
  );
  const after = sent.headers.get('reellog-position') ?? '';
  const shown = await answered(
    await fetch(`${url}${film}`, { headers: { ...headers, 'Reellog-After': after } }),
  );
  const { artwork } = (await shown.json()) as {
    readonly artwork: { readonly poster?: { readonly url: string } };
  };
  const address = `${url}${artwork.poster?.url ?? ''}`;
  await Promise.all(
    WIDTHS.map(async (width) => {
      const small = await answered(
        await fetch(`${address}?width=${width}`, { headers: { accept } }),
      );
      await small.arrayBuffer();
    }),
  );
};

/** Each client has a film of its own, or one would wait for what the other changes. */
const storeAll = async (
  targets: readonly Target[],
  pictures: readonly Buffer[],
  accept: string,
): Promise<number> => {
  const started = performance.now();
  await Promise.all(
    targets.map(async (target, client) => {
      for (let nth = client; nth < pictures.length; nth += targets.length) {
        const picture = pictures[nth];
        if (picture) await store(target, picture, accept);
      }
    }),
  );
  return pictures.length / ((performance.now() - started) / 1_000);
};

const newFilm = async (url: string, token: string, title: string): Promise<string> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ title });
  const made = await fetch(`${url}/api/v1/movies`, { method: 'POST', headers, body });
  return (await answered(made)).headers.get('location') ?? '';
};

/** Pictures through the whole of it, over HTTP, while somebody else reads a film that is in the cache. */
export const imagesPipeline: BenchRow = {
  names: ['images.pipeline'],
  run: async ({ report }) => {
    const folder = await mkdtemp(join(tmpdir(), 'reellog-bench-images-'));
    try {
      return await withService(folder, async (url) => {
        const token = await tokenOf(folder);
        const targets: Target[] = [];
        for (let client = 0; client < AT_ONCE; client += 1) {
          targets.push({ url, token, film: await newFilm(url, token, `Film ${client}`) });
        }
        const other = await newFilm(url, token, 'Another');
        const client = createHttpClient(url, token);
        const ask = (until: AbortSignal) =>
          atAPace(GETS_PER_SECOND, until, async () => (await client.get(other)).ms);
        const rates = { WebP: [] as number[], AVIF: [] as number[] };
        const rises: number[] = [];
        try {
          for (let round = 0; round <= ROUNDS; round += 1) {
            for (const format of ['WebP', 'AVIF'] as const) {
              const pictures = await posters(`${format}${' '.repeat(round)}`);
              const idle = await ask(AbortSignal.timeout(IDLE_MS));
              const over = new AbortController();
              const storing = storeAll(targets, pictures, ACCEPT[format]).finally(() => {
                over.abort();
              });
              const [during, rate] = await Promise.all([ask(over.signal), storing]);
              const [before, meanwhile] = [quantile(idle, 0.99), quantile(during, 0.99)];
              report(
                `${format}, round ${round}/${ROUNDS}: ${rate.toFixed(1)}/s, cached GETs ${before.toFixed(1)} ms ` +
                  `idle, ${meanwhile.toFixed(1)} ms meanwhile`,
              );
              if (round === 0) continue;
              rates[format].push(rate);
              rises.push(meanwhile - before);
            }
          }
        } finally {
          client.close();
        }
        return {
          'images.pipeline': {
            value: median(rates.WebP),
            also: { what: 'ms more for cached GETs (p99)', value: median(rises), most: 5 },
            note: `as WebP; as AVIF ${median(rates.AVIF).toFixed(1)}/s`,
          },
        };
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
