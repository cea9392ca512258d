import { namespacesLack } from './namespaces.ts';

test('where namespaces can be made nothing is lacking; where not, it is told with the reason and the mend', async () => {
  const lack = await namespacesLack();
  if (process.getuid?.() === 0 && lack === null) {
    // A name that cannot be made stands for a machine that makes none.
    expect(await namespacesLack('no/such/name')).toMatch(
      /^network namespaces: cannot be made \(.+\).*as root/,
    );
  } else expect(lack).toMatch(/^network namespaces: cannot be made \(.+\).*as root/);
});
