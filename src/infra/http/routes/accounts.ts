import { accounts } from '../../../queries/accounts/accounts.js';
import { commandRoute, queryRoute, type Route } from '../route.js';

const tag = 'Accounts and tokens';

/** The people of this installation. */
export const accountRoutes: readonly Route[] = [
  commandRoute({
    method: 'post',
    path: '/accounts',
    operationId: 'registerAccount',
    summary: 'Register a person (owners and admins)',
    tag,
    command: 'RegisterAccount',
    success: 201,
  }),
  queryRoute({
    path: '/accounts',
    operationId: 'listAccounts',
    summary: 'The people of this installation (owners)',
    tag,
    query: accounts,
  }),
  commandRoute({
    method: 'put',
    path: '/accounts/{userId}/role',
    operationId: 'changeRole',
    summary: 'Give a person another role (owners)',
    tag,
    command: 'ChangeRole',
  }),
  commandRoute({
    method: 'delete',
    path: '/accounts/{userId}',
    operationId: 'removeAccount',
    summary: 'Remove an account: its tokens are revoked, its history stays (owners)',
    tag,
    command: 'RemoveAccount',
    success: 204,
  }),
];
