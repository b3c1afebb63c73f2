/** Whether a value is an object with fields, such as a body of JSON: no list, no `null`. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
