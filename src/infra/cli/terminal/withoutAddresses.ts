/** Addresses of databases and logs, but for those that show their form. */
const ADDRESS =
  /\b(postgres(?:ql)?|esdb|kurrent(?:db)?|kdb)(\+discover)?:\/\/(?!user:password@|name-of-the-cluster)[^\s'"`]+/gi;

/** The same text without addresses, which may hold passwords. */
export const withoutAddresses = (text: string): string => text.replace(ADDRESS, '$1$2://…');
