/**
 * A rating with its one decimal (SEMANTICS D9), free of what binary fractions leave behind: a client that adds 0.1 and
 * 0.2 says 0.30000000000000004.
 */
export const oneDecimal = (rating: number): number => Math.round(rating * 10) / 10;
