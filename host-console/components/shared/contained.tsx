'use client';

import { Component, type ReactNode } from 'react';

/** What breaks while it is drawn breaks alone: `instead` stands in its place until `of` is another value. */
export class Contained extends Component<
  { readonly of: unknown; readonly instead: ReactNode; readonly children: ReactNode },
  { readonly broken: boolean; readonly of: unknown }
> {
  override state = { broken: false, of: this.props.of };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  static getDerivedStateFromProps(
    props: { readonly of: unknown },
    state: { readonly broken: boolean; readonly of: unknown },
  ): { broken: boolean; of: unknown } | null {
    return props.of === state.of ? null : { broken: false, of: props.of };
  }

  override componentDidCatch(error: unknown): void {
    console.error('rostrum: a part of the page broke', error);
  }

  override render(): ReactNode {
    return this.state.broken ? this.props.instead : this.props.children;
  }
}
