import { Type } from 'typebox';
import { eventType, type EventOf } from '../eventType.js';
import { Line, PersonalLine, SAYS, Uuid, Zone } from '../schemas.js';

const userId = Uuid;

export const Role = Type.Enum(['owner', 'admin', 'member']);

/** Of what a person prefers; grows as features do. */
export const Preferences = Type.Object(
  {
    /** How ratings are shown; stored ratings are always 0.0–10.0 (SEMANTICS D9). */
    ratingScale: Type.Optional(Type.Enum(['10', '5', '100'])),
    /** Take a film off the watchlist once it is watched. Default: off. */
    removeWatchedFromWatchlist: Type.Optional(Type.Boolean()),
    /** Until when a night belongs to the day before, on local clocks. Default: midnight. */
    dayEndsAt: Type.Optional(
      Type.String({
        pattern: '^(0[0-5]:[0-5]\\d|06:00)$',
        [SAYS]: 'must be a time from 00:00 to 06:00, such as 04:00',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The facts of an `account-<userId>` stream. */
export const accountEvents = {
  AccountRegistered: eventType(
    Type.Object(
      { userId, displayName: PersonalLine(100), role: Role, zone: Zone },
      { additionalProperties: false },
    ),
  ),
  /** Carries only what changed. */
  ProfileChanged: eventType(
    Type.Object(
      {
        userId,
        displayName: Type.Optional(PersonalLine(100)),
        zone: Type.Optional(Zone),
        preferences: Type.Optional(Preferences),
      },
      { additionalProperties: false },
    ),
  ),
  AccountRoleChanged: eventType(
    Type.Object({ userId, role: Role }, { additionalProperties: false }),
  ),
  /** Nobody signs in to it any more. What the person watched stays. */
  AccountRemoved: eventType(Type.Object({ userId }, { additionalProperties: false })),
  /** `all`, or the ids seen, such as `genre_explorer:gold`. */
  AchievementsSeen: eventType(
    Type.Object(
      {
        userId,
        achievements: Type.Union([
          Type.Literal('all'),
          Type.Array(Line(100), { minItems: 1, maxItems: 500, uniqueItems: true }),
        ]),
      },
      { additionalProperties: false },
    ),
  ),
} as const;

export type AccountEvent = EventOf<typeof accountEvents>;
