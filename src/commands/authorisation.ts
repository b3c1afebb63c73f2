import type { CommandName } from '../domain/commandTypes.js';
import { CommandRejected, type Actor, type CommandRequest } from './command.js';

/** What is everybody's, and so not everybody's to change. */
const catalogueCommands: ReadonlySet<CommandName> = new Set<CommandName>([
  'ImportMovie',
  'EditMovieDetails',
  'RefreshMovieMetadata',
  'UnlockFields',
  'RemoveMovie',
  'RestoreMovie',
  'CreateLibrary',
  'RenameLibrary',
  'ChangeLibraryPaths',
  'RemoveLibrary',
  'RegisterAccount',
]);

const isAdmin = ({ role }: Actor): boolean => role === 'owner' || role === 'admin';

/** Members act on their own viewing and account only. @throws {CommandRejected} `forbidden` */
export const authorise = ({ name, data, actor }: CommandRequest): void => {
  if (catalogueCommands.has(name) && !isAdmin(actor)) {
    throw forbidden(`${name} takes an owner or an admin.`);
  }
  const grants = 'role' in data && data.role !== 'member';
  if (name === 'RegisterAccount' && grants && actor.role !== 'owner') {
    throw forbidden('Only an owner makes owners and admins.');
  }
};

const forbidden = (message: string): CommandRejected =>
  new CommandRejected({ kind: 'forbidden', code: 'forbidden', message });
