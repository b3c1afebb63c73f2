import { Type, type Static } from 'typebox';
import { achievements } from '../achievements/achievements.js';
import type { Instant } from '../schemas.js';
import { Name, Uuid, Zone } from '../schemas.js';
import { Preferences, Role } from './events.js';

const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** What concerns one person's account. */
export const accountCommands = {
  /** Without `userId` the id is new. Roles other than `member` take an owner. */
  RegisterAccount: object({
    userId: Type.Optional(Uuid),
    displayName: Name(100),
    role: Type.Optional(Role),
    timezone: Type.Optional(Zone),
  }),
  ChangeProfile: Type.Object(
    {
      displayName: Type.Optional(Name(100)),
      timezone: Type.Optional(Zone),
      preferences: Type.Optional(Preferences),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  /** Of anybody. An owner stays one while there is no other. */
  ChangeRole: object({ userId: Uuid, role: Role }),
  RemoveAccount: object({ userId: Uuid }),
  MarkAchievementsSeen: object({
    achievements: Type.Union([
      Type.Literal('all'),
      Type.Array(Type.Enum(achievements.map(({ id }) => id)), {
        minItems: 1,
        maxItems: 500,
        uniqueItems: true,
      }),
    ]),
  }),
} as const;

export interface AccountContext {
  readonly now: Instant;
  /** The account the command is about. */
  readonly userId: string;
  /** The account is an owner's, and there is no other owner; found out where it matters. */
  readonly isLastOwner?: boolean;
}

export type AccountCommand = {
  [Name in keyof typeof accountCommands]: {
    readonly type: Name;
    readonly data: Static<(typeof accountCommands)[Name]>;
    readonly context: AccountContext;
  };
}[keyof typeof accountCommands];
