/** Names that only one stream may hold, such as a film's external ids. */
export interface Reservations {
  /** Reserves what is free for the owner, and tells who holds each name now. */
  reserve(names: readonly string[], owner: string): Promise<ReadonlyMap<string, string>>;
  /** Gives a name to another owner if `from` still holds it. */
  takeOver(name: string, from: string, to: string): Promise<boolean>;
  /** Frees those of the names that the owner holds. */
  release(names: readonly string[], owner: string): Promise<void>;
  /** Frees everything the owner holds beside these. */
  releaseAllBut(names: readonly string[], owner: string): Promise<void>;
  /** Who holds each of the names; those that nobody holds are absent. */
  holders(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
