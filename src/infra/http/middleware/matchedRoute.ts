import type { RequestHandler, Response } from 'express';

/** Remembers which route a request met, for those who count them. */
export const noteRoute =
  (route: string): RequestHandler =>
  (_, response, next) => {
    noteMatchedRoute(response, route);
    next();
  };

export const noteMatchedRoute = (response: Response, route: string | undefined): void => {
  response.locals.route = route;
};

/** The route as the API's documents write it; `undefined` where there is nothing at the address. */
export const matchedRoute = ({ locals }: Response): string | undefined => {
  const route: unknown = locals.route;
  return typeof route === 'string' ? route : undefined;
};
