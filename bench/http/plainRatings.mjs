// A route as one would write it without events: Express, pg and a table of ratings; JavaScript, so that Node runs it
// without a loader.
import process from 'node:process';
import express from 'express';
import pg from 'pg';
import { serveUntilTold } from './serve.mjs';

const [connectionString] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 10 });
await pool.query(
  `create table ratings (user_id uuid, movie_id uuid, rating numeric, rated_at timestamptz not null,
                         primary key (user_id, movie_id))`,
);
const app = express();
app.use(express.json());
app.put('/api/v1/movies/:movieId/rating', async (request, response) => {
  const { rows } = await pool.query({
    name: 'rate',
    text: `insert into ratings (user_id, movie_id, rating, rated_at) values ($1, $2, $3, now())
           on conflict (user_id, movie_id) do update set rating = excluded.rating, rated_at = now()
           returning *`,
    values: ['00000000-0000-4000-8000-000000000001', request.params.movieId, request.body.rating],
  });
  response.json(rows[0]);
});
await serveUntilTold(app);
await pool.end();
process.disconnect();
