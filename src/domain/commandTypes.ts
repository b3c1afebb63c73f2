import type { Static } from 'typebox';
import { accountCommands } from './account/commands.js';
import { libraryCommands } from './library/commands.js';
import { movieCommands } from './movie/commands.js';
import { viewingCommands } from './viewing/commands.js';

/** Every command by name, with the schema of its data: the one table that HTTP, CLI and imports share. */
export const commandTypes = {
  ...movieCommands,
  ...viewingCommands,
  ...accountCommands,
  ...libraryCommands,
} as const;

export type CommandName = keyof typeof commandTypes;
export type CommandData<Name extends CommandName> = Static<(typeof commandTypes)[Name]>;
