import type { Static, TObject, TSchema } from 'typebox';
import { Type } from 'typebox';
import { permissionOf } from '../../commands/commands.js';
import type { Permission } from '../../domain/account/permissions.js';
import type { CommandData, CommandName } from '../../domain/commandTypes.js';
import { commandTypes } from '../../domain/commandTypes.js';
import { UPLOAD } from '../../domain/images/artwork.js';
import { isRecord } from '../../domain/record.js';
import type { Query } from '../../queries/query.js';
import type { RebuildWatch } from '../../projections/rebuildWatch.js';
import type { ProjectionEngine } from '../../projections/engine/live/engine.js';
import type { ParkedActs } from '../../projections/engine/parking/parkedActs.js';
import type { Rebuilds } from '../../projections/rebuilds.js';
import type { LibraryImports } from '../imports/libraryImports.js';
import type { ApiTokens } from '../auth/apiTokens.js';
import type { SignedIn, SignIn } from '../auth/signedIn.js';
import type { Jobs } from '../jobs/jobs.js';
import type { QueuedWork } from '../jobs/queue/waitingWork.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What every route says of itself; the OpenAPI document is made of it. */
interface Documented {
  /** OpenAPI's form: `/movies/{movieId}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
}

/** Who may send a request to a route: asked before anything else of it is read. */
interface Restricted extends Documented {
  readonly requires: Permission;
}

/** A request that becomes a command. */
export interface CommandRoute extends Restricted {
  readonly kind: 'command';
  readonly method: Exclude<Method, 'get'>;
  readonly command: CommandName;
  readonly parameters: TObject;
  /** Absent for requests without a body, or with another one than JSON. */
  readonly body?: TSchema;
  /** The body is a picture: it is kept first, and the command gets what is known of it then. */
  readonly takesImage?: true;
  /** 201 for what a POST makes, 204 where there is nothing to say. */
  readonly success: 200 | 201 | 204;
  /** Where what was made can be found. */
  readonly location?: (id: string, parameters: Readonly<Record<string, string>>) => string;
  /** Fields of the command that the path gives, and the body must not. */
  readonly pathFields: readonly string[];
  /** What the request calls a field of the command: where a mistake in it is reported. */
  readonly requestField: (field: string) => string;
  /** The command's data from the path and the body, not yet checked: the command checks them. */
  readonly toData: (parameters: Readonly<Record<string, string>>, body: unknown) => unknown;
}

/** A request that asks a query. */
export interface QueryRoute extends Restricted {
  readonly kind: 'query';
  readonly method: 'get';
  readonly query: Query;
  /** What is not there, for the 404. */
  readonly missing?: string;
}

/** What plain routes work with. */
export interface RouteServices {
  readonly tokens: ApiTokens;
  readonly signIn: SignIn;
  readonly engine: ProjectionEngine;
  readonly rebuilds: Rebuilds;
  readonly rebuildWatch: RebuildWatch;
  readonly parked: ParkedActs;
  readonly jobs: Jobs;
  readonly queuedWork: QueuedWork;
  readonly imports: {
    readonly requests: LibraryImports;
    /** The media managers that are configured. */
    readonly sources: ReadonlySet<string>;
  };
}

/** What the service itself answers: tokens, read models' status. */
export interface PlainRoute extends Restricted {
  readonly kind: 'plain';
  readonly method: Method;
  /** Of the path and, where it takes any, the query string. */
  readonly parameters: TObject;
  readonly body?: TSchema;
  /** 202 for what goes on after the answer. */
  readonly success: 200 | 201 | 202 | 204;
  readonly answer?: TSchema;
  /** Where what the answer names can be found. */
  readonly location?: (id: string) => string;
  readonly handle: (request: {
    readonly parameters: unknown;
    readonly body: unknown;
    readonly signedIn: SignedIn;
    readonly services: RouteServices;
  }) => Promise<unknown>;
}

/** One of the events that a stream sends. */
export interface ServerSentEvent {
  /** Names the state that it tells: who has it already need not be told. */
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** What goes on being answered as server-sent events, until it has ended or nobody listens. */
export interface StreamRoute extends Restricted {
  readonly kind: 'stream';
  readonly method: 'get';
  readonly parameters: TObject;
  /** The events that it sends, by name, with what their data are. */
  readonly events: Readonly<Record<string, TSchema>>;
  /**
   * @param lastEventId the event that the reader had last
   * @returns the events, made when they are asked for; `undefined` when the reader has had the last of them
   */
  readonly open: (request: {
    readonly parameters: Readonly<Record<string, string>>;
    readonly lastEventId: string | undefined;
    readonly signal: AbortSignal;
    readonly services: RouteServices;
  }) => Promise<AsyncIterable<ServerSentEvent> | undefined>;
}

export type Route = CommandRoute | QueryRoute | PlainRoute | StreamRoute;

/** A command's route: its body is the command's data without what the path says. */
export const commandRoute = <Name extends CommandName>(route: {
  readonly method: Exclude<Method, 'get'>;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly command: Name;
  readonly success?: 200 | 201 | 204;
  readonly location?: CommandRoute['location'];
  /** Path parameters that the command calls otherwise: `{ watchId: 'playId' }`. */
  readonly rename?: Readonly<Record<string, keyof CommandData<Name> & string>>;
  /** The field that holds the whole body. */
  readonly bodyIs?: keyof CommandData<Name> & string;
}): CommandRoute => {
  const schema: TSchema = commandTypes[route.command];
  const properties = propertiesOf(schema);
  const named = parameterNames(route.path);
  const fieldOf = (parameter: string): string => route.rename?.[parameter] ?? parameter;
  const inPath = new Set(named.map(fieldOf));
  const rest = Object.entries(properties).filter(([name]) => !inPath.has(name));
  const bodySchema =
    route.bodyIs === undefined
      ? Type.Object(Object.fromEntries(rest), {
          additionalProperties: false,
          ...('minProperties' in schema ? { minProperties: Number(schema.minProperties) } : {}),
        })
      : properties[route.bodyIs];
  const hasBody = rest.length > 0 && bodySchema !== undefined;
  return {
    kind: 'command',
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    summary: route.summary,
    tag: route.tag,
    command: route.command,
    requires: permissionOf(route.command),
    success: route.success ?? 200,
    ...(route.location ? { location: route.location } : {}),
    parameters: Type.Object(
      Object.fromEntries(named.map((name) => [name, properties[fieldOf(name)] ?? Type.String()])),
    ),
    ...(hasBody ? { body: bodySchema } : {}),
    pathFields: [...inPath],
    requestField: (field) => {
      if (field === route.bodyIs) return '';
      if (field.startsWith(`${route.bodyIs ?? ''}.`)) return field.slice(field.indexOf('.') + 1);
      return named.find((parameter) => fieldOf(parameter) === field) ?? field;
    },
    toData: (parameters, body) => ({
      ...(hasBody && route.bodyIs !== undefined
        ? { [route.bodyIs]: body }
        : hasBody && isRecord(body)
          ? body
          : {}),
      ...Object.fromEntries(named.map((name) => [fieldOf(name), parameters[name]])),
    }),
  };
};

/** The route of a command that takes a person's picture as its body. */
export const imageRoute = (
  route: Omit<Parameters<typeof commandRoute<'StoreMovieImage'>>[0], 'bodyIs' | 'rename'>,
): CommandRoute => {
  const { body: _, ...command } = commandRoute(route);
  return {
    ...command,
    takesImage: true,
    toData: (parameters, image) => ({
      source: UPLOAD,
      ...(isRecord(image) ? image : {}),
      ...parameters,
    }),
  };
};

/** A query's route: parameters that the path does not name are the query string's. */
export const queryRoute = <Parameters extends TSchema, Answer extends TSchema>(
  route: Documented & { readonly query: Query<Parameters, Answer>; readonly missing?: string },
): QueryRoute => ({
  ...route,
  kind: 'query',
  method: 'get',
  // Checked against the query's own schema before it is asked.
  query: route.query,
  requires: route.query.requires,
});

export const plainRoute = <Body extends TSchema, Parameters extends TObject = TObject>(
  route: Omit<PlainRoute, 'kind' | 'parameters' | 'body' | 'handle'> & {
    readonly parameters?: Parameters;
    readonly body?: Body;
    readonly handle: (request: {
      readonly parameters: Static<Parameters>;
      readonly body: Static<Body>;
      readonly signedIn: SignedIn;
      readonly services: RouteServices;
    }) => Promise<unknown>;
  },
): PlainRoute => ({
  ...route,
  kind: 'plain',
  parameters: route.parameters ?? Type.Object({}),
  // Both were checked against their schemas before.
  handle: ({ parameters, body, ...request }) =>
    route.handle({
      parameters: parameters as Static<Parameters>,
      body: body as Static<Body>,
      ...request,
    }),
});

export const streamRoute = (route: Omit<StreamRoute, 'kind' | 'method'>): StreamRoute => ({
  ...route,
  kind: 'stream',
  method: 'get',
});

/** `movieId` and `watchId` of `/movies/{movieId}/watches/{watchId}`. */
export const parameterNames = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');

export const propertiesOf = (schema: TSchema): Readonly<Record<string, TSchema>> =>
  'properties' in schema ? (schema.properties as Record<string, TSchema>) : {};
