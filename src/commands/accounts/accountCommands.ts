import { accountDecider, type AccountState } from '../../domain/account/account.js';
import type { AccountCommand } from '../../domain/account/commands.js';
import type { AccountEvent } from '../../domain/account/events.js';
import { accountStream } from '../../domain/streams.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandData, CommandOutcome } from '../command.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';

type Name = AccountCommand['type'];

const onAccount = <Type extends Name>(
  services: CommandServices,
  call: CommandCall,
  type: Type,
  data: CommandData<Type>,
  userId: string,
): Promise<CommandOutcome> =>
  handleCommand<AccountState, AccountCommand, AccountEvent>(services, call, {
    stream: accountStream(userId),
    decider: accountDecider,
    id: userId,
    command: () => () => ({ type, data, context: { now: call.now, userId } }) as AccountCommand,
  });

export const registerAccount = (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RegisterAccount'>,
): Promise<CommandOutcome> =>
  onAccount(services, call, 'RegisterAccount', data, data.userId ?? call.newId('account'));

/** A command on one's own account. */
export const onOwnAccount =
  <Type extends Exclude<Name, 'RegisterAccount' | 'ChangeRole' | 'RemoveAccount'>>(type: Type) =>
  (
    services: CommandServices,
    call: CommandCall,
    data: CommandData<Type>,
  ): Promise<CommandOutcome> =>
    onAccount(services, call, type, data, call.actor.userId);
