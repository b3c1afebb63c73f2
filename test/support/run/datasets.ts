import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Public datasets beside the repository, not in it: their licences do not let them be passed on with it. */
export const datasets = fileURLToPath(
  new URL('../../../../shared/data/datasets/', import.meta.url),
);

/**
 * For a suite's `before`: where something of the data beside the repository is not there the suite is pending, which
 * the report shows, and what it lacks is said.
 */
export const needs = (context: Mocha.Context, isThere: boolean, what: string): void => {
  if (isThere) return;
  process.stderr.write(`Not tested, for there is no ${what} beside the repository\n`);
  context.skip();
};

/** The same of a dataset. A folder that is there has to be complete: what is missing in it fails. */
export const needsDatasets = (context: Mocha.Context, what: string): void => {
  needs(context, existsSync(datasets), what);
};
