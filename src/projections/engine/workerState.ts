/** What a read model's worker is doing. */
export type WorkerState =
  | { readonly state: 'starting' | 'standby' | 'catching-up' | 'live' | 'stopped' }
  | { readonly state: 'failing'; readonly error: string; readonly attempts: number };
