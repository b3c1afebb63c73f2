import type { Express, Request } from 'express';

/** Where clients reach the service: the setting, of which a reverse proxy may put a path in front of every address. */
export interface PublicAddress {
  /** Empty where it is not known; never ends with a slash. */
  readonly url: string;
  /** `/reellog` of `https://host/reellog`; empty where there is none. */
  readonly path: string;
}

/** @param baseUrl as it was set, checked */
export const publicAddressOf = (baseUrl: string | undefined): PublicAddress => {
  if (baseUrl === undefined) return { url: '', path: '' };
  const { origin, pathname } = new URL(baseUrl);
  const path = pathname.replace(/\/+$/, '');
  return { url: `${origin}${path}`, path };
};

/** What the service has at its root. */
const OWN = /^\/(?:api\/v1|docs|problems|healthz|readyz)(?=[/?]|$)/;
const SETTING = 'public path';

/**
 * Takes the path of the public address off the addresses of requests, so that proxies may leave it there or take it
 * off. It may itself look like an address of ours (`/api`): then it is taken off in front of another one alone.
 */
export const servePublicPath = (app: Express, path: string): void => {
  if (path === '') return;
  app.set(SETTING, path);
  app.use((request, _, next) => {
    const { url } = request;
    const rest = url.startsWith(path) ? url.slice(path.length) : url;
    if (/^(?:[/?]|$)/.test(rest) && (OWN.test(rest) || !OWN.test(url))) {
      request.url = rest.startsWith('/') ? rest : `/${rest}`;
      request.originalUrl = request.url;
    }
    next();
  });
};

/** An address of ours as clients know it. */
export const publicPath = ({ app }: Request, address: string): string => {
  const path: unknown = app.get(SETTING);
  return typeof path === 'string' ? `${path}${address}` : address;
};
