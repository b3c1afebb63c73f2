import type { Static, TSchema } from 'typebox';
import type { EventStore } from '../commands/ports/eventStore.js';
import type { Permission, RoleName } from '../domain/account/permissions.js';
import type { PartOfReadModel } from './ports/pastReadModels.js';
import type { StreamsOfLog } from './ports/pastEvents.js';
import type { Facts } from './ports/facts.js';
import type { ReadModels } from './ports/readModels.js';

/** Who asks; every person sees only their own data. */
export interface Asker {
  readonly userId: string;
  /** What the person is here; absent where nothing of the answer is for admins. */
  readonly role?: RoleName;
  /** The person's time zone now; "today" is a day of it. */
  readonly zone: string;
  /** Until when a night belongs to the person's day before, `HH:MM`; midnight if it does not. */
  readonly dayEndsAt?: string | undefined;
  readonly now: Date;
}

/** What one of the read models that a question reads is made of, for one answer as of a moment. */
export interface Source<Answer> extends Omit<PartOfReadModel, 'streams'> {
  /** Where the events are; what they are may depend on the answer as it is without this read model. */
  readonly streams: StreamsOfLog | ((answer: Answer) => StreamsOfLog);
}

/** Whose an answer is: `personal` ones are cached per person. */
export type Audience = 'everyone' | 'personal';

/**
 * One question clients ask: its parameters' and its answer's schemas, which read models it reads, and
 * the SQL. Answers are cached by name and parameters until one of `dependsOn` is invalidated.
 */
export interface Query<Parameters extends TSchema = TSchema, Answer extends TSchema = TSchema> {
  readonly name: string;
  /** TypeBox object of the path and query string parameters, already coerced and with defaults. */
  readonly parameters: Parameters;
  readonly answer: Answer;
  /** Who may ask. */
  readonly requires: Permission;
  readonly audience: Audience | ((parameters: Static<Parameters>) => Audience);
  /** The projections that must have reached a `Reellog-After` position. */
  readonly readModels: readonly string[] | ((parameters: Static<Parameters>) => readonly string[]);
  /** The invalidation keys (see `Projection.project`) after which the answer may differ. */
  readonly dependsOn: (parameters: Static<Parameters>, asker: Asker) => readonly string[];
  /**
   * What besides the parameters the answer depends on, as part of the cache key: the asker's local date
   * where "today" matters. Default: nothing.
   */
  readonly variesBy?: (asker: Asker) => string;
  /**
   * What the read models are made of, in this order, as far as this answer needs them. A question that says so
   * can be asked as of any moment of the past.
   */
  readonly sources?: (
    parameters: Static<Parameters>,
    asker: Asker,
  ) => readonly Source<Static<Answer>>[];
  /** Reads the answer; `undefined` when there is no such thing (404). */
  readonly read: (
    parameters: Static<Parameters>,
    asker: Asker,
    readModels: ReadModels,
  ) => Promise<Static<Answer> | undefined>;
  /**
   * Completes an answer with what others than the log know: it is kept for a minute at most. Answers as of a moment of
   * the past are without.
   */
  readonly withFacts?: (
    answer: Static<Answer>,
    asker: Asker,
    facts: Facts,
    asked: { readonly parameters: Static<Parameters>; readonly readModels: ReadModels },
  ) => Promise<Static<Answer>>;
  /** Where the read models have no answer yet to what is surely there: the answer as the log has it. */
  readonly readOfLog?: (
    parameters: Static<Parameters>,
    asker: Asker,
    log: Pick<EventStore, 'readStream' | 'readsMayLag'>,
  ) => Promise<Static<Answer> | undefined>;
}

/** Declares a query with its types inferred from the schemas. */
export const query = <Parameters extends TSchema, Answer extends TSchema>(
  definition: Query<Parameters, Answer>,
): Query<Parameters, Answer> => definition;

/** Whether an answer to these parameters is somebody's own. */
export const isPersonal = <Parameters extends TSchema>(
  { audience }: Pick<Query<Parameters>, 'audience'>,
  parameters: Static<Parameters>,
): boolean => (typeof audience === 'function' ? audience(parameters) : audience) === 'personal';

/** The read models that an answer to these parameters is read from. */
export const readModelsOf = <Parameters extends TSchema>(
  { readModels }: Pick<Query<Parameters>, 'readModels'>,
  parameters: Static<Parameters>,
): readonly string[] => (typeof readModels === 'function' ? readModels(parameters) : readModels);
