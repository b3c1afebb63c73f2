/** What Radarr calls otherwise than CLDR does, or joins with others. */
const OTHERWISE: Readonly<Record<string, string>> = { Flemish: 'nl', Tagalog: 'tl' };

let codes: ReadonlyMap<string, string> | undefined;

/** The ISO 639-1 code of a language by its English name; that of `Portuguese (Brazil)` is Portuguese's. */
export const languageCodeOf = (name: string | undefined): string | undefined => {
  if (name === undefined) return undefined;
  codes ??= namedCodes();
  const plain = name.replace(/\s*\(.*\)$/, '');
  return OTHERWISE[plain] ?? codes.get(plain);
};

const namedCodes = (): ReadonlyMap<string, string> => {
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  const letters = Array.from({ length: 26 }, (_, nth) => String.fromCharCode(0x61 + nth));
  return new Map(
    letters
      .flatMap((first) => letters.map((second) => first + second))
      // Two codes of one language: the newer one is the canonical.
      .filter((code) => Intl.getCanonicalLocales(code)[0] === code)
      .flatMap((code) => {
        const name = names.of(code);
        return name === undefined ? [] : [[name, code] as const];
      }),
  );
};
