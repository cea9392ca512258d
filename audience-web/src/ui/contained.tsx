import { Component, type ComponentChildren } from 'preact';

/**
 * What breaks while it is drawn breaks alone: `instead` stands in its place, and the picture and everything else go on.
 * It is tried again when `of` is another value.
 */
export class Contained extends Component<
  { readonly of: unknown; readonly instead: ComponentChildren; readonly children: ComponentChildren },
  { readonly brokenOf: unknown; readonly broken: boolean }
> {
  override state = { brokenOf: undefined as unknown, broken: false };

  override componentDidCatch(error: unknown): void {
    console.error('rostrum: a part of the page broke', error);
    this.setState({ broken: true, brokenOf: this.props.of });
  }

  override render() {
    const { broken, brokenOf } = this.state;
    return broken && brokenOf === this.props.of ? this.props.instead : this.props.children;
  }
}
