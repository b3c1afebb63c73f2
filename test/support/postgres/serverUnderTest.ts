import { resolve } from 'node:path';
import { checkedEventStoreUrl } from '../../../src/infra/config/eventStoreUrl.js';

const NAME = 'TEST_EVENTSTORE_URL';

/** Processes that tests start may be at work in another folder. */
const withWholePath = (url: string): string =>
  url.replace(/(?<=[?&]tlsCAFile=)[^&]+/i, (file) =>
    encodeURIComponent(resolve(decodeURIComponent(file))),
  );

/**
 * The EventStoreDB of `TEST_EVENTSTORE_URL`, which tests use instead of doubles where it is set: any connection string
 * that the service takes, with several hosts, a user, and a file with the CA's certificate.
 */
export const serverUnderTest = (): string | undefined => {
  const url = process.env[NAME];
  return url === undefined ? undefined : withWholePath(checkedEventStoreUrl(NAME, url));
};
