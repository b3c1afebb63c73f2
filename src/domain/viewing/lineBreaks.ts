/** Text of several lines with the one line break of ours: Windows ends its lines with two characters. */
export const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n');
