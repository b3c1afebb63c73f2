/** What a projection tells every process when it commits. */
export type ChangeNotice =
  | {
      readonly projection: string;
      /** Decimal text of the position that the rows are true at now. */
      readonly position: string;
      /** The keys whose answers changed; the projection's own name stands for all of them. */
      readonly keys: readonly string[];
      /** Where the rows are from now on, where that is told. */
      readonly schema?: string;
    }
  | { readonly projection: string; readonly reset: true };

/** Where to hear of changes. */
export interface ChangeNotices {
  /** @returns how to stop following. */
  follow(follower: {
    readonly onNotice: (notice: ChangeNotice) => void;
    /** Notices may have been missed. */
    readonly onGap: () => void;
  }): () => void;
}
