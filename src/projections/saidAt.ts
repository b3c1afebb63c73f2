/** When a person rated, reviewed or listed a title: as they told it, else when it was recorded. */
export const saidAt = ({
  data: { at },
  recordedAt,
}: {
  readonly data: { readonly at?: string };
  readonly recordedAt: Date;
}): Date => (at === undefined ? recordedAt : new Date(at));
