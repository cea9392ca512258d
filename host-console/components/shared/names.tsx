import { Fragment } from 'react';

/** Names in a row, none of which moves another, whatever direction it is written in. */
export function Names({ of }: { readonly of: readonly string[] }) {
  return of.map((name, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two people may have one name, and nothing here has a state
    <Fragment key={i}>
      {i > 0 ? ', ' : null}
      <bdi>{name}</bdi>
    </Fragment>
  ));
}
