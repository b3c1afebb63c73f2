import { SYSTEM, type ExecuteCommand } from '../../commands/command.js';
import type { MediaManager, UnreadableEntry } from '../../commands/ports/mediaManager.js';
import { CommandTallies, type CommandTotals, type Tally } from './commandTallies.js';
import { inParallel } from './inParallel.js';
import { libraryPlan, type FilmStep, type LibraryPlan } from './libraryPlan.js';
import type { KnownCatalogue } from './knownCatalogue.js';

/** What an import of a media manager's library did, or would do. */
export interface LibraryImport extends CommandTotals {
  /** How many films the library has that can be read. */
  readonly inLibrary: number;
  readonly films: Tally;
  /** Files attached, or found to be attached meanwhile. */
  readonly files: Tally;
  /** Files that are not there any more. */
  readonly detached: Tally;
  /** See `LibraryPlan`. */
  readonly doubtful: number;
  /** The first of the entries that cannot be read, and how many there are. */
  readonly unreadable: readonly UnreadableEntry[];
  readonly unreadableCount: number;
}

type Run = CommandTallies<'films' | 'files' | 'detached'>;

const SHOWN_UNREADABLE = 100;

/**
 * Brings the catalogue up to date with a media manager's library: films that it does not have are imported, files
 * attached, and those that are gone detached. Importing again goes on where an earlier import ended, and changes
 * nothing that is as it should be. Films that are known already keep their details: looking them up is another matter.
 * @throws {ProviderFailure} the library could not be read, and nothing was changed
 */
export const importLibrary = async (options: {
  readonly execute: ExecuteCommand;
  readonly manager: MediaManager;
  readonly catalogue: KnownCatalogue;
  /** The library that new films belong to. */
  readonly libraryId?: string | undefined;
  /** Tells what would be done, and does nothing. */
  readonly dryRun?: boolean;
  /** Commands under way at once. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (commands: number, of: number) => void;
}): Promise<LibraryImport> => {
  const { execute, manager, catalogue, libraryId, dryRun, atOnce, signal, onProgress } = options;
  // First: what is attached after the library was asked is not in its answer.
  const files = await catalogue.files(manager.source, signal);
  const kept = await manager.films(signal);
  const byTmdbId = await catalogue.byTmdbId(kept.films.map(({ details }) => details.tmdbId));
  const plan = libraryPlan(kept, { files, byTmdbId });
  const total = plan.films.length + plan.detach.length;
  let done = 0;
  const step = (): void => {
    done += 1;
    onProgress?.(done, total);
  };
  const run: Run = new CommandTallies(execute, () => undefined);
  if (dryRun !== true) {
    await inParallel(
      plan.films,
      atOnce,
      async (film) => {
        await importFilm(run, film, libraryId);
        step();
      },
      signal,
    );
    await inParallel(
      plan.detach,
      atOnce,
      async (data) => {
        await run.command('detached', `film ${data.movieId}`, {
          ...{ name: 'DetachFile', data, actor: SYSTEM },
        });
        step();
      },
      signal,
    );
    signal.throwIfAborted();
  }
  return {
    inLibrary: kept.films.length,
    ...(dryRun === true ? wouldBe(plan) : talliesOf(run)),
    doubtful: plan.doubtful,
    unreadable: kept.unreadable.slice(0, SHOWN_UNREADABLE),
    unreadableCount: kept.unreadable.length,
    ...run.totals(),
  };
};

const importFilm = async (
  run: Run,
  { film: { details }, movieId: known, attach }: FilmStep,
  libraryId: string | undefined,
): Promise<void> => {
  const what = `"${details.title}" (TMDb's ${details.tmdbId})`;
  const movieId =
    known ??
    (
      await run.command('films', what, {
        name: 'ImportMovie',
        data: { ...details, ...(libraryId === undefined ? {} : { libraryId }) },
        actor: SYSTEM,
      })
    )?.id;
  if (movieId === undefined || !attach) return;
  await run.command('files', what, {
    name: 'AttachFile',
    data: { movieId, ...attach },
    actor: SYSTEM,
  });
};

const talliesOf = (run: Run): Pick<LibraryImport, 'films' | 'files' | 'detached'> => ({
  films: run.of('films'),
  files: run.of('files'),
  detached: run.of('detached'),
});

const wouldBe = ({
  films,
  detach,
}: LibraryPlan): Pick<LibraryImport, 'films' | 'files' | 'detached'> => {
  const all = (added: number): Tally => ({ added, alreadyThere: 0, refused: 0 });
  return {
    films: all(films.filter(({ movieId }) => movieId === undefined).length),
    files: all(films.filter(({ attach }) => attach).length),
    detached: all(detach.length),
  };
};
