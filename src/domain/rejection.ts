/**
 * Every way in which a rule of the domain can refuse a command. `infra/http/problems.ts` maps each kind to one
 * status, in one place:
 *
 * - `invalid`: a value that its schema allows but a rule does not (a watch in the future): 422.
 * - `not-found`: the thing the command names does not exist, or not for this person: 404.
 * - `already-exists`: adding what is already there: 409, with the id of what is there.
 * - `conflict`: the state does not allow it: 409.
 * - `gone`: it was allowed once, the time for it is over: 410.
 */
export type Rejection =
  | {
      readonly kind: 'invalid';
      readonly code: string;
      readonly field: string;
      readonly message: string;
    }
  | { readonly kind: 'not-found'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'already-exists';
      readonly code: string;
      readonly message: string;
      readonly existingId: string;
    }
  | { readonly kind: 'conflict'; readonly code: string; readonly message: string }
  | { readonly kind: 'gone'; readonly code: string; readonly message: string };
