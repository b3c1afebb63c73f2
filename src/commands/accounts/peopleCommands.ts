import { accountDecider, type AccountState } from '../../domain/account/account.js';
import type { AccountCommand } from '../../domain/account/commands.js';
import type { AccountEvent } from '../../domain/account/events.js';
import { accountStream } from '../../domain/streams.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandData, CommandOutcome } from '../command.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { CommandServices } from '../handling/services.js';

/** An owner gives a person another role. It counts at once, in every process. */
export const changeRole = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'ChangeRole'>,
): Promise<CommandOutcome> => {
  const outcome = await onPerson(services, call, { type: 'ChangeRole', data });
  await services.access.roleChanged(data.userId);
  return outcome;
};

/** An owner removes an account: nobody signs in to it any more. Its history stays. */
export const removeAccount = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RemoveAccount'>,
): Promise<CommandOutcome> => {
  const outcome = await onPerson(services, call, { type: 'RemoveAccount', data });
  await services.access.end(data.userId);
  return outcome;
};

type OnPerson =
  | { readonly type: 'ChangeRole'; readonly data: CommandData<'ChangeRole'> }
  | { readonly type: 'RemoveAccount'; readonly data: CommandData<'RemoveAccount'> };

/** Decided alone: two owners who remove each other at the same moment would leave none. */
const onPerson = (
  services: CommandServices,
  call: CommandCall,
  command: OnPerson,
): Promise<CommandOutcome> => {
  const { userId } = command.data;
  return services.access.alone(() =>
    handleCommand<AccountState, AccountCommand, AccountEvent>(services, call, {
      stream: accountStream(userId),
      decider: accountDecider,
      id: userId,
      command:
        () =>
        async ({ state }) => {
          const isOwner = state.status === 'registered' && state.role === 'owner';
          const isLastOwner = isOwner && !(await hasOtherOwner(services, userId));
          return { ...command, context: { now: call.now, userId, isLastOwner } };
        },
    }),
  );
};

const hasOtherOwner = async (services: CommandServices, userId: string): Promise<boolean> => {
  const { access, eventStore, streams } = services;
  const owners = await access.owners(await eventStore.headPosition());
  for (const other of owners) {
    if (other === userId) continue;
    // As the log has it: what is known of everybody may be a moment old.
    const { state } = await streams.load(accountStream(other), accountDecider);
    if (state.status === 'registered' && state.role === 'owner') return true;
  }
  return false;
};
