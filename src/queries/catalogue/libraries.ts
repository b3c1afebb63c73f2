import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { LibraryKind } from '../../domain/library/events.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { byName } from '../../domain/movie/sortKey.js';
import { query } from '../query.js';
import { seesPaths } from './paths.js';

/** The folders of media. */
export const libraries = query({
  name: 'libraries',
  parameters: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object(
    {
      libraries: Type.Array(
        Type.Object(
          {
            id: Uuid,
            name: Type.String(),
            kind: LibraryKind,
            paths: Type.Optional(
              Type.Array(Type.String(), { description: 'Told to owners and admins alone.' }),
            ),
            createdAt: Instant,
            revision: Type.Integer({ minimum: 0 }),
          },
          { additionalProperties: false },
        ),
      ),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['libraries'],
  dependsOn: () => ['libraries:list'],
  variesBy: (asker) => (seesPaths(asker) ? 'paths' : ''),
  read: async (_, asker, readModels) => {
    const rows = await readModels.query<{
      library_id: string;
      name: string;
      kind: 'movies' | 'series';
      paths: string[];
      created_at: Date;
      revision: number;
    }>({
      name: 'libraries',
      text: 'select * from {libraries}.libraries order by name collate "C", library_id',
    });
    return {
      libraries: rows.toSorted(byName).map((row) => ({
        id: row.library_id,
        name: row.name,
        kind: row.kind,
        ...(seesPaths(asker) ? { paths: row.paths } : {}),
        createdAt: row.created_at.toISOString(),
        revision: row.revision,
      })),
    };
  },
});
