import type { Static } from 'typebox';
import { accountCommands } from './account/commands.js';
import { internalCollectionCommands } from './collection/commands.js';
import { libraryCommands } from './library/commands.js';
import { movieCommands } from './movie/commands.js';
import { internalViewingCommands, viewingCommands } from './viewing/commands.js';

/** Every command by name, with the schema of its data: the one table that HTTP, CLI and imports share. */
export const commandTypes = {
  ...movieCommands,
  ...viewingCommands,
  ...accountCommands,
  ...libraryCommands,
} as const;

/** What only Reellog itself commands: no client can. */
export const internalCommandTypes = {
  ...internalViewingCommands,
  ...internalCollectionCommands,
} as const;

export type CommandName = keyof typeof commandTypes;
export type InternalCommandName = keyof typeof internalCommandTypes;
export type CommandData<Name extends CommandName> = Static<(typeof commandTypes)[Name]>;
