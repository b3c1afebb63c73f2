/** Who holds a name. */
export interface Holder {
  readonly owner: string;
  /** For how long, in milliseconds, since the owner last reserved it. */
  readonly heldMs: number;
}

/** Names that only one stream may hold, such as a film's external ids. */
export interface Reservations {
  /** Reserves what is free for the owner, renews what it holds, and tells who holds each name now. */
  reserve(names: readonly string[], owner: string): Promise<ReadonlyMap<string, Holder>>;
  /** Gives each name to another owner, if `from` still holds it. */
  takeOver(
    names: readonly { readonly name: string; readonly from: string }[],
    to: string,
  ): Promise<void>;
  /** Frees those of the names that the owner holds. */
  release(names: readonly string[], owner: string): Promise<void>;
  /** Who holds each of the names; those that nobody holds are absent. */
  holders(names: readonly string[]): Promise<ReadonlyMap<string, Holder>>;
}
