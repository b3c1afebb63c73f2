/** A schema's name in a statement. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
