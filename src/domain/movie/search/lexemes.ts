/**
 * Pieces of text as PostgreSQL reads them: for a `tsvector` with a space between them, for a `tsquery` with an
 * operator (PostgreSQL's manual, "Text Search Types").
 */
export const lexemes = (pieces: Iterable<string>, between: ' ' | '|'): string =>
  Array.from(new Set(pieces), quoted).join(between);

const quoted = (piece: string): string =>
  `'${/['\\]/.test(piece) ? piece.replace(/['\\]/g, '$&$&') : piece}'`;
