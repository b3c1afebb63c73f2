import type { Static } from 'typebox';
import type { Role } from './events.js';

/** What a person is to this installation. */
export type RoleName = Static<typeof Role>;

/**
 * What a token may be used for: reading; one's own viewing, which is what a media player needs; every other change;
 * and what only owners and admins do to the service and to other people.
 */
export const scopes = ['read', 'watch', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** What a request takes. Everything that can be asked or commanded declares one. */
export interface Permission {
  /** The least role. */
  readonly role: RoleName;
  readonly scope: Scope;
}

/** What everybody with a token for it may read. */
export const mayRead: Permission = { role: 'member', scope: 'read' };

const ranks: Readonly<Record<RoleName, number>> = { member: 0, admin: 1, owner: 2 };

/** Whether a role is enough: owners may do what admins may, and admins what members may. */
export const hasRole = (role: RoleName, least: RoleName): boolean => ranks[role] >= ranks[least];

/** Whether scopes are enough. `write` includes `watch`; otherwise each allows only itself. */
export const hasScope = (granted: readonly Scope[], needed: Scope): boolean =>
  granted.includes(needed) || (needed === 'watch' && granted.includes('write'));

/** The roles that a permission takes, in words. */
export const roleInWords: Readonly<Record<RoleName, string>> = {
  member: 'any role',
  admin: 'the owner or admin role',
  owner: 'the owner role',
};
