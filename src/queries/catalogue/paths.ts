import { hasRole } from '../../domain/account/permissions.js';
import type { Asker } from '../query.js';

/** Where files are on the server is for those who run it. */
export const seesPaths = ({ role = 'member' }: Asker): boolean => hasRole(role, 'admin');
