import { hasRole, roleInWords, type Permission } from '../../domain/account/permissions.js';
import { CommandRejected, type CommandRequest } from '../command.js';

/**
 * Refuses a command of whoever does not have the role for it. What their token may be used for is checked where it
 * comes in.
 * @throws {CommandRejected} `forbidden`
 */
export const authorise = ({ name, data, actor }: CommandRequest, { role }: Permission): void => {
  if (!hasRole(actor.role, role)) throw forbidden(`${name} requires ${roleInWords[role]}.`);
  const grants = 'role' in data && data.role !== 'member';
  if (name === 'RegisterAccount' && grants && actor.role !== 'owner') {
    throw forbidden('Only an owner makes owners and admins.');
  }
};

const forbidden = (message: string): CommandRejected =>
  new CommandRejected({ kind: 'forbidden', code: 'forbidden', message });
