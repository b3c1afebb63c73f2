/** Letters that decompose into nothing but are typed as these, and letters that differ by their place in a word. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ŋ: 'ng', ĸ: 'k' },
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i', ƒ: 'f', ɨ: 'i', ʉ: 'u' },
  ς: 'σ',
  ...{ ך: 'כ', ם: 'מ', ן: 'נ', ף: 'פ', ץ: 'צ' },
  ى: 'ي',
};

/**
 * Accents, vowel points of Hebrew and Arabic, and variation selectors. Not the voicing marks of kana, nor the vowel
 * signs of Indic scripts: they make other letters.
 */
const DIACRITICS = /(?![\u3099\u309a])[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}]/gu;
/** What stands within a word without dividing it: apostrophes, soft hyphens, Arabic's stretching stroke, … */
const WITHIN = /[\p{Cf}'’‘`´\u02b9-\u02bf\u0640\u05f3\u05f4]/gu;
/** The point between letters of which each stands alone: `S.W.A.T.`, `M*A*S*H`, `E.T.`. */
const BETWEEN_INITIALS =
  /(?<=(?:^|[^\p{L}\p{M}\p{N}])\p{L})[^\p{L}\p{M}\p{N}\s&+](?=\p{L}(?![\p{L}\p{M}\p{N}]))/gu;
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}]+/gu;

/** Katakana lie this far behind the hiragana of the same sound. */
const KANA = 0x60;

const digitOf = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  // The digits of a script lie together, from 0 to 9 (Unicode Standard, 4.6).
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
};

/** The letters and signs that are left when case, diacritics, width and other variants do not matter. */
const lettersOf = (text: string): string =>
  // Most names are, and there are very many of them.
  /^\p{ASCII}*$/u.test(text) ? text.toLowerCase() : lettersOfUnicode(text);

const lettersOfUnicode = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, (mark) => mark.replace(DIACRITICS, ''))
    .toLowerCase()
    .replace(/[ßæœþŋĸøłđðħŧıƒɨʉςךםןףץى]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/(?![0-9])\p{Nd}/gu, digitOf)
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - KANA))
    .normalize('NFC');

/**
 * Text as people search for it and as it is sorted: words without case, diacritics and punctuation, divided by one
 * space. `Amélie` and `AMELIE` are the same, `S.W.A.T.` is `swat`. Of text that has no letters and no digits its
 * signs are left. It depends on Unicode alone, on no locale of the machine or of a database.
 */
export const folded = (text: string): string => {
  const letters = lettersOf(text);
  if (!hasWords(letters)) return letters.replace(/[\s\p{Cf}]+/gu, '');
  return letters
    .replace(WITHIN, '')
    .replace(BETWEEN_INITIALS, '')
    .replace(/&/g, ' and ')
    .replace(BETWEEN_WORDS, ' ')
    .trim();
};

/** Without spaces, in which titles differ as people type them: `starwars`, `walle`. */
export const joined = (foldedText: string): string => foldedText.replaceAll(' ', '');

/** Whether there is more than signs in it. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
