/** Scripts that are written without spaces: a word may begin at every letter. */
export const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Articles that people leave out, or put in. */
export const ARTICLE =
  /^(?:the|an|a|les|le|la|un|une|der|die|das|ein|eine|el|los|las|il|lo|gli|os|as|o|het|de|den|det|en|et|ett|az|egy) (?=.)/;
