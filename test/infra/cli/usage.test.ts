import { expect } from 'chai';
import { CommanderError, type Command } from 'commander';
import { reellogProgram } from '../../../src/infra/cli/program.js';
import { settings } from '../../../src/infra/config/settings.js';
import { runCli, type CliResult, type Settings } from '../../support/service/cliProcess.js';
import { rejection } from '../../support/deciders/rejection.js';

/** Nothing listens there. */
const DATABASE_URL = 'postgresql://reellog@127.0.0.1:1/reellog';

/** Every command with the words that lead to it. */
const commandsBelow = (
  command: Command,
  words: readonly string[],
): readonly (readonly [Command, string])[] => [
  [command, words.join(' ')],
  ...command.commands.flatMap((one) => commandsBelow(one, [...words, one.name()])),
];

const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
};

describe('The command line', () => {
  describe('explains itself', () => {
    const all = commandsBelow(reellogProgram(), ['reellog']);

    for (const [command, words] of all) {
      it(`with examples of ${words}`, () => {
        const help = helpOf(command);
        const [, examples = ''] = help.split('\nExamples:\n');
        const lines = examples
          .split('\n\n')[0]
          ?.split('\n')
          .filter((line) => line !== '');
        expect(lines, help).to.have.lengthOf.above(0);
        for (const line of lines ?? []) {
          expect(line).to.match(new RegExp(`^  ([A-Z_]+=\\S+ )*${words}( |$)`));
        }
      });
    }

    it('saying what every argument, option and command is for', () => {
      for (const [command, words] of all) {
        const { options, registeredArguments } = command;
        expect(command.description(), words).not.to.equal('');
        for (const one of [...options, ...registeredArguments]) {
          expect(one.description, words).to.match(/\w/);
        }
      }
    });

    it('with every setting, in the help of serve', () => {
      const serve = reellogProgram().commands.find((command) => command.name() === 'serve');
      const help = serve ? helpOf(serve) : '';
      for (const { name, meaning, fallbackText } of Object.values(settings)) {
        expect(help).to.include(name).and.include(meaning).and.include(fallbackText);
      }
    });
  });

  describe('refuses, with the way to the help,', () => {
    const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['nothing at all', [], /^Usage: reellog /],
      [
        'an unknown option',
        ['events', '--steam', 'x'],
        /^error: unknown option '--steam'\n\(Did you mean --stream\?\)\n\(see --help\)/,
      ],
      [
        'a type of event that there is not',
        ['events', '--type', 'MovieImported,MovieWachted'],
        /^error: option '--type <names>' argument '.*' is invalid\. there are: .*MovieWatched.*\n\(see --help\)/,
      ],
      [
        'a category of streams that there is not',
        ['events', '--category', 'film'],
        /is invalid\. there are: movie, collection, viewing, account, library\n\(see --help\)/,
      ],
      [
        'a day that there is not',
        ['events', '--since', '2026-02-30'],
        /^error: option '--since <time>' argument '2026-02-30' is invalid\. there is no such day\n/,
      ],
      [
        'what is no time',
        ['events', '--until', 'yesterday'],
        /is invalid\. not a date or time, such as 2026-02-06 or 2026-02-06T20:15Z\n/,
      ],
      [
        'what is no position',
        ['events', '--after', '-1'],
        /is invalid\. not a position of the log\n/,
      ],
      ['what is no id', ['events', '--user', 'me'], /is invalid\. not an id\n/],
      [
        'a format that there is not',
        ['events', '--format', 'xml'],
        /is invalid\. Allowed choices are ndjson, table\.\n/,
      ],
      [
        'options that exclude each other',
        ['events', '--stream', 'movie-1', '--category', 'movie'],
        /^error: option '--stream <name>' cannot be used with option '--category <name>'\n/,
      ],
      [
        'what is no moment',
        ['replay', 'stats', '--as-of', 'yesterday'],
        /is invalid\. not a date or time, such as /,
      ],
      [
        'a day that is yet to come',
        ['replay', 'stats', '--as-of', '2999-01-01'],
        /is invalid\. it lies in the future\n/,
      ],
      [
        'a missing argument',
        ['token', 'create'],
        /^error: missing required argument 'name'\n\(see --help\)/,
      ],
      [
        'one argument too many',
        ['migrate', 'now'],
        /^error: too many arguments for 'migrate'\. .*\n\(see --help\)/,
      ],
    ];
    for (const [what, args, message] of refusals) {
      it(what, async () => {
        const program = reellogProgram();
        let said = '';
        for (const [command] of commandsBelow(program, [])) {
          command.configureOutput({ writeErr: (part) => (said += part) });
        }
        const refusal = await rejection(program.parseAsync(args, { from: 'user' }), CommanderError);
        expect(refusal.exitCode).not.to.equal(0);
        expect(said).to.match(message);
      });
    }
  });

  describe('as a process', () => {
    const cases: Readonly<Record<string, readonly [readonly string[], Settings?]>> = {
      help: [['events', '--help']],
      'an unknown command': [['srve']],
      'a bad setting': [['serve'], { REELLOG_CONNECTIONS: 'many' }],
      'an unknown setting': [['serve'], { DATABASE_URL, REELLOG_DATADIR: '/srv' }],
    };
    const results = new Map<string, CliResult>();

    before(async () => {
      await Promise.all(
        Object.entries(cases).map(async ([name, [args, environment]]) => {
          results.set(name, await runCli(args, environment));
        }),
      );
    });

    it('prints help where it is asked for, which is no failure', () => {
      const { code, stdout, stderr } = results.get('help') ?? {};
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout)
        .to.match(/^Usage: reellog events /)
        .and.to.include('\nExamples:\n');
    });

    const refusals: Readonly<Record<string, RegExp>> = {
      'an unknown command': /^error: unknown command 'srve'\n\(Did you mean serve\?\)\n/,
      'a bad setting': /^REELLOG_CONNECTIONS must be a whole number from 4 to 500, not "many"\.\n$/,
    };

    for (const [name, message] of Object.entries(refusals)) {
      it(`refuses ${name}, says so, and exits with 2`, () => {
        const { code, stdout, stderr } = results.get(name) ?? {};
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr).to.match(message);
      });
    }

    it('tells of a setting that there is not, and goes on', () => {
      const { code, stderr } = results.get('an unknown setting') ?? {};
      expect(code).to.equal(4);
      expect(stderr).to.match(
        /^REELLOG_DATADIR is not a setting of Reellog: see "reellog serve --help"\.\nThe database is not available: /,
      );
    });
  });
});
