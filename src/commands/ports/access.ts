/** Who may sign in, as far as commands change it. */
export interface Access {
  /** Runs work that decides who the owners are: one at a time, in all processes. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Who may be an owner: everybody who was one when the log ended at a position, and perhaps some who are not any more.
   * @throws {CommandRejected} `contended` where that is not known in time
   */
  owners(upTo: bigint): Promise<readonly string[]>;
  /** The person has another role: no process goes on with the old one. */
  roleChanged(userId: string): Promise<void>;
  /** Ends every token of the person. */
  end(userId: string): Promise<void>;
}
