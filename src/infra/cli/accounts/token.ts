import { InvalidArgumentError, type Command } from 'commander';
import { scopes as allScopes, type Scope } from '../../../domain/account/permissions.js';
import { OWNER_ID } from '../../auth/owner.js';
import { accountOf } from '../../auth/signedIn.js';
import { UsageError } from '../exitCodes.js';
import { TokenRefused } from '../../auth/apiTokens.js';
import { json, table, writeLine } from '../terminal/output.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';

const DAY_MS = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const uuid = (text: string): string => {
  if (!UUID.test(text)) throw new InvalidArgumentError('not an id');
  return text;
};

const days = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 3650) {
    throw new InvalidArgumentError('not a number of days from 1 to 3650');
  }
  return value;
};

const scopes = (text: string): readonly Scope[] =>
  text.split(',').map((name) => {
    const scope = allScopes.find((one) => one === name);
    if (scope === undefined) {
      throw new InvalidArgumentError(`scopes are ${allScopes.join(', ')}`);
    }
    return scope;
  });

const ofUser = ['--user <id>', 'whose; default: the owner'] as const;

export const addToken = (program: Command): void => {
  const token = program
    .command('token')
    .description('make, list and revoke API tokens')
    .addHelpText(
      'after',
      `
Examples:
  reellog token create "media player" --scopes read,watch --days 365
  reellog token list --json
  reellog token revoke 0b8f1c1e-…
`,
    );

  token
    .command('create')
    .description('make a token; it is shown once')
    .argument('<name>', 'what it is for')
    .option(...ofUser, uuid, OWNER_ID)
    .option('--scopes <list>', `of ${allScopes.join(', ')}`, scopes, ['read', 'write'] as const)
    .option('--days <n>', 'valid for so many days; default: for ever', days)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      "\nScopes: read; watch (one's own viewing: what a media player needs); write (watch, the profile, tokens, and of\n" +
        'owners and admins the catalogue and libraries); admin (accounts, read models, parked events).\n' +
        '\nExamples:\n  reellog token create "media player" --scopes read,watch\n' +
        '  reellog token create dashboard --scopes read --days 365 --json\n',
    )
    .action(
      async (
        name: string,
        options: { user: string; scopes: readonly Scope[]; days?: number; json?: true },
      ) => {
        await withReellog(stopSignal(), async ({ tokens, eventStore }) => {
          const account = await accountOf(eventStore, options.user);
          if (account.status !== 'registered') {
            throw new UsageError(`There is no account ${options.user}.`);
          }
          const request = {
            userId: options.user,
            name,
            scopes: options.scopes,
            ...(options.days === undefined
              ? {}
              : { expiresAt: new Date(Date.now() + options.days * DAY_MS) }),
          };
          const made = await tokens.create(request).catch((error: unknown) => {
            if (error instanceof TokenRefused) throw new UsageError(error.message);
            throw error;
          });
          await writeLine(
            options.json === true ? json({ ...made.info, token: made.token }) : made.token,
          );
        });
      },
    );

  token
    .command('list')
    .description('list the tokens that are not revoked')
    .option(...ofUser, uuid, OWNER_ID)
    .option('--all', "everybody's")
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog token list\n  reellog token list --all\n  reellog token list --json | jq\n',
    )
    .action(async (options: { user: string; all?: true; json?: true }) => {
      await withReellog(stopSignal(), async ({ tokens }) => {
        const list = await tokens.list(options.all === true ? {} : { userId: options.user });
        await writeLine(
          options.json === true
            ? json(list)
            : table(
                list.map((info) => ({
                  id: info.id,
                  ...(options.all === true ? { user: info.userId } : {}),
                  name: info.name,
                  scopes: info.scopes.join(','),
                  created: info.createdAt,
                  expires: info.expiresAt ?? 'never',
                  'last used': info.lastUsedAt ?? 'never',
                })),
              ),
        );
      });
    });

  token
    .command('revoke')
    .description('revoke a token, whoever has it, and those made with it')
    .argument('<id>', 'of the token', uuid)
    .addHelpText('after', '\nExamples:\n  reellog token revoke 0b8f1c1e-…\n')
    .action(async (id: string) => {
      await withReellog(stopSignal(), async ({ tokens }) => {
        if ((await tokens.revoke(id)).length === 0) {
          throw new UsageError(`There is no token ${id}, or it is revoked already.`);
        }
        await writeLine('Revoked. A running service refuses it at once.');
      });
    });
};
