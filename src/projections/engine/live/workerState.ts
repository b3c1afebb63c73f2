/** What a read model's worker is doing; `outdated` while rows of another version are served until a rebuild is there. */
export type WorkerState =
  | { readonly state: 'starting' | 'standby' | 'catching-up' | 'live' | 'outdated' | 'stopped' }
  | { readonly state: 'failing'; readonly error: string; readonly attempts: number };
