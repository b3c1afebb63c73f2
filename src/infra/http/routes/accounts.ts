import { commandRoute, type Route } from '../route.js';

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
];
