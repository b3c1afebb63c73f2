import type { HttpRequest } from '../../../support/service/httpClient.js';
import { addressOf, goodBodies, routeOf } from '../requests.js';

/** A request that must be refused, and how. */
export interface BadRequest {
  /** What is bad about it. */
  readonly what: string;
  /** Below `/api/v1`, sent by the owner unless it says otherwise. */
  readonly request: HttpRequest;
  readonly status: number;
  /** The last part of the problem's `type`. */
  readonly type: string;
  /** The field, parameter or header to blame; absent where it is none of these. */
  readonly field?: string;
}

/** Bad requests to one route, or of one kind. */
export interface BadRequests {
  readonly about: string;
  readonly cases: readonly BadRequest[];
}

/** JSON as it is sent, for what `JSON.stringify` cannot write. */
export type JsonText = string;

export interface BadValue {
  readonly what: string;
  readonly json: JsonText;
  /** Where in the value the mistake is, as a dotted path. */
  readonly at?: string;
}

/** Puts each bad value into one field of a body that is good but for it. */
export const inField = (
  operationId: string,
  field: string,
  values: readonly BadValue[],
  around: object = goodBodies[operationId] ?? {},
): BadRequests => {
  const route = routeOf(operationId);
  return {
    about: `${operationId}'s ${field}`,
    cases: values.map(({ what, json, at }) => ({
      what,
      request: {
        method: route.method.toUpperCase(),
        path: addressOf(route),
        raw: withField(around, field, json),
      },
      status: 400,
      type: 'malformed',
      field: at === undefined ? field : `${field}.${at}`,
    })),
  };
};

const withField = (around: object, field: string, json: JsonText): string => {
  const others = Object.entries(around)
    .filter(([name]) => name !== field)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${[...others, `${JSON.stringify(field)}:${json}`].join(',')}}`;
};
